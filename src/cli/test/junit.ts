import { element, textElement, xml } from "../../config/print/xml.ts";
import { showPosition } from "../../domain/position.ts";
import { labelOf } from "../../simulate/tests.ts";
import { diagnosticsOf, isUnderFloor, type Report, showCoverage, showMutation } from "./report.ts";

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
