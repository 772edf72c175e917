// biome-ignore-all lint/suspicious/noTemplateCurlyInString: ${NAME} is a word of routes.yaml here.
import { describe, expect, setDefaultTimeout, test } from "bun:test";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { parse } from "yaml";
import { format } from "../../../src/config/format/format.ts";
import { routes } from "../../../src/config/schema/routes.ts";
import { tests } from "../../../src/config/schema/tests.ts";
import { brief, compileText, snapshotOf } from "../helpers.ts";
import { drawFrom, spell } from "./spellings.ts";

setDefaultTimeout(20_000);

const encoder = new TextEncoder();
const at = (...path: readonly string[]) => join(import.meta.dir, "..", ...path);
const example = readFileSync(at("contract_example.yaml"), "utf8");
const shipped = readFileSync(at("..", "..", "routes.yaml"), "utf8");

function formatted(text: string): string {
  const result = format("routes.yaml", encoder.encode(text), routes);
  if (!result.ok) throw new Error(result.error[0]?.message);
  return result.value;
}

describe("what is written one way or another comes out the same", () => {
  test.each([
    [
      "quotes that are not needed",
      "requires: \"x\"\ndefault_model: 'chat'\n",
      "requires: x\ndefault_model: chat\n",
    ],
    ["other quotes", "default_model: 'it''s: \"so\"'\n", 'default_model: "it\'s: \\"so\\""\n'],
    ["globs, always quoted", "include: [teams/*.yaml]\n", 'include: ["teams/*.yaml"]\n'],
    ["what would be something else without quotes", "requires: '1'\n", 'requires: "1"\n'],
    [
      "commas, which end nothing outside of brackets",
      "requires: \"a, b\"\nauto: { models: ['a, b'] }\n",
      'requires: a, b\nauto: { models: ["a, b"] }\n',
    ],
    ["references", "requires: '${X}'\ndefault_model: 'env:X'\n", 'requires: "${X}"\ndefault_model: env:X\n'],
    [
      "numbers keep their digits",
      "auto: { models: [2.50, 0x1F, 1e3] }\n",
      "auto: { models: [2.50, 31, 1000] }\n",
    ],
    [
      "other spellings of a word",
      "auto: { models: [True, ~, NULL] }\n",
      "auto: { models: [true, null, null] }\n",
    ],
    ["indentation and spaces", "auto:\n     models:   [ a,b  ,c ]\n", "auto:\n  models: [a, b, c]\n"],
    ["lists at the indentation of their key", "include:\n- a\n- b\n", "include:\n  - a\n  - b\n"],
    [
      "a flow over several lines",
      "auto: {\n  models: [\n    a,\n    b,\n  ],\n}\n",
      "auto: { models: [a, b] }\n",
    ],
    [
      "a file that is JSON",
      '{"version": 1, "auto": {"models": ["a"]}}',
      "version: 1\nauto: { models: [a] }\n",
    ],
    ["Windows line ends", "version: 1\r\nrequires: x\r\n", "version: 1\nrequires: x\n"],
    ["several empty lines", "version: 1\n\n\n\nrequires: x\n\n\n", "version: 1\n\nrequires: x\n"],
    ["a document mark", "---\nversion: 1\n", "version: 1\n"],
    [
      "texts of several lines",
      "auto:\n    x: |\n        a\n         b\n\n    y: >-\n        c\n        d\n",
      "auto:\n  x: |\n    a\n     b\n\n  y: >-\n    c\n    d\n",
    ],
  ])("%s", (_, before, after) => {
    expect(formatted(before)).toBe(after);
    expect(formatted(after)).toBe(after);
  });

  test("a flow that does not fit on a line becomes a block", () => {
    const tags = Array.from({ length: 20 }, (_, index) => `tag-${index}`).join(", ");
    const after = formatted(`providers: { one: { kind: openai, tags: [${tags}] } }\n`);
    expect(after).toStartWith(
      "providers:\n  one:\n    kind: openai\n    tags:\n      - tag-0\n      - tag-1\n",
    );
    expect(Math.max(...after.split("\n").map(({ length }) => length))).toBeLessThanOrEqual(120);
  });
});

