import type { Adapter } from "../domain/adapter.ts";
import { decodeChat } from "./gemini/answer.ts";
import { answerMachine } from "./gemini/chunks.ts";
import { decodeEmbeddings, encodeEmbeddings } from "./gemini/embeddings.ts";
import { decodeError } from "./gemini/errors.ts";
import { encodeChat } from "./gemini/request.ts";
import { hideMemory } from "./machine.ts";

/** Google's Gemini API, and Vertex AI by `base_url` and `api_key_header`. https://ai.google.dev/api */
export const gemini: Adapter = {
  serves: (endpoint) => endpoint === "chat" || endpoint === "embeddings",
  apiKeyHeader: "x-goog-api-key",
  encode: (request) => (request.endpoint === "embeddings" ? encodeEmbeddings(request) : encodeChat(request)),
  decode: (body, request) =>
    request.endpoint === "embeddings" ? decodeEmbeddings(body, request) : decodeChat(body, request),
  decodeError,
  stream: (request) => hideMemory(answerMachine(request)),
};
