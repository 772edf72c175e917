import { expect, setDefaultTimeout, test } from "bun:test";
import fc from "fast-check";
import { diff } from "../../../src/cli/fmt/diff.ts";

setDefaultTimeout(20_000);

test("a change is shown with the line before and after it, and where it begins", () => {
  expect(diff("a\nb\nc\nd\ne\nf", "a\nb\nX\nd\ne\nf\ng", 40)).toEqual([
    "@@ line 2 @@",
    " b",
    "-c",
    "+X",
    " d",
    "@@ line 6 @@",
    " f",
    "+g",
  ]);
});

test("too long a difference is cut, and says by how much", () => {
  expect(diff("a\nb", "c\nd", 3)).toEqual(["@@ line 1 @@", "-a", "-b", "… 2 more lines differ"]);
});

test("what is kept, taken away and put there adds up to both texts", () => {
  const text = fc.array(fc.constantFrom("a", "b", "c"), { minLength: 1, maxLength: 12 });
  fc.assert(
    fc.property(text, text, (before, after) => {
      const lines = diff(before.join("\n"), after.join("\n"), 100).filter((line) => !line.startsWith("@@"));
      const count = (sign: string) => lines.filter((line) => line.startsWith(sign)).length;
      expect(before.length - count("-")).toBe(after.length - count("+"));
      expect(lines.length === 0).toBe(before.join() === after.join());
    }),
    { numRuns: 200 },
  );
});
