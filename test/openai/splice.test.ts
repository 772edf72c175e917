import { describe, expect, setDefaultTimeout, test } from "bun:test";
import fc from "fast-check";
import { type Changes, depthOf, spliceBody } from "../../src/openai/splice.ts";

setDefaultTimeout(20_000);

type Fields = Readonly<Record<string, unknown>>;

/** The same changes, made on objects. */
function changed(from: Fields, { set, remove }: Changes): Fields {
  const result = new Map(Object.entries(from));
  for (const name of remove) result.delete(name);
  for (const [name, value] of Object.entries(set)) result.set(name, value);
  return Object.fromEntries(result);
}

const splice = (text: string, changes: Changes): string => {
  const from: Fields = JSON.parse(text);
  return spliceBody(text, from, changed(from, changes), changes);
};

const parsed = (text: string): unknown => JSON.parse(text);

describe("splicing the text of a body", () => {
  const keys = fc.oneof(
    fc.constantFrom("model", "messages", "stream", "a", "__proto__", "toString", 'q"uote', "back\\slash", ""),
    fc.string({ maxLength: 4 }),
  );
  const body = fc.dictionary(keys, fc.jsonValue({ maxDepth: 3 }), { maxKeys: 6, noNullPrototype: true });
  const spaces = fc.constantFrom(0, 1, 4, "\t");

  test("parses to the same as changing objects", () => {
    fc.assert(
      fc.property(body, spaces, body, fc.array(keys, { maxLength: 3 }), (from, indent, set, removed) => {
        const changes = { set, remove: removed.filter((name) => !Object.hasOwn(set, name)) };
        const text = JSON.stringify(from, null, indent);
        expect(parsed(splice(text, changes))).toEqual(parsed(JSON.stringify(changed(from, changes))));
      }),
      { seed: 2, numRuns: 500 },
    );
  });

  test.each([
    ["a changed value", '{"model":"a", "n": 1}', { set: { model: "b" }, remove: [] }, '{"model":"b","n": 1}'],
    ["a new field", '{"n":1}', { set: { stream: true }, remove: [] }, '{"n":1,"stream":true}'],
    ["a removed field", '{"user":"u","n":1,"seed":2}', { set: {}, remove: ["user", "seed"] }, '{"n":1}'],
    ["an empty body", " { } ", { set: { a: [1] }, remove: [] }, '{"a":[1]}'],
    ["nothing to change", ' {"n" : 1e2} ', { set: {}, remove: [] }, ' {"n" : 1e2} '],
    [
      "numbers beyond a double",
      '{"id":12345678901234567890,"n":1}',
      { set: { n: 2 }, remove: [] },
      '{"id":12345678901234567890,"n":2}',
    ],
    [
      "strings full of braces",
      '{"s":"\\"}{][,\\\\","n":1}',
      { set: { n: 2 }, remove: [] },
      '{"s":"\\"}{][,\\\\","n":2}',
    ],
  ] as const)("keeps the bytes around %s", (_name, text, changes, result) => {
    expect(splice(text, changes)).toBe(result);
  });

  test.each(['{"model":"sneaky","model":"seen"}', '{"mod\\u0065l":"sneaky","model":"seen","n":1}'])(
    "writes anew what a provider could read differently: %s",
    (text) => {
      expect(splice(text, { set: {}, remove: [] })).toBe(JSON.stringify(parsed(text)));
      expect(splice(text, { set: { model: "ours" }, remove: [] })).not.toContain("sneaky");
    },
  );

  test("leaves out what has no JSON, as objects do", () => {
    expect(splice('{"a":1,"b":2}', { set: { a: undefined, c: undefined }, remove: [] })).toBe('{"b":2}');
  });
});

describe("the depth of a text", () => {
  test.each([
    ["1", 0],
    ["{}", 1],
    ['{"a":[{"b":[]}]}', 4],
    ['["[[[[", "\\"[[", "\\\\"]', 1],
    ['["[', 1],
    ["]]]][[", 0],
  ])("of %s is %d", (text, depth) => {
    expect(depthOf(text, 64)).toBe(depth);
  });

  test("stops counting at once, and is linear in quotes and backslashes", () => {
    const started = performance.now();
    expect(depthOf("[".repeat(5_000_000), 64)).toBe(65);
    expect(depthOf(`["${"\\".repeat(2_000_000)}"]`, 64)).toBe(1);
    expect(depthOf(`[${'"\\"",'.repeat(300_000)}1]`, 64)).toBe(1);
    expect(performance.now() - started).toBeLessThan(1_000);
  });
});
