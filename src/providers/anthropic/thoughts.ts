import { isRecord } from "../../core/record.ts";
import type { Fields } from "../fields.ts";

/**
 * Thinking blocks that a client hands back, signatures and all: in `thinking_blocks`, as our answers bear them, or in
 * `reasoning_details`, as some other gateways do. A thought without its signature is worth nothing to Anthropic.
 *
 * https://docs.claude.com/en/docs/build-with-claude/extended-thinking#preserving-thinking-blocks
 */
export function thoughtsIn(message: Fields): readonly Fields[] {
  const blocks = listOf(message["thinking_blocks"]).flatMap((block) => {
    const { type, thinking, signature, data } = block;
    return type === "redacted_thinking" ? redacted(data) : signed(thinking, signature);
  });
  if (blocks.length > 0) return blocks;
  return listOf(message["reasoning_details"]).flatMap((detail) => {
    const { format, type, text, signature, data } = detail;
    if (typeof format === "string" && !format.startsWith("anthropic")) return [];
    return type === "reasoning.encrypted" ? redacted(data) : signed(text, signature);
  });
}

const signed = (thinking: unknown, signature: unknown): readonly Fields[] =>
  typeof signature === "string" && signature !== ""
    ? [{ type: "thinking", thinking: typeof thinking === "string" ? thinking : "", signature }]
    : [];

const redacted = (data: unknown): readonly Fields[] =>
  typeof data === "string" && data !== "" ? [{ type: "redacted_thinking", data }] : [];

const listOf = (value: unknown): readonly Fields[] => (Array.isArray(value) ? value.filter(isRecord) : []);
