import type { Endpoint } from "../../../src/domain/endpoint.ts";
import type { Params } from "../../../src/domain/snapshot.ts";
import { adapterOf } from "../../../src/providers/registry.ts";
import { upstream } from "../fixtures.ts";

/** What is sent for a request, and what is said of it. */
export interface Encoded {
  readonly path: string;
  readonly body: Params;
  readonly warnings: readonly string[];
}

/** Encodes a request to a Gemini model; throws where the adapter declines. */
export function encode(params: Params, model = "gemini-2.5-flash", endpoint: Endpoint = "chat"): Encoded {
  const encoded = adapterOf("gemini")?.encode(upstream("gemini", params, { model, endpoint }));
  if (encoded === undefined || !encoded.ok) throw new Error(encoded?.error ?? "gemini has no adapter");
  const { path, body, losses } = encoded.value;
  return { path, body, warnings: losses.map(({ says }) => says) };
}

/** A question that says nothing in particular. */
export const question = [{ role: "user", content: "hi" }];

/** The same with other fields. */
export const asked = (params: Params, model?: string): Encoded =>
  encode({ messages: question, ...params }, model);
