import { isRecord } from "../../core/record.ts";
import type { Params } from "../../domain/snapshot.ts";
import type { Fields } from "../fields.ts";
import type { Losses } from "../losses.ts";

const noCounterpart = "Anthropic has no counterpart";

/** Fields of OpenAI's that are read elsewhere, or whose absence changes nothing. */
const understood: ReadonlySet<string> = new Set([
  ...["messages", "max_tokens", "max_completion_tokens", "temperature", "top_p", "top_k", "stop"],
  ...["tools", "tool_choice", "parallel_tool_calls", "response_format", "reasoning_effort"],
  ...[
    "stream",
    "stream_options",
    "user",
    "safety_identifier",
    "metadata",
    "service_tier",
    "web_search_options",
  ],
]);

/** Fields of Anthropic's own that clients who know it may send. */
const own: ReadonlySet<string> = new Set([
  ...["cache_control", "container", "context_management", "inference_geo", "mcp_servers", "speed"],
]);

/** Read where they act. */
const ownElsewhere: ReadonlySet<string> = new Set(["thinking", "output_config"]);

/** Values that ask for what happens anyway. */
const neutral: Readonly<Record<string, unknown>> = {
  n: 1,
  presence_penalty: 0,
  frequency_penalty: 0,
  top_logprobs: 0,
};

/** Names every field that the API has no counterpart for. */
export function dropUnknown(params: Params, losses: Losses): void {
  for (const [name, value] of Object.entries(params)) {
    if (understood.has(name) || own.has(name) || ownElsewhere.has(name)) continue;
    if (Object.hasOwn(neutral, name) && neutral[name] === value) continue;
    if (name === "modalities" && Array.isArray(value) && value.every((mode) => mode === "text")) continue;
    if (name === "functions" || name === "function_call") {
      losses.dropped(name, "Anthropic is reached by tools only", value);
    } else losses.dropped(name, noCounterpart, value);
  }
}

/** What goes along by Anthropic's name: the end user, the tier, and its own fields. */
export function ownFields(params: Params, losses: Losses): Fields {
  const fields: Record<string, unknown> = {};
  for (const name of own) if (params[name] !== undefined) fields[name] = params[name];
  const user = userOf(params, losses);
  if (user !== null) fields["metadata"] = { user_id: user };
  const tier = tierOf(params["service_tier"], losses);
  if (tier !== null) fields["service_tier"] = tier;
  return fields;
}

/** The longest `metadata.user_id` that is accepted, in characters. */
const longestUser = 256;

function userOf(params: Params, losses: Losses): string | null {
  const { metadata } = params;
  const tagged = isRecord(metadata) ? metadata["user_id"] : undefined;
  const others = isRecord(metadata) ? Object.keys(metadata).filter((name) => name !== "user_id") : [];
  losses.dropped("metadata", "Anthropic keeps a user_id only", others.length > 0);
  const user = [params["user"], params["safety_identifier"], tagged].find(
    (name) => typeof name === "string" && name !== "",
  );
  if (typeof user !== "string") return null;
  if (user.length <= longestUser) return user;
  losses.dropped("user", `it is longer than ${longestUser} characters`, true);
  return null;
}

function tierOf(tier: unknown, losses: Losses): string | null {
  if (tier === "auto" || tier === "standard_only") return tier;
  if (tier === "default") return "standard_only";
  losses.dropped("service_tier", "Anthropic knows auto and default", tier);
  return null;
}
