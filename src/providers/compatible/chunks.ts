import { isRecord } from "../../core/record.ts";
import type { SseEvent, StreamItem, StreamMachine, UpstreamRequest } from "../../domain/adapter.ts";
import { endpoints } from "../../domain/endpoint.ts";
import { type Failure, type FailureKind, failure } from "../../domain/failure.ts";
import { parseError } from "../../openai/error.ts";
import { depthOf } from "../../openai/splice.ts";
import { failureOf } from "../failures.ts";
import { type Fields, mapKept, withFields } from "../fields.ts";
import { finishReason } from "../finish_reason.ts";
import { bearsOutput, outputLength } from "../output.ts";
import { readUsage, usageJson, usageOfChunk } from "../usage.ts";
import { choiceFailure, envelope, errorIn, wholeLogprobs } from "./answer.ts";
import { chunkDelta } from "./message.ts";
import { plainChunk } from "./plain_chunk.ts";
import { type BegunCall, joinCalls } from "./tool_calls.ts";

/** What a stream has to be remembered for. */
export interface ChunkMemory {
  readonly calls: readonly BegunCall[];
}

type Step = readonly [ChunkMemory, readonly StreamItem[]];
type Meaning = Readonly<Record<string, FailureKind>>;

/** An event has to be this long before its nesting can be a danger to whoever writes it anew. */
const deepFrom = 8 * 1024;
const maxDepth = 1_000;

const end: StreamItem = { kind: "end" };

/** Reads the streamed answer of an OpenAI-compatible server. Chunks that need no change keep their bytes. */
export function chunkMachine(request: UpstreamRequest, meaning: Meaning): StreamMachine<ChunkMemory> {
  return { start: { calls: [] }, step: (memory, event) => step(memory, event, request, meaning) };
}

function step(memory: ChunkMemory, event: SseEvent, request: UpstreamRequest, meaning: Meaning): Step {
  const { data } = event;
  if (data === "[DONE]" || data.trim() === "[DONE]") return [memory, [end]];
  if (event.name === "error") return [memory, [failed(errorEvent(data, meaning))]];
  if (data.trim() === "") return [memory, []];
  let chunk: unknown;
  try {
    chunk = JSON.parse(data);
  } catch {
    return [memory, [failed(failure("malformed", "an event of the stream is not JSON"))]];
  }
  if (data.length > deepFrom && depthOf(data, maxDepth) > maxDepth) {
    return [memory, [failed(failure("malformed", "an event of the stream is nested too deeply"))]];
  }
  if (!isRecord(chunk))
    return [memory, [failed(failure("malformed", "an event of the stream is no JSON object"))]];
  const plain = request.endpoint === "chat" ? plainChunk(chunk, endpoints.chat.chunk, data) : null;
  return plain === null ? readChunk(memory, chunk, event, request, meaning) : [memory, [plain]];
}

function readChunk(
  memory: ChunkMemory,
  chunk: Fields,
  event: SseEvent,
  request: UpstreamRequest,
  meaning: Meaning,
): Step {
  const items: StreamItem[] = [];
  const said = usageOfChunk(chunk);
  const usage = said === undefined ? undefined : usageJson(said);
  if (usage !== undefined) items.push({ kind: "usage", usage: readUsage(said), json: usage });

  const choices = Array.isArray(chunk["choices"]) ? chunk["choices"] : [];
  const failure = errorIn(chunk, meaning) ?? brokenChoice(choices, meaning);
  if (failure !== null) return [memory, [...items, failed(failure)]];
  if (choices.length === 0)
    return [memory, [...items, ...withoutChoices(chunk, event, request, said !== undefined)]];

  const tidied = tidyChoices(choices, memory, request.endpoint === "chat");
  const tidy = withFields(chunk, {
    ...chunkEnvelope(chunk, request),
    choices: tidied.choices,
    ...(isRecord(chunk["usage"]) ? { usage: undefined } : {}),
  });
  items.push({
    kind: "chunk",
    json: tidy === chunk ? event.data : JSON.stringify(tidy),
    output: tidied.output,
    finishes: tidied.finishes,
    text: tidied.text,
  });
  return [tidied.memory, items];
}

