import { isRecord } from "../../core/record.ts";
import type { SseEvent, StreamItem, StreamMachine, UpstreamRequest } from "../../domain/adapter.ts";
import { type Failure, failure } from "../../domain/failure.ts";
import { depthOf } from "../../openai/splice.ts";
import { composeChunk, composeUsageItem, type Head } from "../compose.ts";
import type { Fields } from "../fields.ts";
import { headIn, refusalIn } from "./answer.ts";
import { candidatesIn, indexOf, logprobsIn } from "./candidate.ts";
import { type ChoiceMemory, type Heard, hear } from "./choice.ts";
import { errorIn } from "./errors.ts";
import { emptyFailure, finishOf, isReason } from "./finish.ts";
import { usageOf } from "./usage.ts";

/** What a stream has to be remembered for. */
export interface AnswerMemory {
  /** Of the first event. */
  readonly head: Head | null;
  /** The choices begun so far, by index. */
  readonly choices: Readonly<Record<number, ChoiceMemory>>;
  /** Whether any of them has ended. */
  readonly hasEnded: boolean;
}

type Step = readonly [AnswerMemory, readonly StreamItem[]];

/** An event has to be this long before its nesting can be a danger to whoever writes arguments anew. */
const deepFrom = 8 * 1024;
const maxDepth = 1_000;

/** Reads a streamed answer of `streamGenerateContent`. https://ai.google.dev/api/generate-content#method:-models.streamgeneratecontent */
export function answerMachine(request: UpstreamRequest): StreamMachine<AnswerMemory> {
  return {
    start: { head: null, choices: {}, hasEnded: false },
    step: (memory, event) => step(memory, event, request),
  };
}

function step(memory: AnswerMemory, { data }: SseEvent, request: UpstreamRequest): Step {
  const text = data.trim();
  if (text === "") return [memory, []];
  // Gemini has no end marker; servers that stand in for it may.
  if (text === "[DONE]") return [memory, [{ kind: "end" }]];
  let event: unknown;
  try {
    event = JSON.parse(text);
  } catch {
    return [memory, [failed(failure("malformed", "an event of the stream is not JSON"))]];
  }
  const body = Array.isArray(event) ? event[0] : event;
  if (!isRecord(body))
    return [memory, [failed(failure("malformed", "an event of the stream is no JSON object"))]];
  if (text.length > deepFrom && depthOf(text, maxDepth) > maxDepth)
    return [memory, [failed(failure("malformed", "an event of the stream is nested too deeply"))]];
  const error = errorIn(body);
  return error === null ? read(memory, body, request) : [memory, [failed(error)]];
}

function read(memory: AnswerMemory, body: Fields, request: UpstreamRequest): Step {
  const candidates = candidatesIn(body);
  const { usageMetadata: counted } = body;
  const hasEnded = memory.hasEnded || candidates.some(({ finishReason: reason }) => isReason(reason));
  const usage = isRecord(counted) ? [composeUsageItem(usageOf(counted, hasEnded))] : [];
  if (candidates.length === 0) return [memory, [...usage, ...withoutCandidates(body)]];
  const head = memory.head ?? headIn(body, request);
  const items: StreamItem[] = [...usage];
  const choices: Record<number, ChoiceMemory> = { ...memory.choices };
  for (const [position, candidate] of candidates.entries()) {
    const index = indexOf(candidate, position);
    const before = choices[index];
    const heard = hear(candidate, index, head.id, before);
    choices[index] = heard.after;
    const item = emptyAnswer(heard, candidate, request) ?? chunkOf(heard, candidate, index, head);
    // A choice ends once, though old models say in each event that it does.
    if (item?.kind === "chunk" && before?.hasEnded === true) items.push({ ...item, finishes: 0 });
    else if (item !== null) items.push(item);
  }
  return [{ head, choices, hasEnded }, items];
}

/** Tokens alone, or news of the prompt; anything else is no event of Gemini's. */
function withoutCandidates(body: Fields): readonly StreamItem[] {
  const refusal = refusalIn(body);
  if (refusal !== null) return [failed(refusal)];
  const isKnown = ["usageMetadata", "responseId", "promptFeedback"].some((name) => body[name] !== undefined);
  return isKnown ? [] : [failed(failure("malformed", "an event of the stream has no candidates"))];
}

/** Of several answers the others may have something to say. */
function emptyAnswer(
  { after, reason }: Heard,
  { finishMessage }: Fields,
  request: UpstreamRequest,
): StreamItem | null {
  const { n } = request.params;
  if (!after.isSilent || reason === null || (typeof n === "number" && n > 1)) return null;
  const empty = emptyFailure(reason, finishMessage);
  return empty === null ? null : failed(empty);
}

function chunkOf(
  { after, delta, reason }: Heard,
  candidate: Fields,
  index: number,
  head: Head,
): StreamItem | null {
  const finish = reason === null ? null : finishOf(reason, after.calls > 0);
  if (Object.keys(delta).length === 0 && finish === null) return null;
  return composeChunk(head, delta, { index, finish, logprobs: logprobsIn(candidate) });
}

const failed = (why: Failure): StreamItem => ({ kind: "failure", failure: why });
