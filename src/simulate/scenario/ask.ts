import type { Endpoint } from "../../domain/endpoint.ts";
import type { Params, Snapshot } from "../../domain/snapshot.ts";
import { endpointFor } from "../../routing/aims.ts";
import { lookUp } from "../../routing/resolve.ts";
import type { Send } from "./case.ts";

/** The endpoint that a request for a name goes to: embedding models are asked for embeddings, all others to chat. */
export function endpointOf(snapshot: Snapshot, name: string | null): Endpoint {
  const named = lookUp(snapshot, name ?? snapshot.defaultModel ?? "");
  return named === null ? "chat" : endpointFor(named);
}

/** The smallest body that says what a case sends; its text is not as long as `tokens` says. */
export function bodyOf(send: Send, model: string | null, endpoint: Endpoint): Params {
  const asked = { ...(model === null ? {} : { model }), ...send.params };
  if (endpoint === "embeddings") return { input: "Hi", ...asked };
  return {
    messages: [{ role: "user", content: send.images ? [text, image] : "Hi" }],
    ...(send.maxTokens === null ? {} : { max_tokens: send.maxTokens }),
    ...(send.stream ? { stream: true } : {}),
    ...(send.tools ? { tools: [tool] } : {}),
    ...asked,
  };
}

const text = { type: "text", text: "Hi" };
/** A transparent pixel. */
const pixel = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAQAAAC1HAwCAAAAC0lEQVR42mNkYAAAAAYAAjCB0C8AAAAASUVORK5CYII=";
const image = { type: "image_url", image_url: { url: `data:image/png;base64,${pixel}` } };
const tool = {
  type: "function",
  function: { name: "look_up", parameters: { type: "object", properties: { word: { type: "string" } } } },
};
