import { isRecord } from "../../core/record.ts";
import { endpoints } from "../../domain/endpoint.ts";
import type { Fields } from "../fields.ts";
import { finishReason } from "../finish_reason.ts";

/** The head of a chat's answer or chunk as a text completion's, its choices yet to come. */
export function textHead(body: Fields): Fields {
  const { id, created, model, system_fingerprint: fingerprint, usage } = body;
  return {
    id,
    object: endpoints.completions.object,
    created,
    model,
    ...(typeof fingerprint === "string" ? { system_fingerprint: fingerprint } : {}),
    ...(isRecord(usage) ? { usage } : {}),
  };
}

/** What a message or a delta says aloud: no thoughts, no calls. */
export function textOf(part: unknown): string {
  if (!isRecord(part)) return "";
  const { content, refusal } = part;
  if (typeof content === "string" && content !== "") return content;
  return typeof refusal === "string" ? refusal : "";
}

/** Reasons that a text completion has: what stopped for a call has stopped. */
export function textFinish(said: unknown): string | null {
  const reason = finishReason(said);
  return reason === "tool_calls" || reason === "function_call" ? "stop" : reason;
}

/**
 * Log probabilities of a chat in the older form; null where there are none. `start`: characters before the first token, the
 * prompt's among them.
 *
 * https://platform.openai.com/docs/api-reference/completions/object#completions/object-choices
 */
export function textLogprobs(said: unknown, start: number): Fields | null {
  const entries = isRecord(said) && Array.isArray(said["content"]) ? said["content"].filter(isRecord) : [];
  if (entries.length === 0) return null;
  let offset = start;
  const offsets = entries.map(({ token }) => {
    const at = offset;
    offset += typeof token === "string" ? lengthOf(token) : 0;
    return at;
  });
  return {
    tokens: entries.map(({ token }) => token),
    token_logprobs: entries.map(({ logprob }) => logprob),
    top_logprobs: entries.map(({ top_logprobs: top }) =>
      Object.fromEntries(
        (Array.isArray(top) ? top.filter(isRecord) : []).map(({ token, logprob }) => [
          String(token),
          logprob,
        ]),
      ),
    ),
    text_offset: offsets,
  };
}

/** Characters as OpenAI counts them: code points. */
export const lengthOf = (text: string): number => [...text].length;
