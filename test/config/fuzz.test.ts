// biome-ignore-all lint/suspicious/noTemplateCurlyInString: ${NAME} is a word of routes.yaml here.
import { expect, setDefaultTimeout, test } from "bun:test";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { cases } from "../support/thorough.ts";
import { compileText } from "./helpers.ts";

setDefaultTimeout(20_000);

const text = readFileSync(join(import.meta.dir, "contract_example.yaml"), "utf8");
const piece = fc.oneof(
  fc.constantFrom(
    "",
    " ",
    "\n",
    "\t",
    ":",
    "{",
    "}",
    "[",
    "]",
    '"',
    "'",
    "#",
    "- ",
    "&a",
    "*a",
    "!x",
    "<<: ",
    "---\n",
    "? ",
    "|\n",
    "${X}",
    "%",
    "null",
    "0",
    "__proto__: 1",
    "\u2028",
    "🚂",
  ),
  fc.string({ maxLength: 6, unit: "grapheme" }),
);

test("whatever is written, compile answers: every mistake has a place in the file and a sentence", () => {
  const spots = fc.array(fc.record({ at: fc.nat(text.length), length: fc.nat(12), piece }), {
    minLength: 1,
    maxLength: 3,
  });
  fc.assert(
    fc.property(spots, (edits) => {
      let changed = text;
      for (const { at, length, piece: to } of edits)
        changed = changed.slice(0, at) + to + changed.slice(at + length);
      const { ok, diagnostics } = compileText(changed);
      const lines = changed.split("\n");
      expect(ok || diagnostics.some(({ severity }) => severity === "error")).toBe(true);
      for (const { line, column, end_line, message } of diagnostics) {
        expect(line).toBeGreaterThanOrEqual(1);
        expect(end_line).toBeLessThanOrEqual(lines.length);
        expect(column).toBeLessThanOrEqual((lines[line - 1]?.length ?? 0) + 1);
        expect(message).toMatch(/^\S.*[.?]$/s);
      }
    }),
    { numRuns: Number(process.env["FUZZ_RUNS"] ?? cases(60, 150)) },
  );
});
