import type { SyntaxNode } from "@lezer/common";
import { ancestor, keysBeside, type Step, stepsTo, treeOf } from "./tree.ts";

/** Where something is being written, and what can be written there. */
export interface Place {
  /** Of the mapping that a key belongs into, or of the value. */
  readonly path: readonly Step[];
  readonly takesKeys: boolean;
  readonly takesValues: boolean;
  /** The word that stands there so far. */
  readonly from: number;
  readonly to: number;
  /** Keys that the mapping has already. */
  readonly keys: readonly string[];
  /** Between braces or brackets. */
  readonly isFlow: boolean;
  /** A colon follows the word. */
  readonly hasColon: boolean;
}

/** What no file has, and no grammar minds. */
const marker = "\u{e000}";
const wordBefore = /[A-Za-z0-9_$*!./][\w.$/@*!+:-]*$/;
const wordAfter = /^[\w.$/@*+-]*/;

/**
 * The place at an offset: found by writing a word there and looking where it ends up. Null in comments, in texts of several
 * lines, and where only punctuation can follow.
 */
export function placeAt(text: string, at: number): Place | null {
  const lineFrom = text.lastIndexOf("\n", at - 1) + 1;
  const before = text.slice(lineFrom, at);
  const after = text.slice(at).split("\n", 1)[0] ?? "";
  const word = wordBefore.exec(before)?.[0] ?? "";
  if (word.endsWith(":") || /(^|\s)#/.test(before)) return null;
  const [from, to] = [at - word.length, at + (wordAfter.exec(after)?.[0].length ?? 0)];
  const around = treeOf(text).resolveInner(at, -1);
  if (ancestor(around, "BlockLiteralContent", "Comment") !== null) return null;
  const isFlow = isWithinFlow(around, text, at);
  const rest = text.slice(to, lineFrom + before.length + after.length);
  const startsLine = /^\s*(- +)*["']?$/.test(text.slice(lineFrom, from));
  const asKey = !isFlow && startsLine && /^["']?\s*(#.*)?$/.test(rest);
  const marked = `${text.slice(0, from)}${marker}${asKey ? ":" : ""}${text.slice(to)}`;
  return placeOf(marked, { from, to, isFlow, hasColon: /^["']?\s*:(\s|$)/.test(rest), asKey });
}

/** What was never closed goes on. */
function isWithinFlow(around: SyntaxNode, text: string, at: number): boolean {
  const flow = ancestor(around, "FlowMapping", "FlowSequence");
  if (flow === null) return false;
  const last = text[flow.to - 1];
  return at < flow.to || (last !== "}" && last !== "]");
}

interface Around extends Pick<Place, "from" | "to" | "isFlow" | "hasColon"> {
  readonly asKey: boolean;
}

function placeOf(marked: string, { asKey, ...rest }: Around): Place | null {
  const node = treeOf(marked).resolveInner(rest.from, 1);
  if (!marked.slice(node.from, node.to).includes(marker)) return null;
  const isKey = ancestor(node, "Key") !== null;
  const keys = isKey ? keysBeside(node, marked) : [];
  // The first word of a mapping may as well turn out to be a value.
  const takesValues = !isKey || (asKey && keys.length === 0 && !rest.hasColon);
  const path = stepsTo(node, marked);
  const inFlowList = !isKey && node.parent?.name === "Item" && rest.isFlow;
  return { ...rest, path, takesKeys: isKey, takesValues: takesValues || inFlowList, keys };
}
