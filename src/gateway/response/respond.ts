import type { Refusal } from "../../domain/refusal.ts";
import { errorBody } from "../../openai/error.ts";
import { addRetry, type HeaderFields } from "./headers.ts";

/** A refusal as OpenAI clients read it, with what their SDKs obey. */
export function refusalResponse(refusal: Refusal, headers: HeaderFields): Response {
  headers["content-type"] = "application/json";
  addRetry(headers, refusal);
  return new Response(JSON.stringify(errorBody(refusal)), { status: refusal.status, headers });
}
