import { err, ok, type Result } from "../../core/result.ts";
import type { TraceContext } from "../../core/trace_context.ts";
import type { Share } from "../../core/units.ts";
import type { Endpoint } from "../../domain/endpoint.ts";
import { type Refusal, refuse } from "../../domain/refusal.ts";
import type { RouteRequest } from "../../domain/route.ts";
import type { ClientKey, Params, Snapshot } from "../../domain/snapshot.ts";
import { checkRequest, readRequest } from "../../openai/request.ts";
import type { Arrival } from "./arrival.ts";
import { attributionOf } from "./attribution.ts";
import { type JsonBody, readJson } from "./body.ts";
import { StickyChance, userHashOf } from "./sticky.ts";

/** A client's request, read and checked: what routing may know of it, and what goes upstream. */
export interface Ask {
  readonly route: RouteRequest;
  /** The body as it came. */
  readonly text: string;
  readonly body: Params;
  /** Every top-level field but `model`. */
  readonly params: Params;
  readonly stream: boolean;
  readonly includeUsage: boolean;
  readonly flags: { readonly tools: boolean; readonly images: boolean; readonly json: boolean };
  /** Passed on to the provider; null where nobody traces. */
  readonly trace: TraceContext | null;
  readonly userHash: string | null;
  readonly labels: Readonly<Record<string, string>>;
}

/** Who asks, and when: everything about a request that is not in its body. */
export interface Asker extends Pick<RouteRequest, "key" | "chance" | "stickyChance" | "arrivedAt"> {
  /** The end user, as named; it is kept as a hash. */
  readonly user: string | null;
  readonly labels: Readonly<Record<string, string>>;
}

/** Reads and checks the body. Only what the gateway itself reads is checked; the rest is the provider's to judge. */
export async function readAsk(
  endpoint: Endpoint,
  arrival: Arrival,
  snapshot: Snapshot,
  key: ClientKey | null,
  chance: Share,
): Promise<Result<Ask, Refusal>> {
  const read = await readJson(arrival.request, snapshot.http.maxBodyBytes);
  if (!read.ok) return read;
  const { text, value: body } = read.value;
  const checked = checkRequest(endpoint, body);
  if (!checked.ok)
    return err(refuse("invalid_request", checked.error.message, { param: checked.error.param }));

  return ok(askOf(endpoint, { text, value: body }, askerOf(arrival, snapshot, { key, chance }, body)));
}

/** Who sent a request, by its key, its headers and the attribution of the file. */
export function askerOf(
  arrival: Arrival,
  snapshot: Snapshot,
  { key, chance }: Pick<Asker, "key" | "chance">,
  body: Params,
): Asker {
  const { user, labels } = attributionOf(snapshot.attribution, arrival.request.headers, body);
  const stickyChance = new StickyChance(user, key?.id ?? null, arrival);
  return { key, chance, stickyChance, arrivedAt: arrival.at, user, labels };
}

/** The request that a checked body makes. */
export function askOf(endpoint: Endpoint, { text, value: body }: JsonBody, asker: Asker): Ask {
  const facts = readRequest(endpoint, body);
  const { user, labels, key, chance, stickyChance, arrivedAt } = asker;
  const { model: _, ...params } = body;
  return {
    route: {
      model: facts.model,
      endpoint,
      stream: facts.stream,
      key,
      textBytes: facts.textBytes,
      maxTokens: facts.maxTokens,
      n: facts.n,
      chance,
      stickyChance,
      arrivedAt,
    },
    text,
    body,
    params,
    stream: facts.stream,
    includeUsage: facts.includeUsage,
    flags: { tools: facts.tools, images: facts.images, json: facts.json },
    trace: null,
    userHash: user === null ? null : userHashOf(user),
    labels: { ...key?.labels, ...labels },
  };
}
