import { basename, dirname, join, normalize } from "node:path/posix";
import { maxBytes } from "../../config/bytes.ts";
import { diagnostic } from "../../config/diagnostic.ts";
import type { Shelf } from "../../config/source.ts";
import { topOf } from "../../config/tree.ts";
import { err, ok } from "../../core/result.ts";
import type { Ran } from "../../runtime/command.ts";

/** One entry of a directory in a commit. */
interface Entry {
  /** Git's six octal digits: `100644` and `100755` are files, `120000` a link, `160000` a submodule. */
  readonly mode: string;
  readonly id: string;
  /** Of a file, in bytes; NaN where the repository lacks it. */
  readonly size: number;
  readonly name: string;
}

/** The files of one commit. Nothing but a regular file is ever read: what a link means is nobody's business here. */
export interface CommitShelf extends Shelf {
  readonly has: (path: string) => Promise<boolean>;
  /** How git failed on what the commit must have: the repository is damaged. Null while all is well. */
  readonly damage: () => Ran | null;
}

/** A command of git on the repository, such as `["ls-tree", …]`. */
type Read = (args: readonly string[]) => Promise<Ran>;

/** Reads a commit by its hash; paths count from the repository's top. */
export function shelfOf(read: Read, sha: string): CommitShelf {
  const listed = new Map<string, Promise<readonly Entry[]>>();
  let damage: Ran | null = null;
  const runOn = async (args: readonly string[]): Promise<Uint8Array | null> => {
    const ran = await read(args);
    if (ran.code === 0) return ran.stdout;
    damage ??= ran;
    return null;
  };
  const entries = (directory: string): Promise<readonly Entry[]> => {
    const path = normalize(directory).replace(/\/+$/, "");
    const found = listed.get(path) ?? entriesIn(runOn, sha, path === "." ? "" : path);
    listed.set(path, found);
    return found;
  };
  const at = async (path: string): Promise<Entry | null> =>
    (await entries(dirname(path))).find(({ name }) => name === basename(path)) ?? null;

  return {
    damage: () => damage,
    has: async (path) => (await at(path)) !== null,
    list: async (directory) => (await entries(directory)).map(({ name }) => name),
    problemOf: async (directory, name) => {
      const entry = await at(join(directory, name));
      return entry === null ? "is not in the commit" : problemOf(entry);
    },
    read: async (path, name) => {
      const refuse = (message: string) => err(diagnostic("bad_include", topOf(name), message));
      const entry = await at(path);
      if (entry === null)
        return refuse(
          "The file cannot be read: the commit has no such path, or a link stands on the way to it.",
        );
      const problem = problemOf(entry);
      if (problem !== null) return refuse(`The file cannot be read: it ${problem}.`);
      if (entry.size > maxBytes) {
        const message = `The file is ${entry.size} bytes; all files together may be at most 1 MiB.`;
        return err(diagnostic("file_too_large", topOf(name), message));
      }
      const bytes = await runOn(["cat-file", "blob", entry.id]);
      return bytes === null ? refuse("The file cannot be read from the repository.") : ok({ name, bytes });
    },
  };
}

const kinds: Readonly<Record<string, string>> = {
  "120000": "is a link, and links are not followed",
  "160000": "is a submodule, and not a file",
  "040000": "is a directory, and not a file",
};

/** Why an entry cannot be read, to be said after its name; null when it is a regular file. */
const problemOf = ({ mode }: Entry): string | null =>
  mode === "100644" || mode === "100755" ? null : (kinds[mode] ?? "is not a file");

async function entriesIn(
  runOn: (args: readonly string[]) => Promise<Uint8Array | null>,
  sha: string,
  directory: string,
): Promise<readonly Entry[]> {
  const below = directory === "" ? [] : [`${directory}/`];
  const listed = await runOn(["ls-tree", "-z", "-l", "--full-tree", sha, "--", ...below]);
  return new TextDecoder()
    .decode(listed ?? new Uint8Array())
    .split("\0")
    .flatMap((line) => {
      const [, mode = "", id = "", size = "", path = ""] =
        /^(\d{6}) \w+ ([0-9a-f]+) +(\d+|-|BAD)\t(.+)$/s.exec(line) ?? [];
      return mode === "" ? [] : [{ mode, id, size: size === "-" ? 0 : Number(size), name: basename(path) }];
    });
}