test("keys stand in the order of the schema, those of a provider by its kind; names that people chose stay where they are", () => {
  expect(
    formatted(`models:
  small: { targets: [demo/a], strategy: cost }
  chat: { targets: [{ model: b, provider: demo }] }
providers:
  demo: { models: { b: {}, a: {} }, tokens_per_second: 2, kind: simulated }
unknown: 1
version: 1
`),
  ).toBe(`version: 1
providers:
  demo: { kind: simulated, tokens_per_second: 2, models: { b: {}, a: {} } }
models:
  small: { strategy: cost, targets: [demo/a] }
  chat: { targets: [{ provider: demo, model: b }] }
unknown: 1
`);
});

test("free parameters keep their order", () => {
  const text = "models:\n  a: { targets: [x/y], defaults: { z: 1, a: { y: 1, b: 2 } } }\n";
  expect(formatted(text)).toBe(text);
});

test("every comment stays with what it speaks of", () => {
  expect(
    formatted(`# yaml-language-server: $schema=x
# the file

# about models
models:   # all of them
  # before chat
  chat: # the first
    # who answers
    targets:
    # in Europe
    - a/x     # cheap
    - b/y
    # no others
    strategy: weighted # by weight
    # end of chat
  # end of models
# about version
version:    1  # one

providers: { a: { kind: openai, # behind a kind
  # before tags
  tags: [] } } # behind it all
# end
`),
  ).toBe(`# yaml-language-server: $schema=x
# the file

# about version
version: 1 # one

providers: # behind it all
  a:
    kind: openai # behind a kind
    # before tags
    tags: []

# about models
models: # all of them
  # before chat
  chat: # the first
    strategy: weighted # by weight
    # who answers
    targets:
      # in Europe
      - a/x # cheap
      - b/y
      # no others
    # end of chat
  # end of models
# end
`);
});

test("an alias stays behind its anchor, so that nothing is put in order there", () => {
  const text = "models:\n  a: { targets: &both [x/y, z/y] }\n  b: { targets: *both }\nversion: 1\n";
  expect(formatted(text)).toBe(text);
});

describe("what does not parse is refused", () => {
  test.each([
    ["broken YAML", "version: [1\n", "yaml_syntax"],
    ["a key that stands twice", "version: 1\nversion: 1\n", "duplicate_key"],
    ["nothing", "# nothing\n", "empty_file"],
    ["a merge key", "a: &a { b: 1 }\nc: { <<: *a }\n", "merge_key"],
  ])("%s", (_, text, code) => {
    const result = format("routes.yaml", encoder.encode(text), routes);
    expect(result.ok ? [] : brief(result.error).map((line) => line.split(" ")[1])).toEqual([code]);
  });
});

test("the shipped file and its tests are in form", () => {
  expect(formatted(shipped)).toBe(shipped);
  const shippedTests = readFileSync(at("..", "..", "routes.test.yaml"), "utf8");
  expect(format("routes.test.yaml", encoder.encode(shippedTests), tests)).toEqual({
    ok: true,
    value: shippedTests,
  });
});

const comments = (text: string) => (text.match(/#.*$/gm) ?? []).toSorted();
const tape = fc.array(fc.nat(10_000), { minLength: 150, maxLength: 400 });

test.each([
  ["the example of the contract", example],
  ["the shipped file", shipped],
])(
  "however %s is spelt: its meaning stays, each comment stays, and a second time changes nothing",
  (_, text) => {
    const value: unknown = parse(text);
    const include = text === example ? [["teams/a.yaml", "aliases: {}\n"] as const] : [];
    const digestOf = (each: string) => snapshotOf([["routes.yaml", each], ...include]).digest;
    const digest = digestOf(text);
    fc.assert(
      fc.property(tape, (choices) => {
        const spelt = spell(value, drawFrom(choices));
        const once = formatted(spelt);
        expect(formatted(once)).toBe(once);
        expect(digestOf(once)).toBe(digest);
        const lost = comments(spelt).filter((comment) => comment.includes("# ") && !once.includes(comment));
        expect(lost).toEqual([]);
      }),
      { numRuns: 10 },
    );
  },
  20_000,
);

test("no bad file changes its mistakes by it", () => {
  const files = readdirSync(at("bad")).filter((name) => name.endsWith(".yaml"));
  const some = files.filter((_, index) => index % 7 === 0);
  for (const name of some) {
    const text = readFileSync(at("bad", name), "utf8");
    const result = format(name, encoder.encode(text), routes);
    if (!result.ok) continue;
    const codesOf = (each: string) =>
      compileText(each)
        .diagnostics.map(({ code }) => code)
        .toSorted();
    expect([name, codesOf(result.value)]).toEqual([name, codesOf(text)]);
    expect(formatted(result.value)).toBe(result.value);
  }
});
