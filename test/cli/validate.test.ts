// biome-ignore-all lint/suspicious/noTemplateCurlyInString: ${NAME} is a word of routes.yaml here.
import { afterAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { formats } from "../../src/cli/validate/formats.ts";
import { validate } from "../../src/cli/validate.ts";
import { keptShell } from "./shell.ts";

setDefaultTimeout(20_000);

const scratch = mkdtempSync(join(tmpdir(), "switchyard-validate-"));
afterAll(() => rmSync(scratch, { recursive: true, force: true }));

const head =
  'version: 1\nproviders:\n  a: { kind: openai, models: { "*": { price: free } } }\n  b: { kind: openai, models: { "*": { price: free } } }\nmodels:\n';
const file = (name: string, text: string): string => {
  const path = join(scratch, name);
  writeFileSync(path, head + text);
  return path;
};
const good = file("good.yaml", "  chat: { targets: [a/x, b/y] }\n");
const warned = file("warned.yaml", "  chat: { targets: [a/x, b/y] }\n  one: { targets: [a/x] }\n");
const bad = file("bad.yaml", "  chat: { targets: [c/x] }\n");
const unset = file("unset.yaml", '  chat: { targets: [a/x, "b/${UNSET_MODEL_OF_A_TEST}"] }\n');

async function run(args: readonly string[], env: Record<string, string> = {}) {
  const kept = keptShell({ env });
  return { code: await validate(args, kept.shell), out: kept.out(), err: kept.err() };
}

describe.each([...formats])("as %s", (format) => {
  test.each([
    ["a good file", [good], 0],
    ["a good file, strictly", [good, "--strict"], 0],
    ["a file with warnings", [warned], 0],
    ["a file with warnings, strictly", [warned, "--strict"], 3],
    ["an unset variable, without which it can be checked", [unset], 0],
    ["a bad file", [bad], 1],
    ["a bad file, strictly", [bad, "--strict"], 1],
    ["good files", [good, warned], 0],
    ["a good file and one with warnings, strictly", [good, warned, "--strict"], 3],
    ["a good file and a bad one", [good, bad], 1],
    ["a file that is not there", [join(scratch, "none.yaml")], 64],
    ["a good file and one that is not there", [good, join(scratch, "none.yaml")], 64],
    ["a directory", [scratch], 64],
    ["an unknown flag", [good, "--loud"], 64],
  ])("%s", async (_, args, expected) => {
    const { code, out, err } = await run([...args, "--format", format]);
    expect(code).toBe(expected);
    // What was found goes one way, what could not be done the other.
    expect(err === "").toBe(expected !== 64);
    if (expected === 64) expect(out).toBe("");
  });
});

test("a format that there is none of is a wrong word", async () => {
  expect((await run([good, "--format", "xml"])).code).toBe(64);
  expect((await run([good, "--format"])).code).toBe(64);
});

test("without a file it checks the one that CONFIG names", async () => {
  expect((await run([], { CONFIG: bad })).out).toContain(`${bad}:6:21: error unknown_provider`);
});

test("json names the file as it was given, and tells of all files", async () => {
  const { out } = await run([bad, warned, "--format=json"]);
  expect(JSON.parse(out)).toMatchObject({
    diagnostics: [
      { code: "unknown_provider", file: bad, line: 6, column: 21 },
      { code: "single_target", file: warned, line: 7 },
    ],
  });
});

test("a good file is an empty list in json, and nothing at all for github", async () => {
  expect(JSON.parse((await run([good, "--format", "json"])).out)).toEqual({ diagnostics: [] });
  expect((await run([good, "--format", "github"])).out).toBe("");
});

test("an included file is named as seen from where the command runs, and its line is shown", async () => {
  const directory = join(scratch, "with-teams");
  mkdirSync(join(directory, "teams"), { recursive: true });
  const root = join(directory, "routes.yaml");
  writeFileSync(root, `include: [teams/a.yaml]\n${head}  chat: { targets: [a/x, b/y] }\n`);
  writeFileSync(join(directory, "teams", "a.yaml"), "aliases: { fast: caht }\n");
  const { code, out } = await run([root]);
  expect(code).toBe(1);
  expect(out).toContain(`${directory}/teams/a.yaml:1:18: error unknown_model`);
  expect(out).toContain("   1 | aliases: { fast: caht }\n     |                  ^^^^");
});

test("the tests beside a file are read too, and named with their lines", async () => {
  const root = file("tested.yaml", "  chat: { targets: [a/x, b/y] }\n");
  const tests = join(scratch, "tested.test.yaml");
  writeFileSync(
    tests,
    "version: 1\ntests:\n  - name: a\n    send: { model: caht }\n    expect: { status: 200 }\n",
  );
  const { code, out } = await run([root]);
  expect(code).toBe(1);
  expect(out).toContain(`${tests}:4:20: error unknown_model`);
  expect(out).toContain("   4 |     send: { model: caht }\n");
});

test("a value of the environment is used and never shown", async () => {
  const { code, out } = await run([unset], { UNSET_MODEL_OF_A_TEST: "canary\nvalue" });
  expect([code, out.includes("canary")]).toEqual([1, false]);
});

describe("in a GitHub workflow", () => {
  const summary = join(scratch, "summary.md");

  test("the summary of the step has the whole table, behind what stands there already", async () => {
    writeFileSync(summary, "before\n");
    const { code } = await run([bad, warned, "--format", "github"], { GITHUB_STEP_SUMMARY: summary });
    expect(code).toBe(1);
    expect(readFileSync(summary, "utf8")).toMatch(/^before\n\| \| code \| .*\n(\|.*\n){3}\n$/);
  });

  test("a summary that cannot be written changes no exit code", async () => {
    const { code, err } = await run([good, warned, "--format", "github"], { GITHUB_STEP_SUMMARY: scratch });
    expect([code, err]).toEqual([0, "GITHUB_STEP_SUMMARY cannot be written.\n"]);
  });

  test("other formats leave it alone", async () => {
    writeFileSync(summary, "before\n");
    await run([bad], { GITHUB_STEP_SUMMARY: summary });
    expect(readFileSync(summary, "utf8")).toBe("before\n");
  });
});

test("more than a pipe holds reaches a slow reader whole, before the process ends", async () => {
  const many = Array.from({ length: 1500 }, (_, index) => `  m${index}: { targets: [c/x] }\n`).join("");
  const program = join(import.meta.dir, "../../src/index.ts");
  const child = Bun.spawn(
    [process.execPath, program, "validate", file("many.yaml", many), "--format", "json"],
    {
      env: { PATH: process.env["PATH"] ?? "" },
      stdout: "pipe",
      stderr: "pipe",
    },
  );
  let text = "";
  const decoder = new TextDecoder();
  for await (const piece of child.stdout) {
    text += decoder.decode(piece, { stream: true });
    await new Promise((resolve) => setTimeout(resolve, 1));
  }
  expect(await child.exited).toBe(1);
  expect(text.length).toBeGreaterThan(256 * 1024);
  expect(JSON.parse(text).diagnostics).toHaveLength(1500);
});
