// biome-ignore-all lint/suspicious/noTemplateCurlyInString: ${NAME} is a word of routes.yaml here.
import { afterAll, afterEach, beforeEach, describe, expect, spyOn, test } from "bun:test";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { validate } from "../../src/cli/validate.ts";

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

let out = "";
const spies: { mockRestore: () => void }[] = [];
beforeEach(() => {
  out = "";
  const spy = spyOn(console, "log").mockImplementation((text: string) => {
    out += `${text}\n`;
  });
  spies.push(
    spy,
    spyOn(console, "error").mockImplementation(() => {}),
  );
});
afterEach(() => {
  for (const spy of spies.splice(0)) spy.mockRestore();
});

const formats = ["pretty", "json", "github"];

describe.each(formats)("as %s", (format) => {
  test.each([
    ["a good file", [good], 0],
    ["a good file, strictly", [good, "--strict"], 0],
    ["a file with warnings", [warned], 0],
    ["a file with warnings, strictly", [warned, "--strict"], 3],
    ["an unset variable, without which it can be checked", [unset], 0],
    ["a bad file", [bad], 1],
    ["a bad file, strictly", [bad, "--strict"], 1],
    ["a file that is not there", [join(scratch, "none.yaml")], 64],
    ["a directory", [scratch], 64],
    ["an unknown flag", [good, "--loud"], 64],
    ["two files", [good, bad], 64],
  ])("%s", async (_, args, code) => {
    expect(await validate([...args, "--format", format])).toBe(code);
  });
});

test("a format that there is none of is a wrong word", async () => {
  expect(await validate([good, "--format", "xml"])).toBe(64);
  expect(await validate([good, "--format"])).toBe(64);
});

test("json names the file as it was given", async () => {
  await validate([bad, "--format=json"]);
  expect(JSON.parse(out)).toMatchObject({
    diagnostics: [{ code: "unknown_provider", file: bad, line: 6, column: 21 }],
  });
});

test("a good file is an empty list in json, and nothing at all for github", async () => {
  await validate([good, "--format", "json"]);
  expect(JSON.parse(out)).toEqual({ diagnostics: [] });
  out = "";
  await validate([good, "--format", "github"]);
  expect(out.trim()).toBe("");
});
