import { isRecord } from "../../core/record.ts";
import type { Fields } from "../fields.ts";
import { type Cited, cite, noCitations } from "./citations.ts";
import { jsonTool } from "./format.ts";

/** The content blocks of a stream so far. */
export interface BlockMemory {
  readonly current: Block;
  /** Characters of text so far, for citations. */
  readonly written: number;
  /** Tool calls so far. */
  readonly calls: number;
  /** Whole thinking blocks, as they are to be handed back. */
  readonly thoughts: readonly Fields[];
  readonly cited: Cited;
}

/** The block that is open. Blocks come one after another. */
type Block =
  /** None, or one that has no form for OpenAI's clients. */
  | { readonly kind: "other" }
  | { readonly kind: "text"; readonly start: number; readonly pending: readonly unknown[] }
  | { readonly kind: "thinking"; readonly thinking: string; readonly signature: string }
  | { readonly kind: "redacted"; readonly block: Fields }
  /** `input` came whole with the start, for streams that send no pieces of it. */
  | { readonly kind: "call"; readonly index: number; readonly input: string; readonly sent: boolean }
  /** The tool whose input is the answer. */
  | { readonly kind: "json"; readonly input: string; readonly sent: boolean };

/** The memory after an event, and the delta it means; null for none. */
export type BlockStep = readonly [BlockMemory, Fields | null];

/** Before the first block. */
export const noBlocks: BlockMemory = {
  current: { kind: "other" },
  written: 0,
  calls: 0,
  thoughts: [],
  cited: noCitations,
};

/** A block begins. */
export function startBlock(memory: BlockMemory, block: unknown, byTool: boolean): BlockStep {
  const begin = (current: Block, delta: Fields | null): BlockStep => [{ ...memory, current }, delta];
  if (!isRecord(block)) return begin({ kind: "other" }, null);
  const input =
    isRecord(block["input"]) && Object.keys(block["input"]).length > 0
      ? JSON.stringify(block["input"])
      : "{}";
  switch (block["type"]) {
    case "text": {
      const citations: readonly unknown[] = Array.isArray(block["citations"]) ? block["citations"] : [];
      const started = begin({ kind: "text", start: memory.written, pending: citations }, null);
      const text = textIn(block["text"]);
      return text === "" ? started : stepBlock(started[0], { type: "text_delta", text });
    }
    case "thinking": {
      const thinking = textIn(block["thinking"]);
      const current = { kind: "thinking", thinking, signature: textIn(block["signature"]) } as const;
      return begin(current, thinking === "" ? null : { reasoning_content: thinking });
    }
    case "redacted_thinking":
      return begin({ kind: "redacted", block }, null);
    case "tool_use": {
      if (byTool && block["name"] === jsonTool) return begin({ kind: "json", input, sent: false }, null);
      const index = memory.calls;
      const id = textIn(block["id"]) === "" ? `call_${index}` : textIn(block["id"]);
      const call = { index, id, type: "function", function: { name: textIn(block["name"]), arguments: "" } };
      const [next] = begin({ kind: "call", index, input, sent: false }, null);
      return [{ ...next, calls: index + 1 }, { tool_calls: [call] }];
    }
    default:
      return begin({ kind: "other" }, null);
  }
}

/** A piece of the open block. */
export function stepBlock(memory: BlockMemory, delta: unknown): BlockStep {
  const { current } = memory;
  if (!isRecord(delta)) return [memory, null];
  switch (current.kind) {
    case "text": {
      if (delta["type"] === "citations_delta") {
        return [
          { ...memory, current: { ...current, pending: [...current.pending, delta["citation"]] } },
          null,
        ];
      }
      const text = textIn(delta["text"]);
      return text === ""
        ? [memory, null]
        : [{ ...memory, written: memory.written + text.length }, { content: text }];
    }
    case "thinking": {
      const thinking = textIn(delta["thinking"]);
      const signature = current.signature + textIn(delta["signature"]);
      const next = { kind: "thinking", thinking: current.thinking + thinking, signature } as const;
      return [{ ...memory, current: next }, thinking === "" ? null : { reasoning_content: thinking }];
    }
    case "call":
    case "json": {
      const piece = textIn(delta["partial_json"]);
      if (piece === "") return [memory, null];
      return [{ ...memory, current: { ...current, sent: true } }, argued(current, piece)];
    }
    case "redacted":
    case "other":
      return [memory, null];
  }
}

/** The open block ends. Arguments that never came are an empty object: clients parse them. */
export function stopBlock(memory: BlockMemory): BlockStep {
  const { current, cited, thoughts } = memory;
  const next: BlockMemory = { ...memory, current: { kind: "other" } };
  switch (current.kind) {
    case "text": {
      const all = current.pending.reduce<Cited>(
        (sum, citation) => cite(sum, citation, current.start, memory.written),
        cited,
      );
      return [{ ...next, cited: all }, null];
    }
    case "thinking": {
      const { thinking, signature } = current;
      return [{ ...next, thoughts: [...thoughts, { type: "thinking", thinking, signature }] }, null];
    }
    case "redacted":
      return [{ ...next, thoughts: [...thoughts, current.block] }, null];
    case "call":
    case "json":
      return [next, current.sent ? null : argued(current, current.input)];
    case "other":
      return [next, null];
  }
}

const argued = (block: Extract<Block, { kind: "call" | "json" }>, piece: string): Fields =>
  block.kind === "json"
    ? { content: piece }
    : { tool_calls: [{ index: block.index, function: { arguments: piece } }] };

const textIn = (value: unknown): string => (typeof value === "string" ? value : "");
