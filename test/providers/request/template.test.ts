import { describe, expect, setDefaultTimeout, test } from "bun:test";
import fc from "fast-check";
import { fill, namesIn } from "../../../src/providers/request/template.ts";

setDefaultTimeout(20_000);

const values: Readonly<Record<string, unknown>> = {
  prompt: 'say "hi"',
  max_tokens: 12,
  temperature: 0,
  stream: false,
  stop: ["a", "b"],
  response_format: { type: "json_object" },
  seed: null,
};
const look = (name: string): unknown => values[name];

describe("a template", () => {
  test.each([
    ["$prompt", 'say "hi"'],
    ["$max_tokens", 12],
    ["$temperature", 0],
    ["$stream", false],
    ["$stop", ["a", "b"]],
    ["$response_format", { type: "json_object" }],
    ["$absent", undefined],
    ["$seed", undefined],
    ["Q: $prompt\nA:", 'Q: say "hi"\nA:'],
    ["$max_tokens tokens, $stop, $absent.", '12 tokens, ["a","b"], .'],
    ["$prompt$max_tokens", 'say "hi"12'],
    ["$$prompt", "$prompt"],
    ["$$$prompt", '$say "hi"'],
    ["costs $5 or $ 6$", "costs $5 or $ 6$"],
    ["plain", "plain"],
    [7, 7],
    [null, null],
    [true, true],
  ])("%p becomes %p", (template, filled) => expect(fill(template, look)).toEqual(filled));

  test("drops the key, or the place in a list, of what is absent and nothing else", () => {
    const template = { a: "$absent", b: { c: "$seed" }, d: ["$absent", "x", "$max_tokens"], e: null };
    expect(fill(template, look)).toEqual({ b: {}, d: ["x", 12], e: null });
    expect(JSON.stringify(fill(template, look))).toBe('{"b":{},"d":["x",12],"e":null}');
  });

  test("takes what a request says for what it is, and never for a template", () => {
    expect(fill({ a: "$said", b: "> $said" }, () => "$$ $prompt $&")).toEqual({
      a: "$$ $prompt $&",
      b: "> $$ $prompt $&",
    });
  });

  test("knows its names at any depth, escaped ones left out", () => {
    const template = { a: "$prompt", b: ["$max_tokens and $top_p", { c: "$$model", d: 1, e: null }] };
    expect([...namesIn(template)].sort()).toEqual(["max_tokens", "prompt", "top_p"]);
  });

  test("says any text there is, its dollars doubled", () => {
    const text = fc.string({ unit: fc.constantFrom("$", "a", "_", "1", " ", '"', "\n", "é", "😀") });
    fc.assert(
      fc.property(text, (wanted) => {
        const written = wanted.replaceAll("$", "$$$$");
        expect(fill([written], () => "never")).toEqual([wanted]);
        expect(namesIn(written).size).toBe(0);
      }),
    );
  });
});
