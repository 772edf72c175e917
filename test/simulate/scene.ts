import type { Diagnostic } from "../../src/config/diagnostic.ts";
import { labelOf, runTests, type Tested, type TestOptions } from "../../src/simulate/tests.ts";
import { snapshotOf } from "../support/snapshot.ts";

/** The tests of a routing file, both given as text; `version: 1` may be left out. */
export function testing(routes: string, tests: string, options: TestOptions = {}): Promise<Tested> {
  const text = /^version:/m.test(tests) ? tests : `version: 1\n${tests}`;
  const file = { name: "routes.test.yaml", bytes: new TextEncoder().encode(text) };
  return runTests(snapshotOf(routes), file, options);
}

/** One case, given as what stands below `- name:`; what does not hold, as `expectation wants, got`. */
export async function unlike(routes: string, ...lines: readonly string[]): Promise<readonly string[]> {
  const { results, diagnostics } = await testing(
    routes,
    `tests:\n  - name: it\n${lines.map((line) => `    ${line}`).join("\n")}`,
  );
  const broken = diagnostics.filter(({ code, severity }) => severity === "error" && code !== "test_failed");
  if (broken.length > 0) throw new Error(brief(broken).join("\n"));
  return results.flatMap(({ mismatches }) =>
    mismatches.map(({ expectation, got }) => `${labelOf(expectation)} ${expectation.wants}: ${got}`),
  );
}

/** `line:column code`. */
export const brief = (diagnostics: readonly Diagnostic[]): readonly string[] =>
  diagnostics.map(({ line, column, code }) => `${line}:${column} ${code}`);
