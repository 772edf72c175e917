import { describe, expect, test } from "bun:test";
import { explain } from "../../src/cli/explain.ts";
import { schema } from "../../src/cli/schema.ts";
import { errorCodes, warningCodes } from "../../src/config/diagnostic.ts";
import { publishedFiles } from "../../src/config/schema/published.ts";
import { keptShell } from "./shell.ts";

async function run(command: typeof explain, args: readonly string[]) {
  const kept = keptShell();
  return { code: await command(args, kept.shell), out: kept.out(), err: kept.err() };
}

describe("explain", () => {
  test("says what a code means, and shows a wrong and a right file", async () => {
    expect(await run(explain, ["unknown_provider"])).toEqual({
      code: 0,
      err: "",
      out: `unknown_provider (error)
    A target names a provider that does not stand below \`providers\`.

Wrong:
    version: 1
    providers:
      demo: { kind: simulated }
    models:
      chat: { targets: [dmeo/demo] }

Right:
    version: 1
    providers:
      demo: { kind: simulated }
    models:
      chat: { targets: [demo/demo] }
`,
    });
  });

  test("names each file where there are several", async () => {
    expect((await run(explain, ["bad-include"])).out).toContain("  teams/search.yaml\n    aliases:");
  });

  test("without a code lists all, each with its severity", async () => {
    const { code, out } = await run(explain, []);
    expect(code).toBe(0);
    for (const each of [...errorCodes, ...warningCodes]) expect(out).toMatch(new RegExp(`^${each} `, "m"));
    expect(out).toMatch(/^unset_reference +error or warning /m);
    const listed: unknown = JSON.parse((await run(explain, ["--json"])).out);
    expect(listed).toHaveLength(new Set([...errorCodes, ...warningCodes]).size);
  });

  test("as data", async () => {
    expect(JSON.parse((await run(explain, ["single_target", "--json"])).out)).toMatchObject({
      code: "single_target",
      severity: "warning",
      bad: { "routes.yaml": expect.stringContaining("targets: [one/a]") },
    });
  });

  test.each([
    ["unknown_providr", 'Did you mean "unknown_provider"?'],
    ["xyzzy", "lists all of them"],
  ])("%s is no code", async (word, hint) => {
    const { code, out, err } = await run(explain, [word]);
    expect([code, out]).toEqual([64, ""]);
    expect(err).toContain(hint);
  });
});

describe("schema", () => {
  test.each([
    ["of routes.yaml", [], "routes.schema.json"],
    ["of its tests", ["--tests"], "routes.test.schema.json"],
  ])("prints what stands in the repository, %s", async (_, args, name) => {
    const { code, out } = await run(schema, args);
    expect([code, out]).toEqual([0, publishedFiles[name]?.() ?? ""]);
  });

  test("takes no other words", async () => {
    expect((await run(schema, ["routes.yaml"])).code).toBe(64);
  });
});
