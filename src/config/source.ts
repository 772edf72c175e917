import { readdir, readFile, realpath, stat } from "node:fs/promises";
import { basename, dirname, isAbsolute, join, relative, sep } from "node:path";
import { matchesGlob } from "../core/glob.ts";
import { err, ok, type Result } from "../core/result.ts";
import { maxBytes } from "./bytes.ts";
import { type Diagnostic, diagnostic } from "./diagnostic.ts";
import { type Include, includesOf } from "./include.ts";
import type { SourceFile } from "./source_file.ts";
import { topOf } from "./tree.ts";

/** Where files stand, by paths: this machine, or a commit. */
export interface Shelf {
  /** One file of at most 1 MiB: `name` is what diagnostics call it. */
  readonly read: (path: string, name: string) => Promise<Result<SourceFile, Diagnostic>>;
  /** The names in a directory; none where there is no such directory. */
  readonly list: (directory: string) => Promise<readonly string[]>;
  /** Why a file that is listed may not be included, to be said after its name; null when it may. */
  readonly problemOf: (directory: string, name: string) => Promise<string | null>;
}

type Found = Result<readonly string[], Diagnostic>;

/** Reads a root file and what it includes, in the order of their names. The root comes first, under the given path. */
export async function readSources(
  rootPath: string,
  shelf: Shelf = disk,
): Promise<Result<readonly SourceFile[], readonly Diagnostic[]>> {
  const root = await shelf.read(rootPath, rootPath);
  if (!root.ok) return err([root.error]);
  const directory = dirname(rootPath);
  const problems: Diagnostic[] = [];
  const names = new Set<string>();
  for (const include of includesOf(root.value)) {
    if (join(directory, include.pattern) === join(rootPath)) {
      problems.push(diagnostic("bad_include", include.at, "The file includes itself; name another one."));
      continue;
    }
    const found = await find(shelf, directory, include);
    if (!found.ok) problems.push(found.error);
    else for (const name of found.value) if (join(directory, name) !== join(rootPath)) names.add(name);
  }
  if (problems.length > 0) return err(problems);

  const files = [root.value];
  let total = root.value.bytes.length;
  for (const name of [...names].toSorted()) {
    const file = await shelf.read(join(directory, name), name);
    if (!file.ok) return err([file.error]);
    total += file.value.bytes.length;
    if (total > maxBytes)
      return err([
        diagnostic(
          "file_too_large",
          topOf(rootPath),
          `The files together are larger than 1 MiB; ${name} is one too many.`,
        ),
      ]);
    files.push(file.value);
  }
  return ok(files);
}

/** One file, bounded: `name` is what diagnostics call it. It looks at the size before it reads, so that a huge one costs nothing. */
export async function readBounded(path: string, name: string): Promise<Result<SourceFile, Diagnostic>> {
  try {
    const found = await stat(path);
    // A pipe would be waited on for ever.
    if (!found.isFile()) return err(diagnostic("bad_include", topOf(name), "This is not a file."));
    const { size } = found;
    if (size > maxBytes)
      return err(
        diagnostic(
          "file_too_large",
          topOf(name),
          `The file is ${size} bytes; all files together may be at most 1 MiB.`,
        ),
      );
    return ok({ name, bytes: new Uint8Array(await readFile(path)) });
  } catch (error) {
    return err(diagnostic("bad_include", topOf(name), `The file cannot be read: ${reasonOf(error)}.`));
  }
}

const reasonOf = (error: unknown): string => {
  const code = error instanceof Error && "code" in error ? error.code : null;
  return code === "ENOENT"
    ? "it does not exist"
    : code === "EACCES"
      ? "permission denied"
      : String(code ?? "unknown reason");
};

/** The files that an include means. A pattern may find none; a plain name must be there. */
async function find(shelf: Shelf, directory: string, include: Include): Promise<Found> {
  const refuse = (message: string): Found => err(diagnostic("bad_include", include.at, message));
  if (include.problem !== null) return refuse(include.problem);
  const { pattern } = include;
  const names = await expand(shelf, directory, pattern.split("/"));
  if (names.length === 0)
    return pattern.includes("*")
      ? ok([])
      : refuse(`There is no file "${pattern}" beside the root file; includes are relative to its directory.`);
  for (const name of names) {
    const problem = await shelf.problemOf(directory, name);
    if (problem !== null) return refuse(`"${name}" ${problem}.`);
  }
  return ok(names);
}

async function expand(shelf: Shelf, directory: string, steps: readonly string[]): Promise<readonly string[]> {
  const [step = "", ...rest] = steps;
  if (!step.includes("*")) {
    if (rest.length > 0)
      return (await expand(shelf, join(directory, step), rest)).map((name) => `${step}/${name}`);
    const listed = await shelf.list(directory);
    return listed.includes(step) ? [step] : [];
  }
  const matching = (await shelf.list(directory)).filter(
    (name) => !name.startsWith(".") && matchesGlob(step, name),
  );
  if (rest.length === 0) return matching;
  const deeper = await Promise.all(
    matching.map(async (name) =>
      (await expand(shelf, join(directory, name), rest)).map((below) => `${name}/${below}`),
    ),
  );
  return deeper.flat();
}

const list = (directory: string): Promise<readonly string[]> => readdir(directory).catch(() => []);

/** Why a file that is listed cannot be used. */
async function problemOf(directory: string, name: string): Promise<string | null> {
  try {
    const real = await realpath(join(directory, name));
    const below = relative(await realpath(directory), real);
    if (below === ".." || below.startsWith(`..${sep}`) || isAbsolute(below))
      return "is a link that leads out of the root file's directory";
    return (await stat(real)).isFile() ? null : "is not a file";
  } catch (error) {
    return basename(name) === "" ? "is not a file" : `cannot be read: ${reasonOf(error)}`;
  }
}

/** The files of this machine. */
export const disk: Shelf = { read: readBounded, list, problemOf };
