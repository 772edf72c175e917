import { basename, dirname, join, normalize } from "node:path/posix";
import type { Diagnostic } from "../../config/diagnostic.ts";
import type { Shelf } from "../../config/source.ts";
import { ok, type Result } from "../../core/result.ts";
import type { Texts } from "../draft/question.ts";
import { testsBeside } from "../file_source.ts";
import type { Origin } from "../source.ts";

/** Changed files by their paths, as the source counts paths. */
export type Changes = ReadonlyMap<string, Uint8Array>;

/** Who proposes a change, and the words for it. */
export interface Byline {
  readonly who: string;
  /** Its first line is what a commit is called. */
  readonly message: string;
  readonly reason: string;
}

/** Where a proposal went. */
export type Submitted =
  | { readonly kind: "file"; readonly written: readonly string[] }
  | { readonly kind: "git"; readonly repo: string; readonly branch: string; readonly commit: string };

/** A proposal on the desk: what the source says now, what it would say, and how it is handed in. */
export interface Sheet {
  /** Null where it cannot be read as it is. */
  readonly base: Texts | null;
  readonly head: Result<Texts, readonly Diagnostic[]>;
  /** A sentence where it cannot be. */
  readonly submit: (byline: Byline) => Promise<Result<Submitted, string>>;
}

/** Where a source is written to. */
export interface Desk {
  readonly kind: Origin["kind"];
  /** The path of the routing file. */
  readonly root: string;
  /** A sentence where the source cannot be reached. */
  readonly open: (changes: Changes) => Promise<Result<Sheet, string>>;
}

/** A shelf with changed files in the place of those that stand there, or beside them. */
export function overlaid(shelf: Shelf, changes: Changes): Shelf {
  const paths = [...changes.keys()];
  return {
    read: async (path, name) => {
      const bytes = changes.get(normalize(path));
      return bytes === undefined ? shelf.read(path, name) : ok({ name, bytes });
    },
    list: async (directory) => {
      const below = `${normalize(directory)}/`.replace(/^\.\//, "");
      const added = paths.filter((path) => path.startsWith(below)).map((path) => path.slice(below.length));
      const names = added.map((path) => path.split("/")[0] ?? "");
      return [...new Set([...(await shelf.list(directory)), ...names])];
    },
    problemOf: async (directory, name) => {
      const isThere = (await shelf.list(dirname(join(directory, name)))).includes(basename(name));
      return isThere || !changes.has(normalize(join(directory, name)))
        ? shelf.problemOf(directory, name)
        : null;
    },
  };
}

/**
 * The path that a file is meant by: the routing file and its tests by their own name or path, any other by its path from
 * the directory of the routing file. Null where the name leads out of it, or is none.
 */
export function pathOf(root: string, name: string): string | null {
  for (const path of [root, testsBeside(root)])
    if (name === path || name === basename(path)) return normalize(path);
  const isPlain = name.split("/").every((step) => /^(?!\.)[^\p{C}\\]{1,255}$/u.test(step));
  return isPlain ? normalize(join(dirname(root), name)) : null;
}

/** The paths of everything that a configuration is made of. */
export function pathsOf(root: string, { files, tests }: Texts): ReadonlySet<string> {
  const included = files.slice(1).map(({ name }) => join(dirname(root), name));
  return new Set(
    [root, ...included, ...(tests === null ? [] : [testsBeside(root)])].map((path) => normalize(path)),
  );
}
