import { afterAll, describe, expect, test as it, setDefaultTimeout } from "bun:test";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { formats, test } from "../../src/cli/test.ts";
import { isThorough } from "../support/thorough.ts";
import { keptShell } from "./shell.ts";

setDefaultTimeout(20_000);

const scratch = mkdtempSync(join(tmpdir(), "switchyard-test-"));
afterAll(() => rmSync(scratch, { recursive: true, force: true }));

const routes = `version: 1
auth: { keys: [{ id: web, secret: env:WEB, limits: { rpm: 2 } }] }
providers:
  a: { kind: openai, base_url: "http://a.test/v1", models: { "*": { price: free } } }
  b: { kind: openai, base_url: "http://b.test/v1", models: { "*": { price: free } } }
models:
  chat: { targets: [a/one, b/two], defaults: { top_p: 0.5 } }
`;
const good = `version: 1
tests:
  - { name: first, send: { model: chat }, expect: { provider: a, params: { top_p: 0.5 } } }
  - { name: second, given: { providers: { a: [auth] } }, send: { model: chat }, expect: { provider: b } }
  - { name: limit, send: { model: chat, key: web, repeat: 3 }, expect: { accepted: 2, limit: rpm } }
`;
const half = `version: 1
tests:
  - { name: first, send: { model: chat }, expect: { status: 200 } }
  - { name: "<all> & \\"more\\"", for_all: { model: chat, outage: any-one-provider }, expect: { provider: a } }
`;
const empty = "version: 1\ntests: []\n";
const broken = "version: 1\ntests: [{ name: it, send: { model: caht }, expect: { status: 200 } }]\n";

let folders = 0;
/** A routing file with these tests beside it. */
function beside(tests: string | null, text = routes): string {
  const folder = join(scratch, String(folders++));
  mkdirSync(folder);
  writeFileSync(join(folder, "my.yaml"), text);
  if (tests !== null) writeFileSync(join(folder, "my.test.yaml"), tests);
  return join(folder, "my.yaml");
}

async function run(args: readonly string[], env: Record<string, string> = {}, terminal = false) {
  const kept = keptShell({ env, terminal });
  return { code: await test(args, kept.shell), out: kept.out(), err: kept.err() };
}

describe.each([...formats])("as %s", (format) => {
  it.each<readonly [string, readonly string[], number]>([
    ["what holds", [beside(good)], 0],
    [
      "what holds, with everything asked for",
      [beside(good), "--coverage", "--mutate", "--fail-under", "100"],
      0,
    ],
    ["what does not hold", [beside(half)], 1],
    ["no tests at all", [beside(empty)], 0],
    ["no tests at all, under a floor", [beside(empty), "--fail-under=1"], 1],
    ["less than the floor", [beside(half), "--run", "first", "--fail-under", "50"], 1],
    ["as much as the floor", [beside(half), "--run", "first", "--fail-under", "20"], 0],
    ["mutants that survive", [beside(half), "--run", "first", "--mutate"], 1],
    ["little coverage, without a floor", [beside(half), "--run", "first", "--coverage"], 0],
    ["tests that are wrong", [beside(broken), "--coverage", "--mutate"], 1],
    ["a routing file that is wrong", [beside(good, routes.replace("a/one", "c/one"))], 1],
    ["no file", [join(scratch, "none.yaml")], 64],
    ["no tests beside the file", [beside(null)], 64],
    ["a name that no test has", [beside(good), "--run", "third"], 64],
    ["an expression that is none", [beside(good), "--run", "("], 64],
    ["a floor that is none", [beside(good), "--fail-under", "most"], 64],
    ["an unknown flag", [beside(good), "--loud"], 64],
  ])("%s", async (_, args, expected) => {
    const { code, out, err } = await run([...args, "--format", format]);
    expect(code).toBe(expected);
    expect(err === "").toBe(expected !== 64);
    if (expected === 64) expect(out).toBe("");
    if (format === "json" && expected !== 64) expect(() => JSON.parse(out)).not.toThrow();
    if (format === "junit" && expected !== 64) expect(out).toStartWith('<?xml version="1.0"');
  });
});