/** The same for all chunks of a stream. */
const chunkEnvelope = (chunk: Fields, request: UpstreamRequest): Fields =>
  envelope(chunk, request, endpoints[request.endpoint].chunk ?? "", request.model);

/** Azure's filter results are passed on, usage alone is not shown, events of another protocol are left out. */
function withoutChoices(
  chunk: Fields,
  event: SseEvent,
  request: UpstreamRequest,
  hasUsage: boolean,
): readonly StreamItem[] {
  if (hasUsage) return [];
  if (chunk["choices"] === undefined || chunk["choices"] === null) {
    if (event.name !== "" && event.name !== "message") return [];
    return [failed(failure("malformed", "a chunk of the stream has no choices"))];
  }
  const tidy = withFields(chunk, chunkEnvelope(chunk, request));
  const json = tidy === chunk ? event.data : JSON.stringify(tidy);
  return [{ kind: "chunk", json, output: false, finishes: 0, text: 0 }];
}

interface Tidied {
  readonly choices: readonly unknown[];
  readonly memory: ChunkMemory;
  readonly output: boolean;
  readonly finishes: number;
  readonly text: number;
}

function tidyChoices(choices: readonly unknown[], memory: ChunkMemory, isChat: boolean): Tidied {
  let calls = memory.calls;
  let output = false;
  let finishes = 0;
  let text = 0;
  const tidied = mapKept(choices, (choice, position) => {
    if (!isRecord(choice)) return choice;
    const index = typeof choice["index"] === "number" ? choice["index"] : position;
    const reason = finishReason(choice["finish_reason"]);
    const changes: Record<string, unknown> = { index, finish_reason: reason };
    if (isChat) {
      const joined = tidyDelta(isRecord(choice["delta"]) ? choice["delta"] : {}, index, calls);
      changes["delta"] = isRecord(choice["delta"]) ? joined.delta : {};
      calls = joined.calls;
      if (choice["logprobs"] !== undefined) changes["logprobs"] = wholeLogprobs(choice["logprobs"]);
      output ||= bearsOutput(joined.delta);
      text += outputLength(joined.delta);
    } else {
      const written = typeof choice["text"] === "string" ? choice["text"] : "";
      changes["text"] = written;
      if (choice["logprobs"] === undefined) changes["logprobs"] = null;
      output ||= written !== "";
      text += written.length;
    }
    if (reason !== null) finishes += 1;
    return withFields(choice, changes);
  });
  return {
    choices: tidied,
    memory: calls === memory.calls ? memory : { calls },
    output: output || finishes > 0,
    finishes,
    text,
  };
}

function tidyDelta(
  said: Fields,
  choice: number,
  begun: readonly BegunCall[],
): { readonly delta: Fields; readonly calls: readonly BegunCall[] } {
  const delta = chunkDelta(said);
  const pieces = delta["tool_calls"];
  if (!Array.isArray(pieces)) return { delta, calls: begun };
  const joined = joinCalls(pieces, choice, begun);
  return { delta: withFields(delta, { tool_calls: joined.calls }), calls: joined.begun };
}

function brokenChoice(choices: readonly unknown[], meaning: Meaning): Failure | null {
  for (const choice of choices) {
    const failed = isRecord(choice)
      ? choiceFailure(choice, meaning)
      : failure("malformed", "a choice of the stream is no object");
    if (failed !== null) return failed;
  }
  return null;
}

/** An `error` event may bear anything: an object, or words. */
const errorEvent = (data: string, meaning: Meaning): Failure => failureOf(null, parseError(data), meaning);

const failed = (why: Failure): StreamItem => ({ kind: "failure", failure: why });
