import type { Diagnostic } from "../../config/diagnostic.ts";
import { readSources } from "../../config/source.ts";
import type { SourceFile } from "../../config/source_file.ts";
import { err, ok, type Result } from "../../core/result.ts";
import { sha256Hex } from "../../runtime/digest.ts";
import { testsBeside } from "../file_source.ts";
import { brokenCopy, type Failure } from "./failure.ts";
import type { Mirror } from "./mirror.ts";
import { shelfOf } from "./shelf.ts";

/** What a commit says of the routing file. */
export type Contents = {
  /** The same for two commits that say the same, whatever else they change. */
  readonly hash: string;
} & (
  | { readonly kind: "files"; readonly files: readonly SourceFile[]; readonly tests: SourceFile | null }
  | { readonly kind: "unreadable"; readonly diagnostics: readonly Diagnostic[] }
);

/** Reads the routing file of a commit, what it includes, and the tests beside it. An error is damage to our own copy. */
export async function contentsOf(
  mirror: Pick<Mirror, "read">,
  sha: string,
  path: string,
): Promise<Result<Contents, Failure>> {
  const shelf = shelfOf((args) => mirror.read(args), sha);
  const testsPath = testsBeside(path);
  const sources = await readSources(path, shelf);
  const tests = (await shelf.has(testsPath)) ? await shelf.read(testsPath, testsPath) : ok(null);
  const damage = shelf.damage();
  if (damage !== null) return err(brokenCopy(damage));
  if (!sources.ok || !tests.ok) {
    const diagnostics = [...(sources.ok ? [] : sources.error), ...(tests.ok ? [] : [tests.error])];
    return ok({ kind: "unreadable", diagnostics, hash: sha256Hex(JSON.stringify(diagnostics)) });
  }
  const all = tests.value === null ? sources.value : [...sources.value, tests.value];
  const hash = sha256Hex(all.map(({ name, bytes }) => `${name}\0${sha256Hex(bytes)}`).join("\0"));
  return ok({ kind: "files", files: sources.value, tests: tests.value, hash });
}
