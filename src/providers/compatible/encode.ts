import { isRecord } from "../../core/record.ts";
import { err, ok, type Result } from "../../core/result.ts";
import type { EncodedRequest, UpstreamRequest } from "../../domain/adapter.ts";
import { endpoints } from "../../domain/endpoint.ts";
import { mapKept, withFields } from "../fields.ts";
import { Losses } from "../losses.ts";
import type { Differences } from "./differences.ts";

/** A request in the words of an OpenAI-compatible server. What needs no change is the very value that came. */
export function encodeRequest(
  request: UpstreamRequest,
  differences: Differences,
): Result<EncodedRequest, string> {
  const losses = new Losses();
  const body = new Map<string, unknown>();
  for (const name in request.params) {
    const value = request.params[name];
    const lost = lossOf(name, value, differences);
    if (lost === null) put(body, name, atMost(name, value, differences, losses), request, differences);
    else if (!isNeutral(name, value, differences))
      losses.dropped(name, lost, asksFor(name, value, differences));
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
  const refused = differences.adjust?.(body, request, losses) ?? null;
  return refused === null
    ? ok({ path: endpoints[request.endpoint].path, body: Object.fromEntries(body), losses: losses.all })
    : err(refused);
}

/** Why a field cannot be sent; null when it can. */
function lossOf(name: string, value: unknown, { drops, only }: Differences): string | null {
  if (Object.hasOwn(drops, name)) return drops[name] ?? null;
  if (!Object.hasOwn(only, name) || value === only[name]) return null;
  return `the model takes ${JSON.stringify(only[name])} alone`;
}

const isNeutral = (name: string, value: unknown, { neutral }: Differences): boolean =>
  Object.hasOwn(neutral, name) &&
  (value === neutral[name] || JSON.stringify(value) === JSON.stringify(neutral[name]));

function atMost(name: string, value: unknown, { most }: Differences, losses: Losses): unknown {
  const largest = Object.hasOwn(most, name) ? most[name] : undefined;
  if (largest === undefined || typeof value !== "number" || value <= largest) return value;
  losses.say(name, `${name} lowered from ${value} to ${largest}: the provider takes no more`);
  return largest;
}

/** False asks for nothing, unless something else is what happens anyway. */
const asksFor = (name: string, value: unknown, { neutral }: Differences): unknown =>
  value === false && Object.hasOwn(neutral, name) ? true : value;

function put(
  body: Map<string, unknown>,
  name: string,
  value: unknown,
  { endpoint }: UpstreamRequest,
  { renames, values }: Differences,
): void {
  const renamed =
    endpoint === "completions" && name === "max_completion_tokens"
      ? "max_tokens"
      : Object.hasOwn(renames, name)
        ? renames[name]
        : undefined;
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

function tidyMessage(message: unknown, differences: Differences, losses: Losses): unknown {
  const { roles, roleLoss, messageDrops } = differences;
  if (!isRecord(message)) return message;
  const changes: Record<string, unknown> = {};
  for (const [name, lost] of Object.entries(messageDrops)) {
    if (!Object.hasOwn(message, name)) continue;
    changes[name] = undefined;
    if (lost !== null) losses.dropped("messages", lost, message[name], `messages[].${name}`);
  }
  const { role } = message;
  if (typeof role === "string" && Object.hasOwn(roles, role)) {
    changes["role"] = roles[role];
    if (roleLoss !== null)
      losses.say("messages", `messages[].role ${role} sent as ${roles[role]}: ${roleLoss}`);
  }
  return withFields(message, changes);
}
