import { type Diagnostic, diagnostic, inFileOrder, type Report } from "../../config/diagnostic.ts";
import { parse } from "../../config/parse.ts";
import { Places } from "../../config/places.ts";
import { read } from "../../config/read.ts";
import { type CaseText, type TestsText, tests } from "../../config/schema/tests.ts";
import type { SourceFile } from "../../config/source_file.ts";
import type { Spot } from "../../config/tree.ts";
import type { Snapshot } from "../../domain/snapshot.ts";
import type { Case } from "./case.ts";
import { checkForm, checkNames } from "./check.ts";
import { makeCase } from "./make.ts";
import { namesIn } from "./missing.ts";

/** The cases of a file, or everything that is wrong with it; warnings come with either. */
export interface TestsFile {
  readonly cases: readonly Case[];
  readonly diagnostics: readonly Diagnostic[];
}

/** Reads the tests of a routing file against what that file says. Pure. */
export function readTests(snapshot: Snapshot, file: SourceFile): TestsFile {
  const parsed = parse(file.name, file.bytes);
  if (!parsed.ok) return { cases: [], diagnostics: parsed.error };
  const found: Diagnostic[] = [...parsed.value.problems];
  const report: Report = (code, at, message, extras) => {
    found.push(diagnostic(code, at, message, extras));
  };
  const isClean = () => found.every(({ severity }) => severity !== "error");
  const places = new Places(file.name);
  const references = { variables: {}, secret: [], open: [] };
  // What the schema refuses is left out and reported, so that all that is left has the type made from it.
  const text = read(tests, parsed.value.tree, { report, places, references }) as Partial<TestsText>;
  const making = { report, places };
  const all = text.tests ?? [];
  checkTwice(all, making.places, report);
  // Whatever a misspelt word leaves out is no second mistake.
  if (isClean()) for (const each of all) checkForm(making, each);
  const names = namesIn(snapshot, report);
  const cases = all.map((each) => {
    checkNames(making, each, snapshot, names);
    return makeCase(making, each, snapshot);
  });
  const diagnostics = inFileOrder(found, [file.name]);
  return isClean() ? { cases, diagnostics } : { cases: [], diagnostics };
}

/** Reports speak of cases by their names. */
function checkTwice(all: readonly CaseText[], places: Places, report: Report): void {
  const first = new Map<string, Spot>();
  for (const { name, at } of all.map((each) => ({ name: each.name, at: places.value(each, "name") }))) {
    const before = first.get(name);
    if (before === undefined) first.set(name, at);
    else {
      const related = [{ ...before, message: `"${name}" stands here first.` }].map(
        ({ file, line, column, message }) => ({ file, line, column, message }),
      );
      report(
        "duplicate_id",
        at,
        `The test "${name}" is here for the second time; give it a name of its own.`,
        {
          related,
        },
      );
    }
  }
}
