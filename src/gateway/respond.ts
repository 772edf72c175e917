import type { Refusal } from "../domain/refusal.ts";
import { errorBody } from "../openai/error.ts";
import { seconds } from "../routing/refusals.ts";

/** A refusal as OpenAI clients read it, with what their SDKs obey. */
export function refusalResponse(refusal: Refusal, headers: Headers): Response {
  headers.set("content-type", "application/json");
  if (refusal.retryAfterMs !== null) {
    headers.set("retry-after", String(seconds(refusal.retryAfterMs)));
    headers.set("retry-after-ms", String(Math.max(1, Math.ceil(refusal.retryAfterMs))));
  }
  if (refusal.shouldRetry !== null) headers.set("x-should-retry", String(refusal.shouldRetry));
  return new Response(JSON.stringify(errorBody(refusal)), { status: refusal.status, headers });
}
