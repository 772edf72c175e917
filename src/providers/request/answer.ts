import { valueAt } from "../../core/json_pointer.ts";
import { isRecord } from "../../core/record.ts";
import type { Decoded, UpstreamRequest } from "../../domain/adapter.ts";
import { type Failure, failure } from "../../domain/failure.ts";
import type { AnswerTemplate } from "../../domain/service.ts";
import { noUsage, type Usage } from "../../domain/usage.ts";
import { boundedSentence, type ProviderError, readError } from "../../openai/error.ts";
import { errorIn } from "../compatible/answer.ts";
import { composeAnswer, headOf } from "../compose.ts";
import { failureOf } from "../failures.ts";
import { fingerprint } from "../fingerprint.ts";

/** Reads a whole answer as the file says it is written. */
export function decodeByTemplate(body: unknown, request: UpstreamRequest, template: AnswerTemplate): Decoded {
  const failed = errorAt(body, template.error);
  if (failed !== null) return { ok: false, failure: failed };
  const text = valueAt(body, template.text);
  if (typeof text !== "string") {
    const other = usualError(body);
    return {
      ok: false,
      failure: other ?? failure("malformed", `the answer has no text at ${template.text}`),
    };
  }
  const usage = usageAt(body, template);
  const head = headOf(request, `chatcmpl-${fingerprint(`${request.at} ${text}`)}`, request.model);
  return {
    ok: true,
    body: composeAnswer(head, [{ finish: "stop", message: { content: text } }], usage),
    usage,
    model: null,
  };
}

/** The failure that an answer or an event tells of where the file says; null when nothing is there. */
export function errorAt(body: unknown, pointer: string | null): Failure | null {
  const error = pointer === null ? null : saidAt(body, pointer);
  return error === null ? null : failureOf(null, error);
}

/** The failure that an answer or an event without text tells of in one of the usual places. */
export const usualError = (body: unknown): Failure | null => (isRecord(body) ? errorIn(body, {}) : null);

/** What an error body says, its sentence being where the file says, and everything else in the usual places. */
export function saidAt(body: unknown, pointer: string): ProviderError | null {
  const said = valueAt(body, pointer);
  if (said === undefined || said === null || said === false || said === "" || said === 0) return null;
  if (typeof said !== "object") return { ...readError(body), message: boundedSentence(String(said)) };
  return Object.keys(said).length === 0 ? null : readError(said);
}

/** Tokens, as far as they are where the file says. */
export function usageAt(body: unknown, { promptTokens, completionTokens }: AnswerTemplate): Usage {
  const prompt = countAt(body, promptTokens);
  const completion = countAt(body, completionTokens);
  if (prompt === null && completion === null) return noUsage;
  const total = prompt === null ? null : prompt + (completion ?? 0);
  return { ...noUsage, prompt, completion, total };
}

function countAt(body: unknown, pointer: string): number | null {
  const said = valueAt(body, pointer);
  return typeof said === "number" && Number.isSafeInteger(said) && said >= 0 ? said : null;
}
