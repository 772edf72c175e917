import { afterAll, describe, expect, test } from "bun:test";
import {
  chmodSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fmt } from "../../src/cli/fmt.ts";
import { keptShell } from "./shell.ts";

const root = mkdtempSync(join(tmpdir(), "switchyard-fmt-"));
afterAll(() => rmSync(root, { recursive: true, force: true }));

const crooked = "providers: {'demo': {kind:   simulated}}\nversion: 1 # of the format\n";
const straight = "version: 1 # of the format\nproviders: { demo: { kind: simulated } }\n";

/** A directory with these files. */
function folder(files: Readonly<Record<string, string>>): string {
  const directory = mkdtempSync(join(root, "at-"));
  mkdirSync(join(directory, "teams"));
  for (const [name, text] of Object.entries(files)) writeFileSync(join(directory, name), text);
  return directory;
}

async function run(args: readonly string[], input = "", env: Record<string, string> = {}) {
  const kept = keptShell({ input, env });
  return { code: await fmt(args, kept.shell), out: kept.out(), err: kept.err() };
}

test("a file is put into form where it stands, named, and then left alone", async () => {
  const file = join(folder({ "routes.yaml": crooked }), "routes.yaml");
  expect(await run([file])).toEqual({ code: 0, out: `formatted ${file}\n`, err: "" });
  expect(readFileSync(file, "utf8")).toBe(straight);
  expect(await run([file])).toEqual({ code: 0, out: "", err: "" });
});

test("--check writes nothing, names the file, shows the difference, and exits 1", async () => {
  const directory = folder({ "a.yaml": crooked, "b.yaml": straight });
  const [a, b] = [join(directory, "a.yaml"), join(directory, "b.yaml")];
  const { code, out } = await run([a, b, "--check"]);
  expect(code).toBe(1);
  expect(out.split("\n")).toEqual([
    `${a} is not in form:`,
    "@@ line 1 @@",
    "-providers: {'demo': {kind:   simulated}}",
    " version: 1 # of the format",
    "+providers: { demo: { kind: simulated } }",
    " ",
    "",
  ]);
  expect(readFileSync(a, "utf8")).toBe(crooked);
  expect((await run(["--check", b])).code).toBe(0);
});

test("a difference shows no secret that stands in the file by mistake", async () => {
  const file = join(folder({ "a.yaml": "auth: {keys: [{id: k, secret: canary-0123456789}]}\n" }), "a.yaml");
  const { code, out } = await run([file, "--check"]);
  expect([code, out.includes("canary")]).toEqual([1, false]);
});

test("without a file: the routing file, what it includes, and its tests by their own schema", async () => {
  const directory = folder({
    "routes.yaml": `include: [teams/*.yaml]\n${crooked}`,
    "teams/a.yaml": "aliases: {a:   b}\n",
    "routes.test.yaml": "tests: [{send: {model: demo}, name: x, expect: {status: 200}}]\nversion: 1\n",
  });
  const config = join(directory, "routes.yaml");
  const { code, out } = await run([], "", { CONFIG: config });
  expect([code, out.trim().split("\n")]).toEqual([
    0,
    ["routes.yaml", "teams/a.yaml", "routes.test.yaml"].map((name) => `formatted ${join(directory, name)}`),
  ]);
  expect(readFileSync(join(directory, "teams/a.yaml"), "utf8")).toBe("aliases: { a: b }\n");
  expect(readFileSync(join(directory, "routes.test.yaml"), "utf8")).toBe(
    "version: 1\ntests: [{ name: x, send: { model: demo }, expect: { status: 200 } }]\n",
  );
});

test("with -: from standard input to standard output", async () => {
  expect(await run(["-"], crooked)).toEqual({ code: 0, out: straight, err: "" });
  expect((await run(["-"], "version: [")).code).toBe(1);
});

test("a link stays a link, a file keeps its mode, and nothing else is left in the directory", async () => {
  const directory = folder({ "real.yaml": crooked });
  const [real, link] = [join(directory, "real.yaml"), join(directory, "link.yaml")];
  chmodSync(real, 0o640);
  symlinkSync("real.yaml", link);
  expect((await run([link])).code).toBe(0);
  expect(lstatSync(link).isSymbolicLink()).toBe(true);
  expect(readFileSync(real, "utf8")).toBe(straight);
  expect(statSync(real).mode & 0o777).toBe(0o640);
  expect(readdirSync(directory).toSorted()).toEqual(["link.yaml", "real.yaml", "teams"]);
});

describe("what it cannot do", () => {
  const directory = folder({ "broken.yaml": "version: [1\n", "crooked.yaml": crooked });
  const path = (name: string) => join(directory, name);
  test.each([
    ["a file that is not there", [path("crooked.yaml"), path("none.yaml")], 64],
    ["a directory", [directory], 64],
    ["a word that it does not know", ["--loud"], 64],
    ["a file that does not parse", [path("broken.yaml"), "--check"], 1],
  ])("%s", async (_, args, expected) => {
    const { code, err } = await run(args);
    expect([code, err === ""]).toEqual([expected, false]);
    expect(readFileSync(path("crooked.yaml"), "utf8")).toBe(crooked);
  });

  test("a broken file is shown with its place, and the others are put into form all the same", async () => {
    const { code, out, err } = await run([path("broken.yaml"), path("crooked.yaml")]);
    expect(code).toBe(1);
    expect(err).toContain("broken.yaml:2:1: error yaml_syntax");
    expect(out).toBe(`formatted ${path("crooked.yaml")}\n`);
    expect(readFileSync(path("broken.yaml"), "utf8")).toBe("version: [1\n");
  });
});
