import { isRecord } from "../../core/record.ts";
import type { StreamItem } from "../../domain/adapter.ts";
import type { Fields } from "../fields.ts";
import { isFinishReason } from "../finish_reason.ts";

/**
 * What most events of most streams are: one choice with a piece of text, just as OpenAI writes it. Null for any other, which
 * is then looked at closely. Only a shortcut: the close look comes to the same.
 */
export function plainChunk(chunk: Fields, object: string, json: string): StreamItem | null {
  const { choices } = chunk;
  if (chunk["object"] !== object || !Array.isArray(choices) || choices.length !== 1) return null;
  if (
    typeof chunk["id"] !== "string" ||
    !Number.isInteger(chunk["created"]) ||
    typeof chunk["model"] !== "string"
  )
    return null;
  if (isSaid(chunk["error"]) || isSaid(chunk["usage"]) || isSaid(chunk["x_groq"])) return null;

  const choice: unknown = choices[0];
  if (!isRecord(choice) || typeof choice["index"] !== "number" || !isRecord(choice["delta"])) return null;
  if (isSaid(choice["error"]) || isSaid(choice["usage"]) || isSaid(choice["logprobs"])) return null;
  const reason = choice["finish_reason"];
  const finish = isFinishReason(reason);
  if (!finish && reason !== null) return null;
  const text = plainLength(choice["delta"]);
  return text === -1
    ? null
    : { kind: "chunk", json, output: finish || text > 0, finishes: finish ? 1 : 0, text };
}

/** Characters of output in a delta; -1 when it has a field that may need a change. */
function plainLength(delta: Fields): number {
  let length = 0;
  for (const name in delta) {
    const value = delta[name];
    if (name === "role" && value === "assistant") continue;
    if (name !== "content" && name !== "reasoning_content" && name !== "refusal") return -1;
    if (typeof value === "string") length += value.length;
    else if (value !== null) return -1;
  }
  return length;
}

const isSaid = (value: unknown): boolean => value !== undefined && value !== null;
