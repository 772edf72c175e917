import { readFile, stat } from "node:fs/promises";
import { dirname, join } from "node:path";
import { compile } from "../../config/compile.ts";
import type { Diagnostic } from "../../config/diagnostic.ts";
import { checkBySchema } from "../../config/gate.ts";
import { readSources } from "../../config/source.ts";
import type { SourceFile } from "../../config/source_file.ts";
import { testsBeside } from "../../rollout/file_source.ts";
import { readTests } from "../../simulate/scenario/read.ts";
import { version } from "../../version.ts";

/** One root file, what belongs to it, and what was found. All files are named as seen from here. */
export interface Checked {
  readonly file: string;
  readonly files: readonly SourceFile[];
  readonly diagnostics: readonly Diagnostic[];
}

/**
 * Compiles a root file as a pull request would have it: no secret is read, an unset variable is a warning. The tests beside
 * it are read, not run.
 */
export async function check(
  file: string,
  variables: Readonly<Record<string, string | undefined>>,
): Promise<Checked> {
  const sources = await readSources(file);
  const seen = (name: string) => (name === file ? name : join(dirname(file), name));
  if (!sources.ok) return { file, files: [], diagnostics: sources.error.map((each) => seenFrom(each, seen)) };
  const compiled = compile(sources.value, {
    engine: version,
    variables,
    unset: "warning",
    opinion: checkBySchema,
  });
  const tests = await readBeside(file);
  // What a broken file has no name for would be missing from its tests too.
  const ofTests = tests === null || !compiled.ok ? [] : readTests(compiled.snapshot, tests).diagnostics;
  const files = sources.value.map(({ name, bytes }) => ({ name: seen(name), bytes }));
  return {
    file,
    files: tests === null ? files : [...files, tests],
    diagnostics: [...compiled.diagnostics.map((each) => seenFrom(each, seen)), ...ofTests],
  };
}

/** The tests of a routing file; null where there are none. */
async function readBeside(file: string): Promise<SourceFile | null> {
  const name = testsBeside(file);
  const found = await stat(name).catch(() => null);
  return found?.isFile() === true ? { name, bytes: new Uint8Array(await readFile(name)) } : null;
}

/** Included files are named from the root file's directory; whoever reads the report stands elsewhere. */
function seenFrom(each: Diagnostic, seen: (name: string) => string): Diagnostic {
  const { file, related } = each;
  return {
    ...each,
    file: seen(file),
    ...(related === undefined
      ? {}
      : { related: related.map((other) => ({ ...other, file: seen(other.file) })) }),
  };
}
