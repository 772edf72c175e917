import { isRecord } from "../core/record.ts";
import type { Fields } from "./fields.ts";

/** Characters of output that a message or a delta bears. */
export function outputLength(part: Fields): number {
  let length = lengthOf(part["content"]) + lengthOf(part["reasoning_content"]) + lengthOf(part["refusal"]);
  const calls = part["tool_calls"];
  if (Array.isArray(calls))
    for (const call of calls)
      if (isRecord(call)) length += calledLength(call["function"]) + customLength(call);
  return length + calledLength(part["function_call"]);
}

/** Whether a message or a delta bears output at all; a tool call does also before its arguments. */
export const bearsOutput = (part: Fields): boolean =>
  outputLength(part) > 0 ||
  (Array.isArray(part["tool_calls"]) && part["tool_calls"].length > 0) ||
  (Array.isArray(part["images"]) && part["images"].length > 0) ||
  isRecord(part["function_call"]) ||
  isRecord(part["audio"]);

const lengthOf = (value: unknown): number => (typeof value === "string" ? value.length : 0);
const calledLength = (called: unknown): number =>
  isRecord(called) ? lengthOf(called["name"]) + lengthOf(called["arguments"]) : 0;
const customLength = (call: Fields): number =>
  isRecord(call["custom"]) ? lengthOf(call["custom"]["input"]) : 0;
