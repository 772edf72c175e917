import type { Adapter } from "../../domain/adapter.ts";
import { decodeError } from "../failures.ts";
import { hideMemory } from "../machine.ts";
import { decodeAnswer } from "./answer.ts";
import { chunkMachine } from "./chunks.ts";
import { type Differences, differencesOf, type Family } from "./differences.ts";
import { encodeRequest } from "./encode.ts";

/** The adapter of an OpenAI-compatible server; `families` are its models that take chat requests in a way of their own. */
export function openAiCompatible(differences: Differences, families: readonly Family[] = []): Adapter {
  const { endpoints, meaning } = differences;
  return {
    serves: (endpoint) => endpoints.includes(endpoint),
    apiKeyHeader: "authorization",
    encode: (request) => encodeRequest(request, differencesOf(request, differences, families)),
    decode: (body, request) => decodeAnswer(body, request, meaning),
    decodeError: (status, body) => decodeError(status, body, meaning),
    stream: (request) => hideMemory(chunkMachine(request, meaning)),
  };
}
