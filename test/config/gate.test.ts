import { expect, test } from "bun:test";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { DiagnosticCode } from "../../src/config/diagnostic.ts";
import { checkBySchema } from "../../src/config/gate.ts";
import { parseText } from "../../src/config/parse.ts";

function opinionOn(text: string) {
  const parsed = parseText("routes.yaml", text);
  if (!parsed.ok) throw new Error(parsed.error[0]?.message);
  const found: { readonly code: DiagnosticCode; readonly line: number; readonly column: number }[] = [];
  const agrees = checkBySchema("routes", parsed.value.tree, (code, { line, column }) =>
    found.push({ code, line, column }),
  );
  return { agrees, found };
}

test("the published schema agrees with the shipped file and with the contract's example", () => {
  for (const file of ["../../routes.yaml", "contract_example.yaml"]) {
    expect(opinionOn(readFileSync(join(import.meta.dir, file), "utf8"))).toEqual({ agrees: true, found: [] });
  }
});

test("what the schema refuses is reported at its place", () => {
  const text =
    "version: 1\nproviders:\n  one: { kind: simulated, optional: perhaps }\nmodels: { m: { targets: [one/x] } }\n";
  expect(opinionOn(text)).toEqual({ agrees: false, found: [{ code: "wrong_type", line: 3, column: 37 }] });
});
