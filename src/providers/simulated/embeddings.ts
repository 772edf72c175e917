import type { UpstreamRequest } from "../../domain/adapter.ts";
import { toBase64 } from "../embedding.ts";
import { hash } from "../fingerprint.ts";

const defaultDimensions = 256;
const maxDimensions = 4_096;
/** Words of an input that count; more would only cost time. */
const maxWords = 200;

/** The answer of `/embeddings`: one unit vector for each input, near to those of inputs with the same words. */
export function simulateEmbeddings(request: UpstreamRequest, promptTokens: number): unknown {
  const { input, dimensions, encoding_format: format } = request.params;
  const size =
    typeof dimensions === "number" && Number.isInteger(dimensions) && dimensions > 0
      ? Math.min(dimensions, maxDimensions)
      : defaultDimensions;
  const data = inputsOf(input).map((words, index) => {
    const vector = unitVector(words, size);
    return { object: "embedding", index, embedding: format === "base64" ? toBase64(vector) : [...vector] };
  });
  return {
    object: "list",
    model: request.model,
    data,
    usage: { prompt_tokens: promptTokens, total_tokens: promptTokens },
  };
}

/** The words, or the tokens, of each input. */
function inputsOf(input: unknown): readonly (readonly string[])[] {
  if (!Array.isArray(input)) return [wordsOf(String(input))];
  if (typeof input[0] === "number") return [input.map(String)];
  return input.map((item) => (Array.isArray(item) ? item.map(String) : wordsOf(String(item))));
}

const wordsOf = (text: string): readonly string[] => text.toLowerCase().match(/[\p{L}\p{N}]+/gu) ?? [text];

/** The sum of a pseudo-random direction per word, of length 1. */
function unitVector(words: readonly string[], size: number): Float32Array {
  const vector = new Float32Array(size);
  for (const word of words.length === 0 ? [""] : words.slice(0, maxWords)) {
    let state = hash(word, 0x9e3779b9) | 1;
    for (let at = 0; at < size; at++) {
      state ^= state << 13;
      state ^= state >>> 17;
      state ^= state << 5;
      vector[at] = (vector[at] ?? 0) + state / 0x80000000;
    }
  }
  const length = Math.hypot(...vector) || 1;
  return vector.map((value) => value / length);
}
