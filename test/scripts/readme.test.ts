import { afterAll, describe, expect, test } from "bun:test";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { compile } from "../../src/config/compile.ts";
import { readSources } from "../../src/config/source.ts";
import { failureKinds } from "../../src/domain/failure.ts";
import { limitNames } from "../../src/domain/limits.ts";
import { refusals } from "../../src/domain/refusal.ts";
import { settings } from "../../src/domain/settings.ts";
import { strategies } from "../../src/domain/snapshot.ts";

const readme = readFileSync(join(import.meta.dir, "../../README.md"), "utf8");
const scratch = mkdtempSync(join(tmpdir(), "switchyard-readme-"));
afterAll(() => rmSync(scratch, { recursive: true, force: true }));

/** The cells of every table row that begins with code. */
const rows = [...readme.matchAll(/^\| (`.+) \|$/gm)].map(([, row]) =>
  (row ?? "").split(/(?<!\\)\|/).map((cell) => cell.trim()),
);
const coded = (cell: string | undefined) =>
  [...(cell ?? "").matchAll(/`([^`]+)`/g)].map(([, name]) => name ?? "");

describe("the README", () => {
  const configurations = [...readme.matchAll(/```yaml\n([\s\S]*?)```/g)].map(([, text]) => text ?? "");

  test("begins with a configuration of twelve lines", () => {
    expect(configurations[0]?.trimEnd().split("\n")).toHaveLength(12);
  });

  test.each(configurations.map((text, index) => [index + 1, text] as const))(
    "configuration %d is valid",
    async (index, text) => {
      const folder = join(scratch, String(index));
      mkdirSync(join(folder, "teams"), { recursive: true });
      writeFileSync(join(folder, "teams/search.yaml"), "aliases: { search-chat: chat }\n");
      writeFileSync(join(folder, "routes.yaml"), text);
      const sources = await readSources(join(folder, "routes.yaml"));
      const found = sources.ok
        ? compile(sources.value, { engine: "0.1.0", variables: {} }).diagnostics
        : sources.error;
      const errors = found.filter(({ severity }) => severity === "error");
      expect(errors.map(({ line, column, message }) => `${line}:${column} ${message}`)).toEqual([]);
    },
  );

  test("gives each setting its real default", () => {
    const named = rows.filter(([first]) => /^`[A-Z_]+`$/.test(first ?? ""));
    expect(named.length).toBeGreaterThan(5);
    for (const [name, fallback] of named) {
      const real = Object.entries(settings).find(([setting]) => setting === coded(name)[0]);
      const said = coded(fallback)[0] ?? null;
      // A switch that is unset is off.
      expect([name, said === "false" ? null : said]).toEqual([
        name,
        real === undefined ? "no such setting" : real[1].fallback,
      ]);
    }
  });

  test("gives each error code its real status, and leaves none out", () => {
    const told = [...readme.matchAll(/^\| (\d{3}) \| ([^|]+) \|/gm)].flatMap(([, status, codes]) =>
      coded(codes).map((code) => `${code} ${status}`),
    );
    // Not sent to anyone, and a bug.
    const unsaid = ["cancelled", "internal_error"];
    const real = Object.entries(refusals).filter(([code]) => !unsaid.includes(code));
    expect(told.sort()).toEqual(real.map(([code, { status }]) => `${code} ${status}`).sort());
  });

  test.each([
    ["strategy", strategies],
    ["limit", limitNames],
    ["failure kind", failureKinds],
  ] as const)("has a row for every %s", (_, names) => {
    const told = rows.flatMap(([first]) => coded(first));
    expect(names.filter((name) => !told.includes(name))).toEqual([]);
  });
});
