import { isRecord } from "../core/record.ts";
import { noUsage, type Usage } from "../domain/usage.ts";
import { type Fields, withFields } from "./fields.ts";

/** Tokens in our own form, from usage as any OpenAI-compatible server writes it. */
export function readUsage(said: unknown): Usage {
  if (!isRecord(said)) return noUsage;
  const promptDetails = fieldsOf(said["prompt_tokens_details"]);
  const completionDetails = fieldsOf(said["completion_tokens_details"]);
  const prompt = count(said["prompt_tokens"]) ?? count(said["input_tokens"]);
  const total = count(said["total_tokens"]);
  const reasoning = count(completionDetails["reasoning_tokens"]) ?? count(said["reasoning_tokens"]);
  let completion = count(said["completion_tokens"]) ?? count(said["output_tokens"]);
  // xAI leaves reasoning out of the answer's tokens, and bills it as such.
  if (
    prompt !== null &&
    completion !== null &&
    reasoning !== null &&
    reasoning > 0 &&
    total === prompt + completion + reasoning
  ) {
    completion += reasoning;
  }
  return {
    prompt,
    completion,
    total: total ?? (prompt === null ? null : prompt + (completion ?? 0)),
    cached: count(promptDetails["cached_tokens"]) ?? cachedElsewhere(said),
    cacheWrite: count(promptDetails["cache_write_tokens"]) ?? count(promptDetails["cache_creation_tokens"]),
    reasoning,
  };
}

/** The same usage as OpenAI's schema has it; the very object where nothing is to be changed, undefined where it cannot be made. */
export function usageJson(said: unknown): unknown {
  if (!isRecord(said)) return undefined;
  const usage = readUsage(said);
  const prompt =
    usage.prompt ?? (usage.total === null ? null : Math.max(0, usage.total - (usage.completion ?? 0)));
  if (prompt === null) return undefined;

  const changes: Record<string, unknown> = {};
  if (said["prompt_tokens"] !== prompt) changes["prompt_tokens"] = prompt;
  if (count(said["completion_tokens"]) === null) changes["completion_tokens"] = usage.completion ?? 0;
  if (count(said["total_tokens"]) === null) changes["total_tokens"] = usage.total ?? prompt;
  detail(said, "prompt_tokens_details", "cached_tokens", usage.cached, changes);
  detail(said, "completion_tokens_details", "reasoning_tokens", usage.reasoning, changes);
  return withFields(said, changes);
}

/** Usage of a chunk, wherever a server puts it; undefined when it has none. */
export function usageOfChunk(chunk: Fields): unknown {
  if (isRecord(chunk["usage"])) return chunk["usage"];
  const groq = chunk["x_groq"];
  if (isRecord(groq) && isRecord(groq["usage"])) return groq["usage"];
  const choice = Array.isArray(chunk["choices"]) ? chunk["choices"][0] : undefined;
  return isRecord(choice) && isRecord(choice["usage"]) ? choice["usage"] : undefined;
}

/** DeepSeek, Moonshot and Mistral. */
const cachedElsewhere = (said: Fields): number | null =>
  count(said["prompt_cache_hit_tokens"]) ?? count(said["cached_tokens"]) ?? count(said["num_cached_tokens"]);

function detail(
  said: Fields,
  group: string,
  name: string,
  tokens: number | null,
  changes: Record<string, unknown>,
): void {
  const details = said[group];
  if (tokens !== null && count(fieldsOf(details)[name]) === null) {
    changes[group] = { ...numbersOf(fieldsOf(details)), [name]: tokens };
  } else if (
    details !== undefined &&
    (!isRecord(details) || Object.values(details).some((value) => typeof value !== "number"))
  ) {
    changes[group] = isRecord(details) ? numbersOf(details) : undefined;
  }
}

const numbersOf = (details: Fields): Fields =>
  Object.fromEntries(Object.entries(details).filter(([, value]) => typeof value === "number"));

const fieldsOf = (value: unknown): Fields => (isRecord(value) ? value : {});

/** A whole number of tokens; anything else was not said. */
const count = (value: unknown): number | null =>
  typeof value === "number" && Number.isSafeInteger(value) && value >= 0 ? value : null;
