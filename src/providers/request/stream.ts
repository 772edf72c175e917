import { valueAt } from "../../core/json_pointer.ts";
import type { SseEvent, StreamItem, StreamMachine, UpstreamRequest } from "../../domain/adapter.ts";
import { type Failure, failure } from "../../domain/failure.ts";
import type { AnswerTemplate, StreamTemplate } from "../../domain/service.ts";
import { noUsage, type Usage } from "../../domain/usage.ts";
import { parseError } from "../../openai/error.ts";
import { composeChunk, composeUsageItem, type Head, headOf } from "../compose.ts";
import { failureOf } from "../failures.ts";
import { fingerprint } from "../fingerprint.ts";
import { errorAt, usageAt, usualError } from "./answer.ts";

/** What a stream has to be remembered for: the head of its chunks, from the first piece of text on, and its tokens. */
export interface TextMemory {
  readonly head: Head | null;
  readonly usage: Usage;
}

type Step = readonly [TextMemory, readonly StreamItem[]];

/** Reads a stream as the file says it is written. Tokens and errors are where the file says of whole answers. */
export function textMachine(
  request: UpstreamRequest,
  stream: StreamTemplate,
  answer: AnswerTemplate,
): StreamMachine<TextMemory> {
  return {
    start: { head: null, usage: noUsage },
    step: (memory, event) => {
      if (event.data.trim() === stream.done.trim()) return [memory, ending(memory)];
      if (event.name === "error") return [memory, [failed(failureOf(null, parseError(event.data)))]];
      return event.data.trim() === "" ? [memory, []] : read(memory, event, request, stream, answer);
    },
  };
}

function read(
  memory: TextMemory,
  { data }: SseEvent,
  request: UpstreamRequest,
  stream: StreamTemplate,
  answer: AnswerTemplate,
): Step {
  let body: unknown;
  try {
    body = JSON.parse(data);
  } catch {
    return [memory, [failed(failure("malformed", "an event of the stream is not JSON"))]];
  }
  const text = valueAt(body, stream.text);
  const said = errorAt(body, answer.error) ?? (typeof text === "string" ? null : usualError(body));
  if (said !== null) return [memory, [failed(said)]];
  const usage = latest(memory.usage, usageAt(body, answer));
  const told = usage === memory.usage ? [] : [composeUsageItem(usage)];
  // Events about other things than the answer's text are no concern of ours.
  if (typeof text !== "string") return [{ ...memory, usage }, told];
  const head =
    memory.head ?? headOf(request, `chatcmpl-${fingerprint(`${request.at} ${data}`)}`, request.model);
  const delta = memory.head === null ? { role: "assistant", content: text } : { content: text };
  return [{ head, usage }, [...told, composeChunk(head, delta)]];
}

/** An end without a text before it is none: the gateway takes it for a broken answer. */
const ending = ({ head }: TextMemory): readonly StreamItem[] =>
  head === null ? [{ kind: "end" }] : [composeChunk(head, {}, { finish: "stop" }), { kind: "end" }];

function latest(known: Usage, said: Usage): Usage {
  if (said.prompt === null && said.completion === null) return known;
  const prompt = said.prompt ?? known.prompt;
  const completion = said.completion ?? known.completion;
  return { ...noUsage, prompt, completion, total: prompt === null ? null : prompt + (completion ?? 0) };
}

const failed = (why: Failure): StreamItem => ({ kind: "failure", failure: why });
