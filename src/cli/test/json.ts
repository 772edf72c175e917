import { showPercent } from "../../simulate/coverage.ts";
import { type CaseResult, labelOf } from "../../simulate/tests.ts";
import { countOf, type Report } from "./report.ts";

/** For programs: cases with what does not hold, and what coverage and mutants came to, where that was asked for. */
export function testJson(report: Report): string {
  const { file, tests, tested, coverage, mutation } = report;
  return JSON.stringify(
    {
      file,
      tests_file: tests,
      ...countOf(report),
      tests: tested.results.map(caseJson),
      coverage:
        coverage === null
          ? null
          : {
              percent: Number(showPercent(coverage.percent)),
              covered: coverage.covered,
              total: coverage.total,
              uncovered: coverage.uncovered.map((part) => ({ kind: part.kind, rule: part.name, ...part.at })),
              left_out: coverage.leftOut.map((part) => ({
                kind: part.kind,
                rule: part.name,
                because: part.shadow,
                ...part.at,
              })),
            },
      mutants:
        mutation === null
          ? null
          : {
              total: mutation.total,
              survivors: mutation.survivors.map((mutant) => ({ change: mutant.says, ...mutant.at })),
            },
      diagnostics: tested.diagnostics,
    },
    null,
    2,
  );
}

const caseJson = ({ scene, worlds, mismatches }: CaseResult) => ({
  name: scene.name,
  file: scene.at.file,
  line: scene.at.line,
  ok: mismatches.length === 0,
  worlds,
  failures: mismatches.map(({ expectation, got, where }) => ({
    expectation: labelOf(expectation),
    expected: expectation.wants,
    got,
    ...(where === "" ? {} : { where }),
    file: expectation.at.file,
    line: expectation.at.line,
    column: expectation.at.column,
  })),
});
