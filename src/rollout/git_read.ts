import { dirname, join, normalize } from "node:path/posix";
import { maxBytes } from "../config/bytes.ts";
import { diagnostic } from "../config/diagnostic.ts";
import { readSources, type Shelf, type SourceFile } from "../config/source.ts";
import { topOf } from "../config/tree.ts";
import { err, ok, type Result } from "../core/result.ts";
import { type Ran, run } from "../runtime/command.ts";

/** One entry of a directory in a commit. */
interface Entry {
  readonly mode: string;
  readonly id: string;
  /** Of a file, in bytes. */
  readonly size: number;
  readonly name: string;
}

/** A commit of the repository that a directory is in. */
export interface Commit {
  /** 40 or 64 hex digits. */
  readonly sha: string;
  /** Its files, by paths from the directory. */
  readonly shelf: Shelf;
  /** Whether something stands at a path there. */
  readonly has: (path: string) => Promise<boolean>;
}

/** What a ref may look like to us: no option, no path, no range, nothing for a shell or a terminal. */
const refPattern = /^(?!-)(?!.*\.\.)[^\s\p{C}:?*[\\]{1,255}$/u;

/**
 * Finds a commit by a branch, a tag, `origin/main`, `HEAD~1` or a hash, in the repository around a directory; git is looked
 * for on `searchPath`. Nothing is fetched and nothing of the repository is run. Why there is none is a sentence.
 */
export async function commitAt(
  directory: string,
  ref: string,
  searchPath: string,
): Promise<Result<Commit, string>> {
  if (!refPattern.test(ref)) return err(`${JSON.stringify(ref)} is no name of a commit.`);
  const git: Git = (...args) => runGit(directory, searchPath, args);
  const around = await git("rev-parse", "--show-prefix");
  if (around.ended === "not_started") return err("There is no git on the PATH.");
  if (around.code !== 0) return err(`${JSON.stringify(directory)} is in no git repository.`);
  const prefix = textOf(around.stdout);
  const found = await git("rev-parse", "--verify", "--quiet", "--end-of-options", `${ref}^{commit}`);
  const sha = found.code === 0 ? textOf(found.stdout) : "";
  if (!/^([0-9a-f]{40}|[0-9a-f]{64})$/.test(sha))
    return err(`The repository has no commit ${JSON.stringify(ref)}; fetch it first.`);

  const known = new Map<string, Promise<readonly Entry[]>>();
  const entries: Entries = (below) => {
    const listed = known.get(below) ?? listing(git, sha, below);
    known.set(below, listed);
    return listed;
  };
  const shelf = shelfOf(git, prefix, entries);
  const has = async (file: string) => (await entryAt(entries, prefix, file)) !== null;
  return ok({ sha, shelf, has });
}

/** A routing file of a commit with what it includes, and the tests beside it. */
export async function readCommit(
  { shelf, has }: Commit,
  path: string,
  testsPath: string,
): Promise<{ readonly sources: Awaited<ReturnType<typeof readSources>>; readonly tests: SourceFile | null }> {
  const sources = await readSources(path, shelf);
  const tests = (await has(testsPath)) ? await shelf.read(testsPath, testsPath) : null;
  return { sources, tests: tests?.ok === true ? tests.value : null };
}

type Git = (...args: readonly string[]) => Promise<Ran>;
type Entries = (directory: string) => Promise<readonly Entry[]>;

function shelfOf(git: Git, prefix: string, entries: Entries): Shelf {
  return {
    read: async (path, name) => {
      const refuse = (message: string) => err(diagnostic("bad_include", topOf(name), message));
      const entry = await entryAt(entries, prefix, path);
      if (entry === null) return refuse("The file cannot be read: it is not in the commit.");
      if (!isFile(entry)) return refuse("This is not a file, but a link, a directory or a submodule.");
      if (entry.size > maxBytes) {
        const message = `The file is ${entry.size} bytes; all files together may be at most 1 MiB.`;
        return err(diagnostic("file_too_large", topOf(name), message));
      }
      const blob = await git("cat-file", "blob", entry.id);
      return blob.code === 0 ? ok({ name, bytes: blob.stdout }) : refuse("git cannot read the file.");
    },
    list: async (directory) => (await entries(below(prefix, directory))).map(({ name }) => name),
    problemOf: async (directory, name) => {
      const entry = await entryAt(entries, prefix, join(directory, name));
      return entry !== null && isFile(entry) ? null : "is not a file of the commit";
    },
  };
}

/** Regular files, executable or not: a link is a mode of its own. */
const isFile = ({ mode }: Entry): boolean => mode === "100644" || mode === "100755";

async function entryAt(entries: Entries, prefix: string, path: string): Promise<Entry | null> {
  const whole = below(prefix, path);
  const directory = dirname(whole);
  const listed = await entries(directory === "." ? "" : directory);
  return listed.find(({ name }) => join(directory, name) === whole) ?? null;
}

/** A path from the repository's top, without `.` and `..`; one that leads out finds nothing. */
function below(prefix: string, path: string): string {
  const whole = normalize(join(prefix, path)).replace(/\/+$/, "");
  return whole === "." ? "" : whole;
}

async function listing(git: Git, sha: string, directory: string): Promise<readonly Entry[]> {
  const where = directory === "" ? [] : [`${directory}/`];
  const listed = await git("ls-tree", "-z", "-l", "--full-tree", sha, "--", ...where);
  if (listed.code !== 0) return [];
  return textOf(listed.stdout)
    .split("\0")
    .flatMap((line) => {
      const [, mode = "", id = "", size = "", path = ""] =
        /^(\d+) \w+ ([0-9a-f]+) +(\d+|-)\t(.*)$/s.exec(line) ?? [];
      return mode === "" ? [] : [{ mode, id, size: Number(size) || 0, name: path.split("/").at(-1) ?? "" }];
    });
}

const textOf = (bytes: Uint8Array): string => new TextDecoder().decode(bytes).replace(/\n$/, "");

/** Nothing of the system's or the user's configuration, no hook, no transport, no prompt. */
const flags = [
  ...["--no-pager", "-c", "core.hooksPath=/dev/null", "-c", "core.fsmonitor=false"],
  ...["-c", "protocol.allow=never"],
  // It protects from what a repository can make git run; with the above that is nothing.
  ...["-c", "safe.directory=*"],
];

const environment = {
  GIT_CONFIG_NOSYSTEM: "1",
  GIT_CONFIG_GLOBAL: "/dev/null",
  GIT_ATTR_NOSYSTEM: "1",
  GIT_TERMINAL_PROMPT: "0",
  GIT_OPTIONAL_LOCKS: "0",
  GIT_NO_LAZY_FETCH: "1",
  GIT_NO_REPLACE_OBJECTS: "1",
  GIT_LITERAL_PATHSPECS: "1",
  LC_ALL: "C",
};

const runGit = (directory: string, searchPath: string, args: readonly string[]): Promise<Ran> =>
  run({
    argv: ["git", ...flags, "-C", directory, ...args],
    environment: { PATH: searchPath, ...environment },
    deadlineMs: 30_000,
    maxBytes: 16 * maxBytes,
  });
