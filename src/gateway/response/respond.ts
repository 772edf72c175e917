import type { Refusal } from "../../domain/refusal.ts";
import { errorBody } from "../../openai/error.ts";
import { seconds } from "../../routing/refusals.ts";
import type { HeaderFields } from "./headers.ts";

/** A refusal as OpenAI clients read it, with what their SDKs obey. */
export function refusalResponse(refusal: Refusal, headers: HeaderFields): Response {
  headers["content-type"] = "application/json";
  if (refusal.retryAfterMs !== null) {
    headers["retry-after"] = String(seconds(refusal.retryAfterMs));
    headers["retry-after-ms"] = String(Math.max(1, Math.ceil(refusal.retryAfterMs)));
  }
  if (refusal.shouldRetry !== null) headers["x-should-retry"] = String(refusal.shouldRetry);
  return new Response(JSON.stringify(errorBody(refusal)), { status: refusal.status, headers });
}
