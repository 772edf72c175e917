import { describe, expect, setDefaultTimeout, test } from "bun:test";
import fc from "fast-check";
import { placeAt } from "../../../src/admin/configuration/yaml/place.ts";
import { written } from "./writing.ts";

setDefaultTimeout(20_000);

const placeIn = (marked: string) => {
  const { text, at } = written(marked);
  return placeAt(text, at);
};

describe("a key is written", () => {
  test.each([
    ["at the top of nothing", "|", [], []],
    ["at the top", "version: 1\nprov|\n", [], ["version"]],
    ["below a key", "providers:\n  near:\n    |\nmodels: {}\n", ["providers", "near"], []],
    ["between others", "a:\n  b: 1\n  c|\n  d: 2\n", ["a"], ["b", "d"]],
    ["after a deeper part", "models:\n  a:\n    targets: [x/y]\n  |\n", ["models"], ["a"]],
    ["before a colon", "models:\n  a:\n    stra|: x\n    targets: []\n", ["models", "a"], ["targets"]],
    ["between braces", "models:\n  a: { targets: [x/y], s| }\n", ["models", "a"], ["targets"]],
    ["between empty braces", "models:\n  a: {|}\n", ["models", "a"], []],
    ["between braces that nobody has closed", "a:\n  - { b: c, d|\n", ["a", 0], ["b"]],
    ["in the second item of a list", "a:\n  - b: 1\n  - c: 2\n    d|\n", ["a", 1], ["c"]],
    ["below a quoted key", 'models:\n  "a*":\n    |\n', ["models", "a*"], []],
  ])("%s", (_, marked, path, keys) => {
    expect(placeIn(marked)).toMatchObject({ takesKeys: true, path, keys });
  });
});

describe("a value is written", () => {
  test.each([
    ["after a colon", "version: |\n", ["version"]],
    ["in the middle of a word", "aliases:\n  old: ch|at\n", ["aliases", "old"]],
    [
      "as the item of a list",
      "models:\n  a:\n    targets:\n      - x/y\n      - |\n",
      ["models", "a", "targets", 1],
    ],
    ["between brackets", "models:\n  a: { targets: [x/y, |] }\n", ["models", "a", "targets", 1]],
    ["between brackets on a line of its own", "a:\n  b: [\n    x,\n    |\n  ]\n", ["a", "b", 1]],
    ["between braces", "models:\n  a: { strategy: | }\n", ["models", "a", "strategy"]],
    ["below a key of an item", "a:\n  - b: x\n    c: |\n", ["a", 0, "c"]],
  ])("%s", (_, marked, path) => {
    expect(placeIn(marked)).toMatchObject({ takesValues: true, path });
  });
});

test("the word that stands there is replaced, and no more than it", () => {
  const { text, at } = written("aliases:\n  old: ch|at # to be dropped\n");
  const place = placeAt(text, at);
  expect(text.slice(place?.from, place?.to)).toBe("chat");
});

test.each([
  ["in a comment", "a: 1 # b|\n"],
  ["right after a colon", "a:|\n"],
  ["in a text of several lines", "a: >\n  some wor|\n  and more\n"],
])("nothing is written %s", (_, marked) => {
  expect(placeIn(marked)).toBeNull();
});

test("any text has a place or none, at every offset, within it", () => {
  const pieces = fc.constantFrom(
    "a:",
    " ",
    "\n",
    "  ",
    "- ",
    "{",
    "}",
    "[",
    "]",
    ",",
    '"',
    "'",
    "#",
    "b",
    "|",
    ": ",
    "\t",
    "é",
  );
  fc.assert(
    fc.property(fc.array(pieces, { maxLength: 30 }), fc.nat(), (parts, number) => {
      const text = parts.join("");
      const place = placeAt(text, number % (text.length + 1));
      expect(place === null || (place.from <= place.to && place.to <= text.length)).toBe(true);
    }),
    { numRuns: 300 },
  );
});
