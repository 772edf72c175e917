import { describe, expect, setDefaultTimeout, test } from "bun:test";
import fc from "fast-check";
import { Tiktoken } from "js-tiktoken/lite";
import cl100k from "js-tiktoken/ranks/cl100k_base";
import { decodeInput, decodeTokens } from "../../src/providers/tokens.ts";

setDefaultTimeout(20_000);

const hello = [15339, 1917];

describe("tokens", () => {
  test("are read as the tokenizer reads them", () => {
    const tokenizer = new Tiktoken(cl100k);
    const tokens = fc.array(fc.integer({ min: 0, max: 100_255 }), { maxLength: 20 });
    fc.assert(
      fc.property(tokens, (some) => {
        expect(decodeTokens(some, "text-embedding-3-small")).toEqual({
          ok: true,
          value: tokenizer.decode(some),
        });
      }),
    );
    const text = "Grüße, 世界 🌍\n\tend";
    expect(decodeTokens(tokenizer.encode(text), "mistral-embed")).toEqual({ ok: true, value: text });
  });

  test.each([
    ["text-embedding-3-small", hello, "hello world"],
    ["mistral-embed", hello, "hello world"],
    ["gpt-4o-mini", [24912, 2375], "hello world"],
    ["openai/gpt-5", [24912, 2375], "hello world"],
    ["any", [], ""],
    ["any", [100_257], "<|endoftext|>"],
    ["any", [3574, 244], "\u4e16"],
    ["any", [3574], "\ufffd"],
  ])("of %s: %j are %j", (model, tokens, text) => {
    expect(decodeTokens(tokens, model)).toEqual({ ok: true, value: text });
  });

  test.each([[-1], [1.5], [100_256], [1e9], ["a"], [null]])("do not include %j", (token) => {
    expect(decodeTokens([15339, token], "any")).toEqual({
      ok: false,
      error: `${JSON.stringify(token)} is no token of cl100k_base`,
    });
  });
});

describe("an input", () => {
  test.each<[unknown, unknown]>([
    [hello, "hello world"],
    [
      [hello, [0]],
      ["hello world", "!"],
    ],
    [
      [hello, "text"],
      ["hello world", "text"],
    ],
  ])("%j is %j", (input, texts) => {
    expect(decodeInput(input, "any")).toEqual({ ok: true, value: texts });
  });

  test("of text is the very value that came", () => {
    for (const input of ["a", ["a", "b"], [], undefined]) {
      const decoded = decodeInput(input, "any");
      expect(decoded.ok && decoded.value).toBe(input);
    }
  });

  test("with a wrong token is none", () => {
    expect(decodeInput([[1], [-1]], "any")).toEqual({ ok: false, error: "-1 is no token of cl100k_base" });
  });
});
