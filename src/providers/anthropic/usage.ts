import type { Usage } from "../../domain/usage.ts";
import type { Fields } from "../fields.ts";

/**
 * Tokens in OpenAI's sense: Anthropic's `input_tokens` are only those that no cache had a part in.
 *
 * https://docs.claude.com/en/docs/build-with-claude/prompt-caching#tracking-cache-performance
 */
export function usageOf(said: Fields): Usage {
  const input = count(said["input_tokens"]);
  const cached = count(said["cache_read_input_tokens"]);
  const cacheWrite = count(said["cache_creation_input_tokens"]);
  const completion = count(said["output_tokens"]);
  const prompt = input === null ? null : input + (cached ?? 0) + (cacheWrite ?? 0);
  const total = prompt === null || completion === null ? null : prompt + completion;
  return { prompt, completion, total, cached, cacheWrite, reasoning: null };
}

const count = (value: unknown): number | null =>
  typeof value === "number" && Number.isSafeInteger(value) && value >= 0 ? value : null;
