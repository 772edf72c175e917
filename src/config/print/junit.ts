import type { Diagnostic } from "../diagnostic.ts";

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
  return `<?xml version="1.0" encoding="UTF-8"?>\n${element("testsuites", { name: "switchyard validate", ...counts }, suites)}`;
}

function testCase(each: Diagnostic, isFailure: boolean): string {
  const { file, line, column, code, message } = each;
  const place = `${file}:${line}:${column}`;
  const said = `${place}: ${message}`;
  const attributes = { classname: file, name: `${code} at ${line}:${column}`, file, line };
  const outcome = isFailure
    ? `<failure type="${written(code)}" message="${written(message)}">${written(said)}</failure>`
    : `<system-out>${written(`warning: ${said}`)}</system-out>`;
  return element("testcase", attributes, [outcome]);
}

function countsOf(suites: readonly (readonly Diagnostic[])[], isFailure: (each: Diagnostic) => boolean) {
  const all = suites.flat();
  // A file that is right is a case too.
  const tests = all.length + suites.filter((each) => each.length === 0).length;
  return { tests, failures: all.filter(isFailure).length, errors: 0 };
}

function element(
  name: string,
  attributes: Readonly<Record<string, string | number>>,
  children: readonly string[],
): string {
  const list = Object.entries(attributes).map(([key, value]) => ` ${key}="${written(String(value))}"`);
  if (children.length === 0) return `<${name}${list.join("")}/>`;
  const inside = children.join("\n").replace(/^/gm, "  ");
  return `<${name}${list.join("")}>\n${inside}\n</${name}>`;
}

const entities: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "\n": "&#10;",
  "\r": "&#13;",
  "\t": "&#9;",
};

/** Text for XML 1.0, which has no room for most control characters. */
const written = (text: string): string =>
  text
    .toWellFormed()
    // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is taken out.
    .replace(/[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/g, "�")
    .replace(/[&<>"\n\r\t]/g, (sign) => entities[sign] ?? sign);
