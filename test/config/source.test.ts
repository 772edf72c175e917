import { afterAll, expect, test } from "bun:test";
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { readSources } from "../../src/config/source.ts";
import { base, brief } from "./helpers.ts";

const scratch = mkdtempSync(join(tmpdir(), "switchyard-source-"));
afterAll(() => rmSync(scratch, { recursive: true, force: true }));

let made = 0;

/** A directory with these files; the path of its routes.yaml. */
function folder(files: Readonly<Record<string, string>>, include: string): string {
  const directory = join(scratch, String(made++));
  for (const [name, text] of Object.entries({ ...files, "routes.yaml": `${base}include: ${include}\n` })) {
    mkdirSync(dirname(join(directory, name)), { recursive: true });
    writeFileSync(join(directory, name), text);
  }
  return join(directory, "routes.yaml");
}

const names = async (root: string) => {
  const sources = await readSources(root);
  return sources.ok ? sources.value.map(({ name }) => name) : brief(sources.error);
};

test("files come in the order of their names, each once, the root first under its own path", async () => {
  const root = folder(
    { "teams/b.yaml": "{}", "teams/a.yaml": "{}", "teams/.hidden.yaml": "{}", "teams/c.txt": "" },
    '["teams/*.yaml", teams/b.yaml, "*.yaml"]',
  );
  expect(await names(root)).toEqual([root, "teams/a.yaml", "teams/b.yaml"]);
});

test("a * stands for a directory's name too, and never for a slash", async () => {
  const root = folder(
    { "teams/x/routes.yaml": "{}", "teams/y/routes.yaml": "{}", "teams/routes.yaml": "{}" },
    '["teams/*/routes.yaml"]',
  );
  expect(await names(root)).toEqual([root, "teams/x/routes.yaml", "teams/y/routes.yaml"]);
});

test("a pattern may find nothing; a name may not", async () => {
  const none = folder({}, '["teams/*.yaml"]');
  expect(await names(none)).toEqual([none]);
  expect(await names(folder({}, "[teams/a.yaml]"))).toEqual(["7:11 bad_include"]);
});

test("a pattern passes over the file that it stands in; a name may not be that of it", async () => {
  expect(await names(folder({}, "[routes.yaml]"))).toEqual(["7:11 bad_include"]);
  expect(await names(folder({}, "[./routes.yaml]"))).toEqual(["7:11 bad_include"]);
});

test("a link inside the directory is followed, one that leads out is not", async () => {
  const inside = folder({ "a.yaml": "{}" }, "[b.yaml]");
  symlinkSync("a.yaml", join(dirname(inside), "b.yaml"));
  expect(await names(inside)).toEqual([inside, "b.yaml"]);
  const outside = folder({}, "[b.yaml]");
  symlinkSync(inside, join(dirname(outside), "b.yaml"));
  expect(await names(outside)).toEqual(["7:11 bad_include"]);
});

test("all includes that cannot be followed are reported", async () => {
  expect(await names(folder({}, "[../a.yaml, /etc/passwd, a.yaml]"))).toEqual([
    "7:11 bad_include",
    "7:22 bad_include",
    "7:35 bad_include",
  ]);
});