it("people read what was expected and what came, beside the place", async () => {
  const file = beside(half);
  const { out } = await run([file, "--coverage"]);
  expect(out.replaceAll(file.replace("/my.yaml", "/"), "")).toBe(`✓ first
✗ <all> & "more"  (3 worlds)
    my.test.yaml:4:105  provider  chat while a is down
      exp a
      got b

1 passed, 1 failed

coverage 25.0 %  (1 of 4 rules)
no test asserts on
  my.yaml:7:21  target a/one of chat
  my.yaml:7:28  target b/two of chat
  my.yaml:2:54  rpm 2 of key web
`);
  expect((await run([file], {}, true)).out).toContain("\x1b[32m✓");
});

it("programs read the same", async () => {
  const file = beside(half);
  const { out } = await run([file, "--coverage", "--mutate", "--format", "json"]);
  const tests = file.replace("my.yaml", "my.test.yaml");
  expect(JSON.parse(out)).toMatchObject({
    file,
    tests_file: tests,
    passed: 1,
    failed: 1,
    tests: [
      { name: "first", file: tests, line: 3, ok: true, worlds: 1, failures: [] },
      {
        ok: false,
        worlds: 3,
        failures: [
          {
            expectation: "provider",
            expected: "a",
            got: "b",
            where: "chat while a is down",
            line: 4,
            column: 105,
          },
        ],
      },
    ],
    coverage: {
      percent: 25,
      covered: 1,
      total: 4,
      uncovered: [
        { kind: "target", rule: "target a/one of chat", file, line: 7, column: 21 },
        {},
        { kind: "limit", line: 2 },
      ],
      left_out: [],
    },
    diagnostics: [
      {
        code: "test_failed",
        severity: "error",
        file: tests,
        line: 4,
        column: 105,
        path: "/tests/1/expect/provider",
      },
    ],
  });
  const { mutants } = JSON.parse(out);
  expect(mutants.survivors).toContainEqual({
    change: "key web with rpm 4 instead of 2",
    file,
    line: 2,
    column: 54,
  });
});

it("GitHub shows failures at their lines, and the step's summary has all of them", async () => {
  const file = beside(half);
  const summary = join(scratch, "summary.md");
  const { out } = await run([file, "--fail-under", "50", "--format", "github"], {
    GITHUB_STEP_SUMMARY: summary,
  });
  expect(out).toContain("my.test.yaml,line=4,endLine=4,col=105,endColumn=106,title=test_failed::");
  expect(out).toContain(
    "my.yaml,line=2,endLine=2,col=54,endColumn=54,title=test_failed::No test asserts on rpm 2 of key web.",
  );
  expect(out).toEndWith("1 passed, 1 failed\ncoverage 25.0 %\n");
  expect(readFileSync(summary, "utf8")).toContain("No test asserts on rpm 2 of key web");
});

it("JUnit has a case for each test, and one for coverage", async () => {
  const { out } = await run([beside(half), "--coverage", "--mutate", "--format", "junit"]);
  expect(out).toContain('name="&lt;all&gt; &amp; &quot;more&quot;"');
  expect(out).toContain('<failure type="provider" message="expected provider a, got b">');
  expect(out).toMatch(/name="coverage" file="[^"]*" line="1"\/>/);
  expect(out).toMatch(/<failure type="mutants" message="mutants: \d of \d survive">/);
  expect(out).toContain('tests="4" failures="2"');
});

it("a glob that nothing matches is told, and fails nothing", async () => {
  const tests =
    'version: 1\ntests: [{ name: eu, for_all: { model: "eu-*" }, expect: { only_tags: [eu] } }]\n';
  const { code, out } = await run([beside(tests)]);
  expect(code).toBe(0);
  expect(out).toContain("warning unused");
});

it("CONFIG is tested where no file is named", async () => {
  expect((await run([], { CONFIG: beside(half) })).code).toBe(1);
});

describe.each(["routes.yaml", "test/config/contract_example.yaml"])("%s", (name) => {
  const file = join(import.meta.dir, "../..", name);

  it("passes its tests, and all of it is asserted on", async () => {
    const { code, out } = await run([file, "--coverage", "--fail-under", "100"]);
    expect(out).toContain("coverage 100.0 %");
    expect(code).toBe(0);
  });

  // The larger one has a thousand mutants.
  it.skipIf(name !== "routes.yaml" && !isThorough)("no mutant survives", async () => {
    const { code, out } = await run([file, "--mutate"]);
    expect(out).toMatch(/mutants: all \d+ noticed/);
    expect(code).toBe(0);
  });
});
