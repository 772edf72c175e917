import { isRecord } from "../../core/record.ts";
import type { SseEvent, StreamItem, StreamMachine, UpstreamRequest } from "../../domain/adapter.ts";
import { failure } from "../../domain/failure.ts";
import { parseError } from "../../openai/error.ts";
import { composeChunk, composeUsage, composeUsageItem, type Head, headOf } from "../compose.ts";
import { failureOf } from "../failures.ts";
import type { Fields } from "../fields.ts";
import { endOf } from "./answer.ts";
import { type BlockMemory, noBlocks, startBlock, stepBlock, stopBlock } from "./blocks.ts";
import { citedFields } from "./citations.ts";
import { answersByTool } from "./format.ts";
import { usageOf } from "./usage.ts";

/** What a stream has to be remembered for. */
export interface MessageMemory {
  readonly head: Head;
  /** As Anthropic counts; later events have the last word on each field. */
  readonly usage: Fields;
  readonly blocks: BlockMemory;
}

type Step = readonly [MessageMemory, readonly StreamItem[]];

/** Reads a streamed answer of the Messages API. https://docs.claude.com/en/docs/build-with-claude/streaming */
export function messageMachine(request: UpstreamRequest): StreamMachine<MessageMemory> {
  const byTool = answersByTool(request);
  return {
    start: { head: headOf(request, "msg_unknown", request.model), usage: {}, blocks: noBlocks },
    step: (memory, event) => step(memory, event, request, byTool),
  };
}

function step(
  memory: MessageMemory,
  { name, data }: SseEvent,
  request: UpstreamRequest,
  byTool: boolean,
): Step {
  if (data.trim() === "") return [memory, []];
  if (name === "error") return [memory, [broken(data)]];
  let event: unknown;
  try {
    event = JSON.parse(data);
  } catch {
    return [
      memory,
      [{ kind: "failure", failure: failure("malformed", "an event of the stream is not JSON") }],
    ];
  }
  if (!isRecord(event)) {
    const why = failure("malformed", "an event of the stream is no JSON object");
    return [memory, [{ kind: "failure", failure: why }]];
  }
  switch (event["type"]) {
    case "message_start":
      return begun(event, request, memory);
    case "content_block_start":
      return onBlocks(memory, startBlock(memory.blocks, event["content_block"], byTool));
    case "content_block_delta":
      return onBlocks(memory, stepBlock(memory.blocks, event["delta"]));
    case "content_block_stop":
      return onBlocks(memory, stopBlock(memory.blocks));
    case "message_delta":
      return ended(event, memory);
    case "message_stop":
      return [memory, [{ kind: "end" }]];
    case "error":
      return [memory, [broken(data)]];
    default:
      // A ping, or an event that is newer than this reader.
      return [memory, []];
  }
}

/** The tokens of the prompt are known from the start, those of the answer only at the end. */
function begun(event: Fields, request: UpstreamRequest, memory: MessageMemory): Step {
  const message = isRecord(event["message"]) ? event["message"] : {};
  const { id, model } = message;
  const named = typeof model === "string" && model !== "" ? model : request.model;
  const head = headOf(request, typeof id === "string" ? id : memory.head.id, named);
  const usage = isRecord(message["usage"]) ? message["usage"] : {};
  const soFar = usageOf(usage);
  return [
    { ...memory, head, usage },
    [
      { kind: "usage", usage: { ...soFar, completion: null, total: null }, json: composeUsage(soFar) },
      composeChunk(head, { role: "assistant", content: "" }),
    ],
  ];
}

function onBlocks(memory: MessageMemory, [blocks, delta]: readonly [BlockMemory, Fields | null]): Step {
  return [{ ...memory, blocks }, delta === null ? [] : [composeChunk(memory.head, delta)]];
}

/** Thoughts with their signatures and citations go out once, whole: clients append or replace what they do not know. */
function ended(event: Fields, memory: MessageMemory): Step {
  const { head, blocks } = memory;
  const usage = isRecord(event["usage"]) ? { ...memory.usage, ...known(event["usage"]) } : memory.usage;
  const counted = composeUsageItem(usageOf(usage));
  const reason = isRecord(event["delta"]) ? event["delta"]["stop_reason"] : null;
  if (typeof reason !== "string") return [{ ...memory, usage }, [counted]];
  const thoughts = blocks.thoughts.length === 0 ? {} : { thinking_blocks: blocks.thoughts };
  const extras = { ...thoughts, ...citedFields(blocks.cited) };
  const items: readonly StreamItem[] = [
    ...(Object.keys(extras).length === 0 ? [] : [composeChunk(head, extras)]),
    composeChunk(head, {}, { finish: endOf(reason, blocks.calls > 0) }),
    counted,
  ];
  return [{ ...memory, usage }, items];
}

/** What an event leaves out or gives as null does not change. */
const known = (usage: Fields): Fields =>
  Object.fromEntries(Object.entries(usage).filter(([, tokens]) => typeof tokens === "number"));

const broken = (data: string): StreamItem => ({
  kind: "failure",
  failure: failureOf(null, parseError(data)),
});
