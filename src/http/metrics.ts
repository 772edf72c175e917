import { Elysia } from "elysia";
import type { Result } from "../core/result.ts";
import { refuse } from "../domain/refusal.ts";
import type { Snapshot } from "../domain/snapshot.ts";
import type { Condition } from "../gateway/condition.ts";
import type { Gateway } from "../gateway/gateway.ts";
import { authenticate, bearerOf, permit } from "../gateway/request/auth.ts";
import { commonHeaders } from "../gateway/response/headers.ts";
import { refusalResponse } from "../gateway/response/respond.ts";
import { contentTypes, type Exposition, expositionFor } from "../metrics/exposition.ts";
import type { Journal } from "../metrics/journal.ts";
import { keepingOf } from "../metrics/keeping.ts";
import { parseModels } from "../metrics/models.ts";
import { overviewOf } from "../metrics/overview.ts";
import { parseTrends } from "../metrics/trends_query.ts";
import type { BadQuery } from "../metrics/window.ts";
import { arrivalOf } from "./door.ts";

/** What metrics are told from. */
export interface MetricsFacts {
  readonly journal: Journal;
  /** The text of a scrape. */
  readonly scrape: (format: Exposition) => string;
  readonly conditions: () => readonly Condition[];
  readonly startedAt: number;
  /** Whether a token is the setting ADMIN_KEY, compared in constant time. */
  readonly isAdmin: (token: string) => boolean;
}

/** GET /metrics, /metrics/models, /metrics/trends: for viewers and admins, where there are keys. */
export function metrics({
  gateway,
  metrics: facts,
}: {
  readonly gateway: Gateway;
  readonly metrics: MetricsFacts;
}) {
  const { journal } = facts;
  const overview = async (request: Request) => {
    const format = expositionFor(request.headers.get("accept"));
    if (format !== null) return body(facts.scrape(format), contentTypes[format]);
    const now = gateway.wire.clock.now();
    const { generation, snapshot } = gateway.pointer.current();
    const tallies = await journal.tallies(now);
    if (!tallies.ok) return tallies;
    const { startedAt } = facts;
    const { inFlight } = gateway.traffic;
    const about = {
      now,
      startedAt,
      generation,
      digest: snapshot.digest,
      inFlight,
      providers: facts.conditions().map(shown),
    };
    return json(overviewOf(tallies.value, about));
  };
  const models = async (request: Request) => {
    const { snapshot } = gateway.pointer.current();
    const query = parseModels(
      new URL(request.url).searchParams,
      configured(snapshot),
      gateway.wire.clock.now(),
    );
    return query.ok ? jsonOf(await journal.models(query.value)) : query;
  };
  const trends = async (request: Request) => {
    const { snapshot } = gateway.pointer.current();
    const query = parseTrends(
      new URL(request.url).searchParams,
      keepingOf(snapshot),
      gateway.wire.clock.now(),
    );
    if (!query.ok) return query;
    const answer = await journal.trends(query.value);
    return answer.ok ? body(answer.value, "application/json") : answer;
  };
  const guarded =
    (answer: Answer) =>
    ({ request }: { readonly request: Request }) =>
      guard(gateway, facts, request, answer);
  return new Elysia({ name: "metrics" })
    .get("/metrics", guarded(overview))
    .get("/metrics/models", guarded(models))
    .get("/metrics/trends", guarded(trends));
}

type Body = { readonly content: string | Uint8Array<ArrayBuffer>; readonly type: string };
type Answer = (request: Request) => Promise<Body | Result<never, BadQuery>>;

async function guard(
  { pointer, state }: Gateway,
  facts: MetricsFacts,
  request: Request,
  answer: Answer,
): Promise<Response> {
  const arrival = arrivalOf(request);
  const live = pointer.current();
  const headers = commonHeaders(arrival, live);
  const token = bearerOf(request.headers);
  if (token === null || !facts.isAdmin(token)) {
    const known = authenticate(state, live.keyring, request.headers, arrival.at);
    if (!known.ok) return refusalResponse(known.error, headers);
    const role = permit(known.value, ["viewer", "admin"]);
    if (!role.ok) return refusalResponse(role.error, headers);
  }
  const answered = await answer(request);
  if ("ok" in answered) {
    if (answered.ok) return answered.value;
    const { message, param } = answered.error;
    return refusalResponse(
      refuse(param === null ? "internal_error" : "invalid_request", message, { param }),
      headers,
    );
  }
  headers["content-type"] = answered.type;
  headers["cache-control"] = "no-store";
  return new Response(answered.content, { headers });
}

const body = (content: Body["content"], type: string): Body => ({ content, type });
const json = (content: object): Body => body(JSON.stringify(content), "application/json");
const jsonOf = (result: Result<object, BadQuery>) => (result.ok ? json(result.value) : result);

const shown = ({ provider, healthy, circuit, limits }: Condition) => ({ provider, healthy, circuit, limits });

/** The public models of the file and the providers of their targets. */
const configured = ({ models, patterns }: Snapshot) =>
  [...models.values(), ...patterns].map(({ name, targets }) => ({
    model: name,
    providers: [...new Set(targets.map(({ provider }) => provider.name))],
  }));
