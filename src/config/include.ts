import { parse } from "./parse.ts";
import type { SourceFile } from "./source_file.ts";
import { member, type Spot } from "./tree.ts";

/** One entry of `include`. */
export interface Include {
  /** Relative to the root file's directory; `*` stands for any file name, never for a `/`. */
  readonly pattern: string;
  readonly at: Spot;
  /** Why it may not be followed; null when it may. */
  readonly problem: string | null;
}

/** What a root file includes. A file that cannot be parsed includes nothing: the compiler says why. */
export function includesOf(root: SourceFile): readonly Include[] {
  const parsed = parse(root.name, root.bytes);
  if (!parsed.ok) return [];
  const section = member(parsed.value.tree, "include")?.value;
  if (section?.kind !== "sequence") return [];
  return section.items.flatMap((item) =>
    item.kind === "scalar" && typeof item.value === "string"
      ? [{ pattern: item.value, at: item.at, problem: problemOf(item.value) }]
      : [],
  );
}

function problemOf(pattern: string): string | null {
  const right = "includes are paths relative to the root file's directory and inside it";
  if (pattern === "") return `An include is empty; ${right}.`;
  if (/^[A-Za-z][A-Za-z0-9+.-]*:/.test(pattern)) return `"${pattern}" is an address, not a path; ${right}.`;
  if (pattern.startsWith("/") || pattern.includes("\\"))
    return `"${pattern}" is not a relative path; ${right}.`;
  if (pattern.split("/").includes("..")) return `"${pattern}" has .. in it; ${right}.`;
  return null;
}
