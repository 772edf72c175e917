import type { Adapter } from "../domain/adapter.ts";
import { decodeAnswer } from "./anthropic/answer.ts";
import { encodeRequest } from "./anthropic/request.ts";
import { messageMachine } from "./anthropic/stream.ts";
import { decodeError } from "./failures.ts";
import { hideMemory } from "./machine.ts";

/** Anthropic's Messages API. https://docs.claude.com/en/api/messages */
export const anthropic: Adapter = {
  serves: (endpoint) => endpoint === "chat",
  apiKeyHeader: "x-api-key",
  headers: { "anthropic-version": "2023-06-01" },
  encode: encodeRequest,
  decode: decodeAnswer,
  decodeError: (status, body) => decodeError(status, body),
  stream: (request) => hideMemory(messageMachine(request)),
};
