import { expect, setDefaultTimeout, test } from "bun:test";
import fc from "fast-check";
import { assemble } from "../../src/openai/assemble.ts";

setDefaultTimeout(20_000);

const head = { id: "c-1", object: "chat.completion.chunk", created: 1, model: "m" };
const chunk = (delta: object, more: object = {}) =>
  JSON.stringify({ ...head, choices: [{ index: 0, delta, finish_reason: null, ...more }] });

test("text, reasoning and calls are joined, and the end is told", () => {
  const whole = assemble(
    [
      chunk({ role: "assistant", content: "" }),
      chunk({ reasoning_content: "hm" }),
      chunk({ reasoning_content: "m" }),
      chunk({ content: "Hel" }),
      chunk({ content: "lo" }),
      chunk({
        tool_calls: [{ index: 0, id: "a", type: "function", function: { name: "f", arguments: "" } }],
      }),
      chunk({ tool_calls: [{ index: 0, function: { arguments: '{"x"' } }] }),
      chunk({
        tool_calls: [{ index: 1, id: "b", type: "function", function: { name: "g", arguments: "{}" } }],
      }),
      chunk({ tool_calls: [{ index: 0, function: { arguments: ":1}" } }] }),
      chunk({}, { finish_reason: "tool_calls" }),
    ],
    { total_tokens: 3 },
  );
  expect(whole).toEqual({
    ...head,
    object: "chat.completion",
    choices: [
      {
        index: 0,
        finish_reason: "tool_calls",
        message: {
          role: "assistant",
          content: "Hello",
          reasoning_content: "hmm",
          tool_calls: [
            { id: "a", type: "function", function: { name: "f", arguments: '{"x":1}' } },
            { id: "b", type: "function", function: { name: "g", arguments: "{}" } },
          ],
        },
      },
    ],
    usage: { total_tokens: 3 },
  });
});

test("several choices are kept apart, and text completions have no message", () => {
  const text = (index: number, said: string) =>
    JSON.stringify({
      id: "t",
      object: "text_completion",
      choices: [{ index, text: said, finish_reason: null }],
    });
  expect(assemble([text(0, "a"), text(1, "b"), text(0, "c")], null)).toEqual({
    id: "t",
    object: "text_completion",
    choices: [
      { index: 0, text: "ac", finish_reason: null },
      { index: 1, text: "b", finish_reason: null },
    ],
  });
});

test("however a text is cut, it comes out whole", () => {
  fc.assert(
    fc.property(fc.array(fc.string(), { minLength: 1 }), (pieces) => {
      const whole = assemble(
        pieces.map((content) => chunk({ content })),
        null,
      );
      expect(whole).toMatchObject({ choices: [{ message: { content: pieces.join("") } }] });
    }),
  );
});

test("nothing said is no answer", () => {
  expect(assemble([], null)).toBeNull();
});
