import type { Diagnostic } from "../diagnostic.ts";
import { element, textElement, xml } from "./xml.ts";

/** What was found in one root file and what belongs to it. */
export interface Suite {
  readonly file: string;
  readonly diagnostics: readonly Diagnostic[];
}

/**
 * JUnit's XML: a suite for each root file, a case for each diagnostic. Errors fail; so do warnings when they count.
 *
 * https://github.com/testmoapp/junitxml
 */
export function printJunit(checked: readonly Suite[], isStrict: boolean): string {
  const isFailure = ({ severity }: Diagnostic) => severity === "error" || isStrict;
  const suites = checked.map(({ file, diagnostics }) => {
    const cases =
      diagnostics.length === 0
        ? [element("testcase", { classname: file, name: "is valid" }, [])]
        : diagnostics.map((each) => testCase(each, isFailure(each)));
    return element("testsuite", { name: file, ...countsOf([diagnostics], isFailure) }, cases);
  });
  const counts = countsOf(
    checked.map(({ diagnostics }) => diagnostics),
    isFailure,
  );
  return xml(element("testsuites", { name: "switchyard validate", ...counts }, suites));
}

function testCase(each: Diagnostic, isFailure: boolean): string {
  const { file, line, column, code, message } = each;
  const place = `${file}:${line}:${column}`;
  const said = `${place}: ${message}`;
  const attributes = { classname: file, name: `${code} at ${line}:${column}`, file, line };
  const outcome = isFailure
    ? textElement("failure", { type: code, message }, said)
    : textElement("system-out", {}, `warning: ${said}`);
  return element("testcase", attributes, [outcome]);
}

function countsOf(suites: readonly (readonly Diagnostic[])[], isFailure: (each: Diagnostic) => boolean) {
  const all = suites.flat();
  // A file that is right is a case too.
  const tests = all.length + suites.filter((each) => each.length === 0).length;
  return { tests, failures: all.filter(isFailure).length, errors: 0 };
}
