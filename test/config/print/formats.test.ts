import { describe, expect, setDefaultTimeout, test } from "bun:test";
import type { Diagnostic } from "../../../src/config/diagnostic.ts";
import { githubSummary, printGithub } from "../../../src/config/print/github.ts";
import { printJunit } from "../../../src/config/print/junit.ts";
import { printSarif } from "../../../src/config/print/sarif.ts";

setDefaultTimeout(20_000);

const one: Diagnostic = {
  code: "unknown_provider",
  severity: "error",
  file: "routes.yaml",
  line: 5,
  column: 21,
  end_line: 5,
  end_column: 33,
  path: "/models/chat/targets/0",
  message: 'There is no provider "opnai".',
};
const warning: Diagnostic = { ...one, code: "no_price", severity: "warning", line: 6, end_line: 6 };
const many = (count: number): readonly Diagnostic[] =>
  Array.from({ length: count }, (_, index) => ({ ...one, line: index + 1, end_line: index + 1 }));

describe("github", () => {
  test("writes one workflow command for each, columns only within a line", () => {
    expect(printGithub([one, { ...warning, end_line: 7 }]).split("\n")).toEqual([
      '::error file=routes.yaml,line=5,endLine=5,col=21,endColumn=33,title=unknown_provider::There is no provider "opnai".',
      '::warning file=routes.yaml,line=6,endLine=7,title=no_price::There is no provider "opnai".',
    ]);
  });

  test("shows the worst ten, errors first, and says how many are left", () => {
    const lines = printGithub([warning, ...many(12)]).split("\n");
    expect(lines).toHaveLength(11);
    expect(lines.slice(0, 10).every((line) => line.startsWith("::error "))).toBe(true);
    expect(lines[10]).toMatch(/^3 more/);
    expect(
      printGithub([warning, ...many(9)])
        .split("\n")
        .at(-1),
    ).toStartWith("::warning ");
    expect(printGithub([])).toBe("");
  });

  test("escapes what would end a command or a property", () => {
    const odd = { ...warning, file: "./a,b:c%.yaml", message: "100%\r\n::error::x" };
    expect(printGithub([odd])).toStartWith("::warning file=a%2Cb%3Ac%25.yaml,line=6");
    expect(printGithub([odd])).toEndWith("::100%25%0D%0A::error::x");
  });

  test("the summary is a table of all, in which nothing is markup", () => {
    const odd = { ...one, file: "a|b.yaml", message: "a | b\n`c` <img src=x> [d](http://e) @team *f*" };
    expect(githubSummary([odd, ...many(20)]).split("\n")).toHaveLength(24);
    expect(githubSummary([odd]).split("\n")[2]).toBe(
      "| error | `unknown_provider` | a\\|b.yaml:5:21 | a \\| b \\`c\\` &#60;img src=x&#62; \\[d\\](http:&#47;/e) &#64;team \\*f\\* |",
    );
    expect(githubSummary([])).toBe("");
  });
});

describe("junit", () => {
  const suites = [
    { file: "a.yaml", diagnostics: [one, warning] },
    { file: "b.yaml", diagnostics: [] },
  ];

  test("is a suite for each file, where errors fail", () => {
    expect(printJunit(suites, false)).toBe(`<?xml version="1.0" encoding="UTF-8"?>
<testsuites name="switchyard validate" tests="3" failures="1" errors="0">
  <testsuite name="a.yaml" tests="2" failures="1" errors="0">
    <testcase classname="routes.yaml" name="unknown_provider at 5:21" file="routes.yaml" line="5">
      <failure type="unknown_provider" message="There is no provider &quot;opnai&quot;.">routes.yaml:5:21: There is no provider &quot;opnai&quot;.</failure>
    </testcase>
    <testcase classname="routes.yaml" name="no_price at 6:21" file="routes.yaml" line="6">
      <system-out>warning: routes.yaml:6:21: There is no provider &quot;opnai&quot;.</system-out>
    </testcase>
  </testsuite>
  <testsuite name="b.yaml" tests="1" failures="0" errors="0">
    <testcase classname="b.yaml" name="is valid"/>
  </testsuite>
</testsuites>`);
  });

  test("fails for warnings too where they count", () => {
    expect(printJunit(suites, true)).toContain('tests="3" failures="2"');
    expect(printJunit(suites, true)).not.toContain("system-out");
  });

  test("holds nothing that XML cannot", () => {
    const odd = { ...one, file: 'a"&<.yaml', message: "a\u0000b\u001bc\ud800]]>&\n" };
    const printed = printJunit([{ file: odd.file, diagnostics: [odd] }], false);
    expect(printed).toContain('classname="a&quot;&amp;&lt;.yaml"');
    expect(printed).toContain("a�b�c�]]&gt;&amp;&#10;");
  });
});

describe("sarif", () => {
  const logOf = (...diagnostics: readonly Diagnostic[]) => JSON.parse(printSarif(diagnostics, "1.2.3"));

  test("is one run of version 2.1.0 with a rule for each code", () => {
    const related = [{ file: "b.yaml", line: 2, column: 3, message: "The first one." }];
    const log = logOf({ ...one, related }, warning, one);
    expect([log.version, log.runs.length]).toEqual(["2.1.0", 1]);
    const [{ tool, results, columnKind }] = log.runs;
    expect([tool.driver.name, tool.driver.version, columnKind]).toEqual([
      "Switchyard",
      "1.2.3",
      "utf16CodeUnits",
    ]);
    expect(tool.driver.rules.map(({ id }: { id: string }) => id)).toEqual(["unknown_provider", "no_price"]);
    expect(
      results.map(({ ruleId, ruleIndex, level }: Record<string, unknown>) => [ruleId, ruleIndex, level]),
    ).toEqual([
      ["unknown_provider", 0, "error"],
      ["no_price", 1, "warning"],
      ["unknown_provider", 0, "error"],
    ]);
    expect(results[0]).toMatchObject({
      message: { text: one.message },
      locations: [
        {
          physicalLocation: {
            artifactLocation: { uri: "routes.yaml" },
            region: { startLine: 5, startColumn: 21, endLine: 5, endColumn: 33 },
          },
        },
      ],
      relatedLocations: [
        { message: { text: "The first one." }, physicalLocation: { region: { startLine: 2 } } },
      ],
    });
  });

  test.each([
    ["./teams/a b.yaml", "teams/a%20b.yaml"],
    ["/srv/ü.yaml", "file:///srv/%C3%BC.yaml"],
  ])("names %s by its URI", (file, uri) => {
    const [result] = logOf({ ...one, file }).runs[0].results;
    expect(result.locations[0].physicalLocation.artifactLocation.uri).toBe(uri);
  });

  test("of a file without mistakes has no results", () => {
    expect(logOf().runs[0].results).toEqual([]);
  });
});
