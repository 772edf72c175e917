import { describe, expect, test } from "bun:test";
import { countsOf, fixOf, offsetOf, spanOf, worstFirst } from "../../../src/admin/configuration/marks.ts";
import { indentAfter } from "../../../src/admin/configuration/yaml/indent.ts";
import { compile } from "../../../src/config/compile.ts";
import type { Diagnostic } from "../../../src/config/diagnostic.ts";

const base = `version: 1
auth: { teams: { web: {} }, keys: [{ id: a, secret: env:A, team: wbe }] }
providers:
  near: { kind: simulated }
models:
  chat:
    stratgy: cost
    targets: [naer/small]
    fallbacks: [chatt]
`;
const found = (text: string): readonly Diagnostic[] =>
  compile([{ name: "routes.yaml", bytes: new TextEncoder().encode(text) }], {
    ...{ engine: "0.1.0", variables: {}, unset: "warning" },
  }).diagnostics;

test("a place is found again in the text, and what lies beyond it is at its end", () => {
  const text = "a\nbcd\n";
  expect([offsetOf(text, 1, 1), offsetOf(text, 2, 3), offsetOf(text, 2, 99), offsetOf(text, 9, 1)]).toEqual([
    0, 4, 5, 6,
  ]);
});

test("following every suggestion mends the file, whatever else the value holds", () => {
  let text = base;
  for (let turn = 0; turn < 9; turn++) {
    const fix = found(text)
      .map((each) => fixOf(text, each))
      .find((each) => each !== null);
    if (fix == null) break;
    text = text.slice(0, fix.from) + fix.insert + text.slice(fix.to);
  }
  expect(text).toBe(
    base
      .replace("stratgy", "strategy")
      .replace("naer", "near")
      .replace("chatt", "chat")
      .replace("wbe", "web"),
  );
});

describe("what is marked", () => {
  const [each] = found("version: 1\nmodles: {}\n");
  test("is the word that is wrong", () => {
    if (each === undefined) throw new Error("nothing was found");
    const text = "version: 1\nmodles: {}\n";
    const { from, to } = spanOf(text, each);
    expect(text.slice(from, to)).toBe("modles");
  });
  test("can be seen, also where the text has become shorter", () => {
    if (each === undefined) throw new Error("nothing was found");
    expect(spanOf("version", each)).toEqual({ from: 7, to: 7 });
    expect(spanOf("a\nb", { ...each, end_line: 2, end_column: 1 })).toEqual({ from: 2, to: 3 });
  });
});

test("errors come first, and are counted by file", () => {
  const [one] = found("version: 1\nmodles: {}\n");
  if (one === undefined) throw new Error("nothing was found");
  const warning: Diagnostic = { ...one, severity: "warning", file: "other.yaml" };
  expect(worstFirst([warning, one]).map(({ severity }) => severity)).toEqual(["error", "warning"]);
  expect(countsOf([warning, one])).toEqual({ errors: 1, warnings: 1 });
  expect(countsOf([warning, one], "other.yaml")).toEqual({ errors: 0, warnings: 1 });
});

test.each([
  ["models:", 2],
  ["  chat: # the usual one", 4],
  ["      - near/small", 6],
  ["  - id: x", 4],
  ["  - id:", 6],
  ["a: b", 0],
  ["  note: |", 4],
  ["  a: { b: [", 4],
  ['- "*":', 4],
])("the line after %p stands in %d columns", (line, columns) => {
  expect(indentAfter(line)).toBe(columns);
});
