import { isRecord } from "../../core/record.ts";
import { ok, type Result } from "../../core/result.ts";
import type { Adapter, EncodedRequest, UpstreamRequest } from "../../domain/adapter.ts";
import { type Endpoint, endpoints } from "../../domain/endpoint.ts";
import type { FailureKind } from "../../domain/failure.ts";
import { decodeError } from "../failures.ts";
import { mapKept, withFields } from "../fields.ts";
import { Losses } from "../losses.ts";
import { hideMemory } from "../machine.ts";
import { decodeAnswer } from "./answer.ts";
import { chunkMachine } from "./chunks.ts";

/** How a server that speaks OpenAI's wire format differs from OpenAI. */
export interface Differences {
  readonly endpoints: readonly Endpoint[];
  /** Whether `stream_options.include_usage` can be sent; without it usage comes unasked. */
  readonly streamOptions: boolean;
  /** Fields it refuses or ignores, and what is lost without them. */
  readonly drops: Readonly<Record<string, string>>;
  /** Fields that it knows by another name. Nothing is lost, so nothing is said. */
  readonly renames: Readonly<Record<string, string>>;
  /** Values that it knows by another name: field, ours, theirs. */
  readonly values: Readonly<Record<string, Readonly<Record<string, string>>>>;
  /** Roles that it knows by another name. */
  readonly roles: Readonly<Record<string, string>>;
  /** Fields of messages that it refuses, though clients send answers back that have them; null where nothing is lost. */
  readonly messageDrops: Readonly<Record<string, string | null>>;
  /** What codes mean with it alone, in lower case. */
  readonly meaning: Readonly<Record<string, FailureKind>>;
}

/** No difference. */
export const none: Differences = {
  endpoints: ["chat", "completions", "embeddings"],
  streamOptions: true,
  drops: {},
  renames: {},
  values: {},
  roles: {},
  messageDrops: {},
  meaning: {},
};

/** The adapter of an OpenAI-compatible server. */
export function openAiCompatible(differences: Differences): Adapter {
  return {
    serves: (endpoint) => differences.endpoints.includes(endpoint),
    apiKeyHeader: "authorization",
    encode: (request) => encode(request, differences),
    decode: (body, request) => decodeAnswer(body, request, differences.meaning),
    decodeError: (status, body) => decodeError(status, body, differences.meaning),
    stream: (request) => hideMemory(chunkMachine(request, differences.meaning)),
  };
}

function encode(request: UpstreamRequest, differences: Differences): Result<EncodedRequest, string> {
  const losses = new Losses();
  const body = new Map<string, unknown>();
  for (const name in request.params) {
    const value = request.params[name];
    const lost = Object.hasOwn(differences.drops, name) ? differences.drops[name] : undefined;
    if (lost === undefined) put(body, name, value, differences);
    else losses.dropped(name, lost, value);
  }
  body.set("model", request.model);
  if (request.endpoint !== "embeddings") setStream(body, request, differences);
  const messages = body.get("messages");
  if (Array.isArray(messages)) {
    body.set(
      "messages",
      mapKept(messages, (message) => tidyMessage(message, differences, losses)),
    );
  }
  return ok({ path: endpoints[request.endpoint].path, body: Object.fromEntries(body), losses: losses.all });
}

function put(
  body: Map<string, unknown>,
  name: string,
  value: unknown,
  { renames, values }: Differences,
): void {
  const renamed = Object.hasOwn(renames, name) ? renames[name] : undefined;
  // The provider's own name, where a request has both, is the more exact one.
  if (renamed !== undefined && body.has(renamed)) return;
  const known = Object.hasOwn(values, name) ? values[name] : undefined;
  const other =
    known !== undefined && typeof value === "string" && Object.hasOwn(known, value)
      ? known[value]
      : undefined;
  body.set(renamed ?? name, other ?? value);
}

/** Usage is always asked for: limits, budgets and metrics settle on it. */
function setStream(
  body: Map<string, unknown>,
  request: UpstreamRequest,
  { streamOptions }: Differences,
): void {
  if (!streamOptions) body.delete("stream_options");
  if (!request.stream) {
    if (body.get("stream") === true) body.set("stream", false);
    return;
  }
  body.set("stream", true);
  const options = body.get("stream_options");
  if (request.provider.overrides["stream_options"] === null) body.delete("stream_options");
  else if (streamOptions) {
    body.set(
      "stream_options",
      isRecord(options) ? withFields(options, { include_usage: true }) : { include_usage: true },
    );
  }
}

function tidyMessage(message: unknown, { roles, messageDrops }: Differences, losses: Losses): unknown {
  if (!isRecord(message)) return message;
  const changes: Record<string, unknown> = {};
  for (const [name, lost] of Object.entries(messageDrops)) {
    if (!Object.hasOwn(message, name)) continue;
    changes[name] = undefined;
    if (lost !== null) losses.dropped("messages", lost, message[name], `messages[].${name}`);
  }
  const { role } = message;
  if (typeof role === "string" && Object.hasOwn(roles, role)) changes["role"] = roles[role];
  return withFields(message, changes);
}
