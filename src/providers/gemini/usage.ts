import { isRecord } from "../../core/record.ts";
import { noUsage, type Usage } from "../../domain/usage.ts";

/**
 * Tokens in our own form. Gemini counts thoughts beside the answer and what its tools read beside the prompt; cached tokens are
 * within the prompt. While an answer is under way it counts the prompt alone, and calls that the total.
 *
 * https://ai.google.dev/api/generate-content#UsageMetadata
 */
export function usageOf(said: unknown, hasEnded: boolean): Usage {
  if (!isRecord(said)) return noUsage;
  const reasoning = count(said["thoughtsTokenCount"]);
  const prompt = sum(count(said["promptTokenCount"]), count(said["toolUsePromptTokenCount"]));
  const written = sum(count(said["candidatesTokenCount"]) ?? count(said["responseTokenCount"]), reasoning);
  const all = count(said["totalTokenCount"]);
  const isWhole = hasEnded || written !== null;
  const rest = isWhole && all !== null && prompt !== null ? Math.max(0, all - prompt) : null;
  return {
    prompt,
    completion: written ?? rest,
    total: isWhole ? (all ?? (prompt === null || written === null ? null : prompt + written)) : null,
    cached: count(said["cachedContentTokenCount"]),
    cacheWrite: null,
    reasoning,
  };
}

const sum = (a: number | null, b: number | null): number | null => (a === null ? b : b === null ? a : a + b);

/** A whole number of tokens; anything else was not said. */
const count = (value: unknown): number | null =>
  typeof value === "number" && Number.isSafeInteger(value) && value >= 0 ? value : null;
