import { isRecord } from "../core/record.ts";

/** Bytes that stand for one token where a client sends tokens instead of text. */
const bytesPerToken = 4;

/** UTF-8 bytes of what a model reads in messages: text, text parts, reasoning and the arguments of tool calls. No images, audio or files. */
export function messageBytes(message: unknown): number {
  if (!isRecord(message)) return 0;
  let bytes = contentBytes(message["content"]) + stringBytes(message["reasoning_content"]);
  const calls = message["tool_calls"];
  if (Array.isArray(calls)) for (const call of calls) bytes += callBytes(call);
  return bytes + functionBytes(message["function_call"]);
}

/** UTF-8 bytes of a `prompt` or an `input`; a token counts as four. */
export function promptBytes(prompt: unknown): number {
  if (typeof prompt === "string") return stringBytes(prompt);
  if (typeof prompt === "number") return bytesPerToken;
  return Array.isArray(prompt) ? prompt.reduce<number>((sum, item) => sum + promptBytes(item), 0) : 0;
}

/** UTF-8 bytes of a value as JSON, for what models read as such: tools and schemas. */
export const jsonBytes = (value: unknown): number =>
  value === undefined || value === null ? 0 : Buffer.byteLength(JSON.stringify(value));

const stringBytes = (value: unknown): number => (typeof value === "string" ? Buffer.byteLength(value) : 0);

function contentBytes(content: unknown): number {
  if (!Array.isArray(content)) return stringBytes(content);
  let bytes = 0;
  for (const part of content) {
    if (typeof part === "string") bytes += stringBytes(part);
    else if (isRecord(part)) bytes += stringBytes(part["text"]) + stringBytes(part["refusal"]);
  }
  return bytes;
}

function callBytes(call: unknown): number {
  if (!isRecord(call)) return 0;
  const custom = call["custom"];
  return functionBytes(call["function"]) + (isRecord(custom) ? stringBytes(custom["input"]) : 0);
}

const functionBytes = (called: unknown): number =>
  isRecord(called) ? stringBytes(called["name"]) + stringBytes(called["arguments"]) : 0;
