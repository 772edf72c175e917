import { join, normalize } from "node:path/posix";
import { maxBytes } from "../config/bytes.ts";
import { readSources, type Shelf } from "../config/source.ts";
import type { SourceFile } from "../config/source_file.ts";
import { err, ok, type Result } from "../core/result.ts";
import { type Ran, run } from "../runtime/command.ts";
import { shelfOf } from "./git/shelf.ts";

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

  const shelf = shelfOf((args) => git(...args), sha);
  const at = (path: string) => normalize(join(prefix, path));
  return ok({
    sha,
    shelf: {
      read: (path, name) => shelf.read(at(path), name),
      list: (below) => shelf.list(at(below)),
      problemOf: (below, name) => shelf.problemOf(at(below), name),
    },
    has: (path) => shelf.has(at(path)),
  });
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
