import semver from "semver";
import type { Snapshot } from "../domain/snapshot.ts";
import { maxBytes } from "./bytes.ts";
import { build } from "./compile/build.ts";
import type { Making } from "./compile/making.ts";
import { putTogether, type ReadFile } from "./compile/whole.ts";
import { type Diagnostic, diagnostic, inFileOrder, type Report, type Severity } from "./diagnostic.ts";
import { parse } from "./parse.ts";
import { Places } from "./places.ts";
import { type Reading, read } from "./read.ts";
import { checkReferences, type References } from "./references.ts";
import { type IncludedText, included, type RoutesText, routes } from "./schema/routes.ts";
import type { SourceFile } from "./source_file.ts";
import { type Mapping, type Tree, topOf } from "./tree.ts";

/** A Snapshot with its warnings, or everything that is wrong. */
export type Compiled =
  | { readonly ok: true; readonly snapshot: Snapshot; readonly diagnostics: readonly Diagnostic[] }
  | { readonly ok: false; readonly diagnostics: readonly Diagnostic[] };

/** What a file's meaning depends on besides its text. */
export interface Given {
  /** Version of this program, for `requires`. */
  readonly engine: string;
  /** For `${NAME}` in open fields. Secrets are not read from here. */
  readonly variables: Readonly<Record<string, string | undefined>>;
  /** What an unset `${NAME}` is: an error (default) to whoever serves, a warning to whoever only looks. */
  readonly unset?: Severity;
  /** A second opinion on a file that nothing was found wrong with: `checkBySchema`, for commands that have the time. */
  readonly opinion?: (which: "routes" | "included", tree: Tree, report: Report) => boolean;
}

/** Compiles the root file (`files[0]`) and what it includes. Pure; all problems are returned in one run. */
export function compile(files: readonly SourceFile[], given: Given): Compiled {
  const found: Diagnostic[] = [];
  const report: Report = (code, at, message, extras) => {
    found.push(diagnostic(code, at, message, extras));
  };
  const isClean = () => found.every(({ severity }) => severity !== "error");
  const snapshot = attempt(files, given, report, isClean);
  const errors = found.filter(({ severity }) => severity === "error");
  const failed = errors.length > 0;
  // A misspelt name leaves its owner unused and a model with a target less: that would be the same mistake twice.
  const consequences = errors.every(({ code }) => code === "assert_failed")
    ? ["unused", "single_target"]
    : ["unused", "single_target", "assert_failed"];
  const told = failed ? found.filter(({ code }) => !consequences.includes(code)) : found;
  const diagnostics = inFileOrder(
    told,
    files.map(({ name }) => name),
  );
  return snapshot === null || failed ? { ok: false, diagnostics } : { ok: true, snapshot, diagnostics };
}

function attempt(
  files: readonly SourceFile[],
  given: Given,
  report: Report,
  isClean: () => boolean,
): Snapshot | null {
  const top = files[0]?.name ?? "routes.yaml";
  const total = files.reduce((sum, { bytes }) => sum + bytes.length, 0);
  if (total > maxBytes) {
    report(
      "file_too_large",
      topOf(top),
      `The configuration is ${total} bytes, all files together; at most ${maxBytes} are accepted.`,
    );
    return null;
  }
  const places = new Places(top);
  const references: References = { variables: given.variables, secret: [], open: [] };
  const readings = files.map((file, index) => readFile(file, index === 0, { report, places, references }));
  checkReferences(references, given.unset ?? "error", report);

  const readable = readings.flatMap((each) => (each === null ? [] : [each]));
  const root = readings[0] ?? null;
  if (root === null) return null;
  const text = root.text as RoutesText;
  checkEngine(text, given.engine, { report, places });
  if (given.opinion !== undefined && isClean()) {
    for (const each of readable) given.opinion(each === root ? "routes" : "included", each.tree, report);
  }
  // Every name of a file that cannot be read would be reported as missing.
  if (readable.length < files.length) return null;
  return build({ report, places }, putTogether(readable, text, places, report));
}

function readFile(file: SourceFile, isRoot: boolean, reading: Reading): ReadFile | null {
  const parsed = parse(file.name, file.bytes);
  for (const problem of parsed.ok ? parsed.value.problems : parsed.error) {
    reading.report(problem.code, problem, problem.message, problem);
  }
  if (!parsed.ok) return null;
  const { tree } = parsed.value;
  const text = isRoot
    ? read(routes, tree, reading)
    : read(included, tree, { ...reading, unknownKey: belongsToRoot(tree) });
  // The schema is what the type is made from; what it refused is left out, and `putTogether` knows it by name.
  return { tree, text: text as IncludedText };
}

const belongsToRoot = (top: Tree) => (mapping: Mapping, key: string) =>
  mapping === top && Object.hasOwn(routes.properties, key)
    ? {
        code: "bad_include" as const,
        message: `The section "${key}" belongs into the root file; included ones hold ${Object.keys(included.properties).join(", ")}.`,
      }
    : null;

function checkEngine(text: RoutesText, engine: string, { report, places }: Making): void {
  const { requires } = text;
  if (requires === undefined) return;
  const at = places.value(text, "requires");
  if (semver.validRange(requires) === null) {
    report(
      "wrong_type",
      at,
      `Found ${JSON.stringify(requires)}; this must be a semver range such as ">=0.1.0".`,
    );
  } else if (!semver.satisfies(engine, requires, { includePrerelease: true })) {
    report(
      "engine_mismatch",
      at,
      `The file requires ${requires}, and this is Switchyard ${engine}; run a version that fits, or change the range.`,
    );
  }
}
