import { printGithub } from "../../config/print/github.ts";
import { element, textElement, xml } from "../../config/print/xml.ts";
import { showPosition } from "../../domain/position.ts";
import { showPercent } from "../../simulate/coverage.ts";
import { type CaseResult, labelOf } from "../../simulate/tests.ts";
import {
  countOf,
  diagnosticsOf,
  isBroken,
  isUnderFloor,
  type Report,
  showCount,
  showCoverage,
  showMutation,
} from "./report.ts";

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

/** Annotations at the lines of a pull request, and the figures in the log. */
export const testGithub = (report: Report): string =>
  [
    printGithub(diagnosticsOf(report)),
    isBroken(report) ? "" : showCount(report),
    showCoverage(report),
    showMutation(report),
  ]
    .filter((line) => line !== "")
    .join("\n");

/**
 * JUnit's XML: a case for each test, and one each for coverage and mutants where they were asked for.
 *
 * https://github.com/testmoapp/junitxml
 */
export function testJunit(report: Report): string {
  const { tests, tested } = report;
  const broken = tested.diagnostics.filter(
    ({ severity, code }) => severity === "error" && code !== "test_failed",
  );
  const cases = [
    ...broken.map(({ file, line, column, code, message }) => ({
      name: `${code} at ${line}:${column}`,
      line,
      failures: [{ type: code, message, text: `${file}:${line}:${column}: ${message}` }],
    })),
    ...tested.results.map(({ scene, mismatches }) => ({
      name: scene.name,
      line: scene.at.line,
      failures: mismatches.map(({ expectation, got, where }) => ({
        type: labelOf(expectation),
        message: `expected ${labelOf(expectation)} ${expectation.wants}, got ${got}`,
        text: [showPosition(expectation.at), where, `exp ${expectation.wants}`, `got ${got}`]
          .filter((line) => line !== "")
          .join("\n"),
      })),
    })),
    ...figures(report),
  ];
  const counts = {
    tests: cases.length,
    failures: cases.filter(({ failures }) => failures.length > 0).length,
    errors: 0,
  };
  const elements = cases.map(({ name, line, failures }) =>
    element(
      "testcase",
      { classname: tests, name, file: tests, line },
      failures.map(({ type, message, text }) => textElement("failure", { type, message }, text)),
    ),
  );
  const suite = element("testsuite", { name: tests, ...counts }, elements);
  return xml(element("testsuites", { name: "switchyard test", ...counts }, [suite]));
}

function figures(report: Report) {
  const told = diagnosticsOf(report).filter(
    ({ code, file }) => code === "test_failed" && file !== report.tests,
  );
  const missing = told.filter(({ message }) => message.startsWith("No test asserts"));
  const survivors = told.filter(({ message }) => message.startsWith("No test would"));
  const listed = (all: typeof told) =>
    all.map(({ file, line, column, message }) => `${file}:${line}:${column}: ${message}`).join("\n");
  const one = (name: string, isBad: boolean, message: string, text: string) => ({
    name,
    line: 1,
    failures: isBad ? [{ type: name, message, text }] : [],
  });
  return [
    ...(report.coverage === null
      ? []
      : [one("coverage", isUnderFloor(report), showCoverage(report), listed(missing))]),
    ...(report.mutation === null
      ? []
      : [one("mutants", survivors.length > 0, showMutation(report), listed(survivors))]),
  ];
}
