import { isRecord } from "../../core/record.ts";
import { type Fields, mapKept, withFields } from "../fields.ts";

/** The message of a whole answer, as OpenAI's schema has it: what it requires is there, and nothing is null that may not be. */
export function wholeMessage(message: Fields): Fields {
  const calls = message["tool_calls"];
  return withFields(message, {
    ...said(message),
    ...(message["role"] === "assistant" ? {} : { role: "assistant" }),
    ...(message["refusal"] === undefined ? { refusal: null } : {}),
    ...(Array.isArray(calls) ? { tool_calls: mapKept(calls, wholeCall) } : { tool_calls: undefined }),
    ...(isRecord(message["function_call"]) ? {} : { function_call: undefined }),
    ...(Array.isArray(message["annotations"]) ? {} : { annotations: undefined }),
  });
}

/** The delta of a chunk, its tool calls left to the memory of the stream. */
export function chunkDelta(delta: Fields): Fields {
  const { role, function_call: called } = delta;
  return withFields(delta, {
    ...(delta["content"] === undefined ? reasoningOf(delta, null) : said(delta)),
    ...(role === undefined || role === "assistant"
      ? {}
      : { role: role === null || role === "" ? undefined : "assistant" }),
    ...(called === null ? { function_call: undefined } : {}),
    ...(delta["tool_calls"] === null ? { tool_calls: undefined } : {}),
  });
}

/** `content` as text and all reasoning in `reasoning_content`, of the several ways in which servers write them. */
function said(part: Fields): Fields {
  const { content } = part;
  if (!Array.isArray(content)) {
    return {
      ...reasoningOf(part, null),
      ...(typeof content === "string" || content === null ? {} : { content: null }),
    };
  }
  let text = "";
  let thought = "";
  for (const item of content) {
    if (!isRecord(item)) continue;
    if (item["type"] === "thinking" || item["type"] === "reasoning")
      thought += textIn(item["thinking"] ?? item["text"]);
    else text += textIn(item["text"]);
  }
  return { ...reasoningOf(part, thought), content: text };
}

function reasoningOf(part: Fields, thought: string | null): Fields {
  const { reasoning, reasoning_content: already } = part;
  const plain =
    typeof already === "string" && already !== "" ? already : typeof reasoning === "string" ? reasoning : "";
  const all = plain + (thought ?? "");
  return {
    ...(reasoning === undefined ? {} : { reasoning: undefined }),
    ...(all === "" ? {} : { reasoning_content: all }),
  };
}

/** Text, or Mistral's list of text parts. */
function textIn(value: unknown): string {
  if (typeof value === "string") return value;
  if (!Array.isArray(value)) return "";
  return value
    .map((item) => (isRecord(item) && typeof item["text"] === "string" ? item["text"] : ""))
    .join("");
}

function wholeCall(call: unknown, index: number): unknown {
  if (!isRecord(call)) return call;
  const { id, type, function: called } = call;
  return withFields(call, {
    ...(typeof id === "string" && id !== "" ? {} : { id: `call_${index}` }),
    ...(typeof type === "string" && type !== "" ? {} : { type: "function" }),
    ...(isRecord(called)
      ? { function: withFields(called, { arguments: argumentsOf(called["arguments"], "{}") }) }
      : {}),
  });
}

/** Arguments are JSON as text; some servers send the object itself. */
export function argumentsOf(said: unknown, missing: string): string {
  if (typeof said === "string") return said;
  return said === undefined || said === null ? missing : JSON.stringify(said);
}
