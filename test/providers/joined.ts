import { isRecord } from "../../src/core/record.ts";
import type { Adapter, StreamItem, UpstreamRequest } from "../../src/domain/adapter.ts";
import { SseDecoder } from "../../src/openai/sse.ts";

/** Runs the bytes of a stream through decoder and machine, cut where `cuts` says. */
export function runStream(
  adapter: Adapter,
  request: UpstreamRequest,
  bytes: Uint8Array,
  cuts: readonly number[] = [],
): readonly StreamItem[] {
  const machine = adapter.stream(request);
  const decoder = new TextDecoder();
  const sse = new SseDecoder();
  let memory = machine.start;
  const items: StreamItem[] = [];
  const feed = (text: string): void => {
    for (const event of sse.feed(text).events) {
      const [next, found] = machine.step(memory, event);
      memory = next;
      items.push(...found);
    }
  };
  let from = 0;
  for (const to of [...cuts, bytes.length]) {
    feed(decoder.decode(bytes.subarray(from, to), { stream: true }));
    from = to;
  }
  // Some recordings lack the empty line behind their last event.
  feed("\n\n");
  return items;
}

/** What a client has of one choice. */
export interface Joined {
  content: string;
  reasoning: string;
  refusal: string;
  text: string;
  finish: string | null;
  logprobs: number;
  calls: { id: string; name: string; arguments: string }[];
  functionCall: { name: string; arguments: string } | null;
  audio: boolean;
  annotations: number;
}

/** Joins the choices of chunks by index, as OpenAI's own client libraries do: pieces are appended. */
export function joinChunks(chunks: readonly unknown[]): ReadonlyMap<number, Joined> {
  const choices = new Map<number, Joined>();
  for (const chunk of chunks) {
    for (const choice of recordsIn(chunk, "choices"))
      addPiece(choiceAt(choices, choice["index"]), choice, "delta");
  }
  return choices;
}

/** The choices of a whole answer, in the same form. */
export function joinAnswer(body: unknown): ReadonlyMap<number, Joined> {
  const choices = new Map<number, Joined>();
  for (const choice of recordsIn(body, "choices"))
    addPiece(choiceAt(choices, choice["index"]), choice, "message");
  return choices;
}

type Fields = Readonly<Record<string, unknown>>;

function choiceAt(choices: Map<number, Joined>, index: unknown): Joined {
  const at = Number(index);
  const known = choices.get(at);
  if (known !== undefined) return known;
  const fresh: Joined = {
    content: "",
    reasoning: "",
    refusal: "",
    text: "",
    finish: null,
    logprobs: 0,
    calls: [],
    functionCall: null,
    audio: false,
    annotations: 0,
  };
  choices.set(at, fresh);
  return fresh;
}

function addPiece(joined: Joined, choice: Fields, name: "delta" | "message"): void {
  const part = isRecord(choice[name]) ? choice[name] : {};
  joined.content += textOf(part["content"]);
  joined.reasoning += textOf(part["reasoning_content"]) + textOf(part["reasoning"]);
  joined.refusal += textOf(part["refusal"]);
  joined.text += textOf(choice["text"]);
  joined.finish = typeof choice["finish_reason"] === "string" ? choice["finish_reason"] : joined.finish;
  if (isRecord(choice["logprobs"])) joined.logprobs += recordsIn(choice["logprobs"], "content").length;
  joined.audio ||= isRecord(part["audio"]);
  joined.annotations += recordsIn(part, "annotations").length;
  for (const [position, call] of recordsIn(part, "tool_calls").entries()) {
    const at = name === "delta" ? Number(call["index"]) : position;
    joined.calls[at] = appended(joined.calls[at] ?? { id: "", name: "", arguments: "" }, call);
  }
  const called = part["function_call"];
  if (isRecord(called)) {
    const known = joined.functionCall ?? { name: "", arguments: "" };
    joined.functionCall = {
      name: known.name + textOf(called["name"]),
      arguments: known.arguments + textOf(called["arguments"]),
    };
  }
}

function appended(known: Joined["calls"][number], call: Fields): Joined["calls"][number] {
  const called = isRecord(call["function"]) ? call["function"] : {};
  return {
    id: known.id + textOf(call["id"]),
    name: known.name + textOf(called["name"]),
    arguments: known.arguments + textOf(called["arguments"]),
  };
}

/** The objects of a list in a field; none when it is no list. */
function recordsIn(value: unknown, name: string): readonly Fields[] {
  const list = isRecord(value) ? value[name] : undefined;
  return Array.isArray(list) ? list.filter(isRecord) : [];
}

const textOf = (value: unknown): string => (typeof value === "string" ? value : "");
