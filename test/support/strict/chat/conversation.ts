import { isRecord } from "../../../../src/core/record.ts";
import type { Asked } from "../turn.ts";
import type { ReadMessage, ReadRequest } from "./shape.ts";

/** What is wrong with the calls of a conversation and their results, if anything. */
export type Mismatch =
  | { readonly problem: "unanswered"; readonly at: number; readonly ids: readonly string[] }
  | { readonly problem: "orphan"; readonly at: number };

/** Every call is answered once, before anyone else speaks, and nothing else is. */
export function mismatchIn(messages: readonly ReadMessage[]): Mismatch | null {
  let open: readonly string[] = [];
  let caller = 0;
  for (const [at, message] of messages.entries()) {
    if (message.role === "tool") {
      const id = message.tool_call_id ?? "";
      if (!open.includes(id)) return { problem: "orphan", at };
      open = open.filter((other) => other !== id);
      continue;
    }
    if (open.length > 0) return { problem: "unanswered", at: caller, ids: open };
    open = (message.tool_calls ?? []).map(({ id }) => id);
    caller = at;
  }
  return open.length > 0 ? { problem: "unanswered", at: caller, ids: open } : null;
}

/** A request in the words of the script; `thinking` is what only the protocol knows. */
export function askedOf(request: ReadRequest, thinking: boolean): Asked {
  const { messages, response_format: format, stop, tool_choice: choice } = request;
  const named = isRecord(choice) && isRecord(choice["function"]) ? choice["function"]["name"] : null;
  const names = (request.tools ?? []).map((tool) => tool.function.name);
  const said = (roles: readonly string[]) => messages.filter(({ role }) => roles.includes(role));
  const sinceModel = messages.slice(messages.findLastIndex(({ role }) => role === "assistant") + 1);
  return {
    model: request.model,
    stream: request.stream === true,
    system: said(["system", "developer"]).map(textOf).join("\n"),
    user: textOf(said(["user"]).at(-1)),
    images: messages.flatMap(({ content }) =>
      Array.isArray(content) ? content.filter(({ type }) => type === "image_url") : [],
    ).length,
    tools: choice === "none" ? [] : typeof named === "string" ? [named] : names,
    results: sinceModel.filter(({ role }) => role === "tool").map(textOf),
    schema: format?.type === "json_schema" ? (format.json_schema?.schema ?? null) : null,
    thinking,
    stop: typeof stop === "string" ? [stop] : (stop ?? []),
  };
}

/** Whether a stream has to end with a usage chunk. */
export const wantsUsage = ({ stream_options: options }: Readonly<Record<string, unknown>>): boolean =>
  isRecord(options) && options["include_usage"] === true;

function textOf(message: ReadMessage | undefined): string {
  const content = message?.content;
  if (typeof content === "string") return content;
  return (content ?? []).map(({ text }) => (typeof text === "string" ? text : "")).join("");
}
