import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { Change, Side } from "../../../src/config/diff/change.ts";
import { diff } from "../../../src/config/diff.ts";
import { compileText, snapshotOf, source } from "../helpers.ts";

/** A configuration as the diff takes it; a text that does not compile fails the test. */
export const sideOf = (text: Parameters<typeof snapshotOf>[0]): Side => ({
  snapshot: snapshotOf(text, { unset: "warning" }),
  files: typeof text === "string" ? [source(text)] : text.map(([name, each]) => source(each, name)),
});

/** The same, null where the text does not compile. */
export function sideOrNull(text: string): Side | null {
  const compiled = compileText(text, { unset: "warning" });
  return compiled.ok ? { snapshot: compiled.snapshot, files: [source(text)] } : null;
}

/** What is not the same in two texts. */
export const changesOf = (base: string, head: string): readonly Change[] => diff(sideOf(base), sideOf(head));

const brief = (value: unknown): string => (typeof value === "string" ? value : JSON.stringify(value));

/** `CLASS path: from → to`. */
export const told = (change: Change): string =>
  `${change.class} ${change.path}: ${brief(change.from)} → ${brief(change.to)}`;

/** A file with something in every section; {@link edits} change words of it. */
export const everything = readFileSync(join(import.meta.dir, "everything.yaml"), "utf8");

/** One edit of {@link everything}, and what is told of it. */
export interface Edit {
  readonly from: string;
  readonly to: string;
  readonly expected: readonly string[];
}

const unescaped = (line: string): string => line.slice(2).replaceAll("\\n", "\n");

export const edits: readonly Edit[] = readFileSync(join(import.meta.dir, "edits.txt"), "utf8")
  .trimEnd()
  .split("\n\n")
  .map((block) => {
    const [from = "", to = "", ...expected] = block.split("\n");
    return { from: unescaped(from), to: unescaped(to), expected };
  });
