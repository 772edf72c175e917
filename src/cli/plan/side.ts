import { stat } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { compile } from "../../config/compile.ts";
import type { Diagnostic } from "../../config/diagnostic.ts";
import { readBounded, readSources } from "../../config/source.ts";
import type { SourceFile } from "../../config/source_file.ts";
import { err, ok, type Result } from "../../core/result.ts";
import { commitAt, readCommit } from "../../rollout/git_read.ts";
import { version } from "../../version.ts";
import { exit } from "../exit.ts";
import type { Shell } from "../shell.ts";
import type { Compared, Refused, Texts } from "./compared.ts";
import { readRunning } from "./running.ts";

type Read<T> = Promise<Result<T, Refused>>;

/**
 * Reads and compiles what `origin` means: a file, `git:REF` for the file `path` in that commit, or the address of a running
 * gateway. No secret is read; an unset variable is no error.
 */
export async function readSide(origin: string, path: string, shell: Shell): Read<Compared> {
  const texts = await textsOf(origin, path, shell);
  if (!texts.ok) return texts;
  const { files } = texts.value;
  const given = { engine: version, variables: shell.environment, unset: "warning" } as const;
  const compiled = compile(files, given);
  return compiled.ok
    ? ok({ ...texts.value, snapshot: compiled.snapshot })
    : err({ kind: "invalid", diagnostics: compiled.diagnostics, files });
}

function textsOf(origin: string, path: string, shell: Shell): Read<Texts> {
  if (origin.startsWith("git:")) return fromGit(origin.slice("git:".length), path, shell);
  if (/^https?:\/\//i.test(origin)) return readRunning(origin, shell);
  return fromDisk(origin);
}

/** The tests of a routing file: `routes.yaml` has `routes.test.yaml`. */
const testsBeside = (path: string): string => path.replace(/(\.ya?ml)?$/, ".test.yaml");

const missing = (message: string, code: number = exit.usage): Result<never, Refused> =>
  err({ kind: "missing", message, code });

const invalid = (diagnostics: readonly Diagnostic[]): Result<never, Refused> =>
  err({ kind: "invalid", diagnostics, files: [] });

async function fromDisk(path: string): Read<Texts> {
  if (!(await isFile(path))) return missing(`There is no file ${JSON.stringify(path)}.`);
  const sources = await readSources(path);
  if (!sources.ok) return invalid(sources.error);
  const beside = testsBeside(path);
  const tests = (await isFile(beside)) ? await readBounded(beside, beside) : null;
  if (tests?.ok === false) return invalid([tests.error]);
  return ok({ files: seenFrom(path, sources.value), tests: tests?.value ?? null, label: path, commit: null });
}

async function fromGit(ref: string, path: string, shell: Shell): Read<Texts> {
  const commit = await commitAt(dirname(path), ref, shell.environment["PATH"] ?? "");
  if (!commit.ok) return missing(commit.error);
  const name = basename(path);
  if (!(await commit.value.has(name)))
    return missing(`There is no file ${JSON.stringify(path)} in the commit ${JSON.stringify(ref)}.`);
  const { sources, tests } = await readCommit(commit.value, name, testsBeside(name));
  if (!sources.ok) return invalid(sources.error);
  const { sha } = commit.value;
  return ok({
    files: seenFrom(path, sources.value),
    tests: tests === null ? null : { ...tests, name: testsBeside(path) },
    label: `git:${ref} (${sha.slice(0, 8)})`,
    commit: sha,
  });
}

/** All files by their paths from here: whoever reads the report does not stand beside them. */
const seenFrom = (path: string, files: readonly SourceFile[]): readonly SourceFile[] =>
  files.map(({ name, bytes }, index) => ({ bytes, name: index === 0 ? path : join(dirname(path), name) }));

const isFile = (path: string): Promise<boolean> =>
  stat(path).then(
    (found) => found.isFile(),
    () => false,
  );
