import { afterAll, expect, test } from "bun:test";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { plan } from "../../src/cli/plan.ts";
import type { Command } from "../../src/cli/run.ts";
import type { Shell } from "../../src/cli/shell.ts";
import { test as testCommand } from "../../src/cli/test.ts";
import { validate } from "../../src/cli/validate.ts";
import { keptShell } from "./shell.ts";

const scratch = mkdtempSync(join(tmpdir(), "switchyard-outputs-"));
afterAll(() => rmSync(scratch, { recursive: true, force: true }));
const at = (name: string) => join(scratch, name);
const read = (name: string) => readFileSync(at(name), "utf8");

writeFileSync(
  at("routes.yaml"),
  'version: 1\nproviders: { a: { kind: openai, models: { "*": { price: free } } } }\nmodels: { chat: { targets: [a/x] } }\n',
);
writeFileSync(
  at("routes.test.yaml"),
  "version: 1\ntests: [{ name: chat, send: { model: chat }, expect: { attempts: 2 } }]\n",
);

async function run(
  command: (args: readonly string[], shell: Shell) => ReturnType<Command>,
  args: readonly string[],
) {
  const kept = keptShell({ terminal: true });
  return { code: await command(args, kept.shell), out: kept.out(), err: kept.err() };
}

test("one run writes as many files as are named, each in the format of its ending, in folders that it makes", async () => {
  const files = ["a/b/routes.sarif", "a/routes.json", "a/routes.xml", "routes.txt"];
  const { code, out } = await run(validate, [
    at("routes.yaml"),
    "--strict",
    ...files.flatMap((name) => ["--out", at(name)]),
  ]);
  expect(code).toBe(3);
  expect(JSON.parse(read("a/b/routes.sarif"))).toMatchObject({ version: "2.1.0" });
  expect(JSON.parse(read("a/routes.json")).diagnostics).toHaveLength(1);
  expect(read("a/routes.xml")).toStartWith("<?xml");
  expect(read("routes.txt")).toBe(out);
});

test("a failure is written too, without the colours of a terminal", async () => {
  const { code, out } = await run(testCommand, [
    at("routes.yaml"),
    "--out",
    at("test.json"),
    "--out",
    at("test.txt"),
  ]);
  expect(code).toBe(1);
  expect(JSON.parse(read("test.json"))).toMatchObject({ passed: 0, failed: 1 });
  expect(out).toContain("\x1b[");
  expect(read("test.txt")).toContain("exp 2");
  expect(read("test.txt")).not.toContain("\x1b[");
});

test.each([
  [validate, [at("routes.yaml")], "routes.md", ".json, .sarif, .txt, .xml"],
  [testCommand, [at("routes.yaml")], "routes", ".json, .txt, .xml"],
  [plan, [at("routes.yaml"), at("routes.yaml")], "plan.sarif", ".json, .md, .txt"],
] as const)("an ending that says nothing is a wrong word", async (command, args, name, endings) => {
  const { code, out, err } = await run(command, [...args, "--out", at(name)]);
  expect([code, out]).toEqual([64, ""]);
  expect(err).toContain(`it has to end in ${endings}.`);
});

test("a file that cannot be written is told, whatever was found", async () => {
  const { code, err } = await run(validate, [
    at("routes.yaml"),
    "--out",
    join(at("routes.yaml"), "under-a-file.json"),
  ]);
  expect(code).toBe(64);
  expect(err).toContain("cannot be written");
});
