import { dirname, join } from "node:path";
import { compile } from "../../config/compile.ts";
import type { Diagnostic } from "../../config/diagnostic.ts";
import { checkBySchema } from "../../config/gate.ts";
import { readSources, type SourceFile } from "../../config/source.ts";
import { version } from "../../version.ts";

/** One root file, what belongs to it, and what was found. All files are named as seen from here. */
export interface Checked {
  readonly file: string;
  readonly files: readonly SourceFile[];
  readonly diagnostics: readonly Diagnostic[];
}

/** Compiles a root file as a pull request would have it: no secret is read, an unset variable is a warning. */
export async function check(
  file: string,
  variables: Readonly<Record<string, string | undefined>>,
): Promise<Checked> {
  const sources = await readSources(file);
  const seen = (name: string) => (name === file ? name : join(dirname(file), name));
  if (!sources.ok) return { file, files: [], diagnostics: sources.error.map((each) => seenFrom(each, seen)) };
  const { diagnostics } = compile(sources.value, {
    engine: version,
    variables,
    unset: "warning",
    opinion: checkBySchema,
  });
  return {
    file,
    files: sources.value.map(({ name, bytes }) => ({ name: seen(name), bytes })),
    diagnostics: diagnostics.map((each) => seenFrom(each, seen)),
  };
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
