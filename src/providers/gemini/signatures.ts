import { isRecord } from "../../core/record.ts";
import type { Fields } from "../fields.ts";
import type { Content } from "./content.ts";

/** What Google documents for a call that another model made, or whose signature was lost. https://ai.google.dev/gemini-api/docs/thought-signatures */
const skipValidation = "skip_thought_signature_validator";

/** The thought signature that a message or a tool call of OpenAI's shape bears, in the form of Google's own compatible endpoint. */
export function signatureIn(from: Fields): string | null {
  const extra = from["extra_content"];
  const google = isRecord(extra) ? extra["google"] : undefined;
  const signature = isRecord(google) ? google["thought_signature"] : undefined;
  return typeof signature === "string" && signature !== "" ? signature : null;
}

/** The same, to be borne by a message or a tool call; nothing without a signature. */
export const bearing = (signature: string | null): Fields =>
  signature === null ? {} : { extra_content: { google: { thought_signature: signature } } };

/** A part with its signature. */
export const signed = (part: Fields, signature: string | null): Fields =>
  signature === null ? part : { ...part, thoughtSignature: signature };

/**
 * Gives the first call of each step of the current turn a signature where it has none: models that validate them refuse the
 * conversation otherwise, as when it was begun with another model. The turn began where the user last spoke without a tool.
 */
export function withSignatures(contents: readonly Content[]): readonly Content[] {
  const began = contents.findLastIndex(({ role, parts }) => role === "user" && !parts.some(isResult));
  return contents.map((content, at) => {
    const first = content.role === "model" && at > began ? content.parts.findIndex(isCall) : -1;
    const call = content.parts[first];
    if (call === undefined || call["thoughtSignature"] !== undefined) return content;
    return { ...content, parts: content.parts.with(first, signed(call, skipValidation)) };
  });
}

const isCall = (part: Fields): boolean => part["functionCall"] !== undefined;
const isResult = (part: Fields): boolean => part["functionResponse"] !== undefined;
