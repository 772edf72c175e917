import { isRecord } from "../../core/record.ts";
import type { StreamItem, StreamMachine } from "../../domain/adapter.ts";
import type { Asked } from "./prompt.ts";
import { lengthOf, textFinish, textHead, textLogprobs, textOf } from "./text.ts";

/** What a stream has to be remembered for: the chat's own memory, and the characters that each choice has so far. */
export interface TextMemory {
  readonly chat: unknown;
  readonly written: Readonly<Record<number, number>>;
}

/** The streamed chat that `machine` reads, as a streamed text completion. */
export function textMachine(machine: StreamMachine<unknown>, asked: Asked): StreamMachine<TextMemory> {
  return {
    start: { chat: machine.start, written: {} },
    step: (memory, event) => {
      const [chat, items] = machine.step(memory.chat, event);
      const shown: StreamItem[] = [];
      let written = memory.written;
      for (const item of items) {
        const next = item.kind === "chunk" ? textChunk(item, written, asked) : { item, written };
        if (next.item !== null) shown.push(next.item);
        written = next.written;
      }
      return [{ chat, written }, shown];
    },
  };
}

interface Shown {
  /** Null where a chunk has nothing that a text completion could show. */
  readonly item: StreamItem | null;
  readonly written: TextMemory["written"];
}

function textChunk(
  item: Extract<StreamItem, { readonly kind: "chunk" }>,
  before: TextMemory["written"],
  { prompt, echo }: Asked,
): Shown {
  const chunk: unknown = JSON.parse(item.json);
  // Before the first output there are roles and filter results; thoughts are output, and shown as a chunk without text.
  if (!item.output || !isRecord(chunk)) return { item: null, written: before };
  const written = { ...before };
  const said: readonly unknown[] = Array.isArray(chunk["choices"]) ? chunk["choices"] : [];
  const choices = said.filter(isRecord).map((choice) => {
    const index = typeof choice["index"] === "number" ? choice["index"] : 0;
    const text = textOf(choice["delta"]);
    const start = written[index] ?? lengthOf(prompt);
    const logprobs = textLogprobs(choice["logprobs"], start);
    const opening = echo && written[index] === undefined ? prompt : "";
    written[index] = start + lengthOf(text);
    return { text: opening + text, index, logprobs, finish_reason: textFinish(choice["finish_reason"]) };
  });
  return { item: { ...item, json: JSON.stringify({ ...textHead(chunk), choices }) }, written };
}
