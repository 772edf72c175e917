import type { Refusal } from "../../domain/refusal.ts";
import { errorBody } from "../../openai/error.ts";
import { addRetry, type HeaderFields } from "./headers.ts";

/** A refusal as OpenAI clients read it, with what their SDKs obey; `beside` stands beside the error in the body. */
export function refusalResponse(refusal: Refusal, headers: HeaderFields, beside: object = {}): Response {
  headers["content-type"] = "application/json";
  addRetry(headers, refusal);
  return new Response(JSON.stringify({ ...errorBody(refusal), ...beside }), {
    status: refusal.status,
    headers,
  });
}
