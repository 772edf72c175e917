import { type Step, stepsTo, treeOf, wordOf } from "./tree.ts";

/** A key or a plain value of a document. */
export interface Entry {
  readonly kind: "key" | "value";
  /** Down to the value, or to what the key holds. */
  readonly path: readonly Step[];
  readonly word: string;
  readonly from: number;
  readonly to: number;
}

/** Every key and every plain value of a text, in its order. */
export function outlineOf(text: string): readonly Entry[] {
  const entries: Entry[] = [];
  treeOf(text).iterate({
    enter: ({ node, name }) => {
      if (name !== "Literal" && name !== "QuotedLiteral") return;
      const word = wordOf(node, text);
      const above = stepsTo(node, text);
      const kind = node.parent?.name === "Key" ? "key" : "value";
      const path = kind === "key" ? [...above, word] : above;
      entries.push({ kind, path, word, from: node.from, to: node.to });
    },
  });
  return entries;
}

/** Whether a path is one that a pattern means: `*` stands for any step, a list's index included. */
export const matchesPath = (path: readonly Step[], pattern: readonly string[]): boolean =>
  path.length === pattern.length &&
  pattern.every((step, index) => step === "*" || step === String(path[index]));
