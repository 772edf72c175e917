import { isRecord } from "../../core/record.ts";
import type { Decoded, UpstreamRequest } from "../../domain/adapter.ts";
import { failure } from "../../domain/failure.ts";
import { composeAnswer, headOf } from "../compose.ts";
import { inBandFailure } from "../failures.ts";
import type { Fields } from "../fields.ts";
import { type FinishReason, finishReason } from "../finish_reason.ts";
import { cite, citedFields, noCitations } from "./citations.ts";
import { answersByTool, jsonTool } from "./format.ts";
import { usageOf } from "./usage.ts";

/** Reads a whole answer of the Messages API. https://docs.claude.com/en/api/messages#response-content */
export function decodeAnswer(body: unknown, request: UpstreamRequest): Decoded {
  if (!isRecord(body)) return malformed("the answer has to be a JSON object");
  if (body["type"] === "error" || isRecord(body["error"])) return { ok: false, failure: inBandFailure(body) };
  const { id, model, content, usage } = body;
  if (!Array.isArray(content)) return malformed("the answer has no content");
  const message = messageOf(content.filter(isRecord), answersByTool(request));
  const counted = usageOf(isRecord(usage) ? usage : {});
  const named = typeof model === "string" && model !== "" ? model : null;
  const head = headOf(request, typeof id === "string" ? id : "msg_unknown", named ?? request.model);
  const finish = endOf(body["stop_reason"], Array.isArray(message["tool_calls"]));
  return {
    ok: true,
    body: composeAnswer(head, [{ finish, message }], counted),
    usage: counted,
    model: named,
  };
}

/** Why an answer ended; a tool that is the answer itself is no call. */
export function endOf(stopReason: unknown, called: boolean): FinishReason {
  const reason = finishReason(stopReason) ?? (called ? "tool_calls" : "stop");
  return reason === "tool_calls" && !called ? "stop" : reason;
}

/** Blocks that Anthropic's own tools leave behind have no form here, and are passed over. */
function messageOf(blocks: readonly Fields[], byTool: boolean): Fields {
  let content = "";
  let reasoning = "";
  let cited = noCitations;
  const thoughts: Fields[] = [];
  const calls: Fields[] = [];
  for (const block of blocks) {
    const { type } = block;
    if (type === "text") {
      const start = content.length;
      content += textIn(block["text"]);
      for (const citation of Array.isArray(block["citations"]) ? block["citations"] : [])
        cited = cite(cited, citation, start, content.length);
    } else if (type === "thinking") {
      reasoning += textIn(block["thinking"]);
      thoughts.push(block);
    } else if (type === "redacted_thinking") thoughts.push(block);
    else if (type === "tool_use" && byTool && block["name"] === jsonTool)
      content += JSON.stringify(block["input"] ?? {});
    else if (type === "tool_use") calls.push(callOf(block, calls.length));
  }
  return {
    content: content === "" ? null : content,
    ...(reasoning === "" ? {} : { reasoning_content: reasoning }),
    ...(thoughts.length === 0 ? {} : { thinking_blocks: thoughts }),
    ...(calls.length === 0 ? {} : { tool_calls: calls }),
    ...citedFields(cited),
  };
}

function callOf({ id, name, input }: Fields, index: number): Fields {
  const called = { name: textIn(name), arguments: JSON.stringify(input ?? {}) };
  return {
    id: typeof id === "string" && id !== "" ? id : `call_${index}`,
    type: "function",
    function: called,
  };
}

const textIn = (value: unknown): string => (typeof value === "string" ? value : "");

const malformed = (message: string): Decoded => ({ ok: false, failure: failure("malformed", message) });
