import { describe, expect, test } from "bun:test";
import { answer, call, candidate, part, readEvents } from "./decode.ts";

const event = (parts: readonly object[], reason?: string, more: object = {}) =>
  answer([candidate(parts, reason, more)]);

describe("a stream of Gemini's", () => {
  test("goes on chunk by chunk, the role first, under one id", () => {
    const { choices, ids, finishes } = readEvents([
      event([part("hm", { thought: true })]),
      event([part("a")]),
      { ...event([part("b")], "STOP"), responseId: "other" },
    ]);
    expect(choices.map(({ delta, finish_reason: finish }) => [delta, finish])).toEqual([
      [{ role: "assistant", content: "", reasoning_content: "hm" }, null],
      [{ content: "a" }, null],
      [{ content: "b" }, "stop"],
    ]);
    expect(ids).toEqual(new Set(["r1"]));
    expect(finishes).toBe(1);
  });

  test("numbers calls across events, each whole and with its signature", () => {
    const { choices } = readEvents([
      event([call("f", { a: 1 }, { thoughtSignature: "s" }), call("g", {})]),
      event([{ functionCall: { id: "own", name: "h", args: {} } }]),
      event([part("")], "STOP"),
    ]);
    const calls = choices.flatMap(({ delta }) => (delta["tool_calls"] ?? []) as readonly { id: string }[]);
    expect(calls).toMatchObject([
      {
        index: 0,
        function: { name: "f", arguments: '{"a":1}' },
        extra_content: { google: { thought_signature: "s" } },
      },
      { index: 1, function: { name: "g", arguments: "{}" } },
      { index: 2, id: "own", function: { name: "h" } },
    ]);
    expect(new Set(calls.map(({ id }) => id)).size).toBe(3);
    expect(choices.map(({ finish_reason: finish }) => finish)).toEqual([null, null, "tool_calls"]);
  });

  test("bears the signature of its words at the end of them", () => {
    const { choices } = readEvents([
      event([part("a")]),
      event([part("", { thoughtSignature: "s" })], "STOP"),
    ]);
    expect(choices.at(-1)?.delta).toEqual({ extra_content: { google: { thought_signature: "s" } } });
  });

  test("ends each of several choices", () => {
    const { choices, finishes } = readEvents(
      [
        answer([candidate([part("a")]), candidate([part("x")], undefined, { index: 1 })]),
        answer([{ finishReason: "SAFETY", index: 1 }]),
        answer([candidate([part("b")], "STOP")]),
      ],
      { n: 2 },
    );
    expect(
      choices.map(({ index, delta, finish_reason: finish }) => [index, delta["content"], finish]),
    ).toEqual([
      [0, "a", null],
      [1, "x", null],
      [1, undefined, "content_filter"],
      [0, "b", "stop"],
    ]);
    expect(finishes).toBe(2);
  });

  test("ends a choice once, though events go on to say so", () => {
    const { choices, finishes } = readEvents([event([part("a")], "STOP"), event([part("b")], "STOP")]);
    expect(finishes).toBe(1);
    expect(choices.map(({ delta }) => delta["content"])).toEqual(["a", "b"]);
  });

  test("cites once, in characters of all that was said", () => {
    const groundingMetadata = {
      groundingChunks: [{ web: { uri: "https://a.example/", title: "A" } }],
      groundingSupports: [{ segment: { startIndex: 2, endIndex: 5 }, groundingChunkIndices: [0] }],
    };
    const { choices } = readEvents([
      event([part("ab")]),
      event([part("cde")], undefined, { groundingMetadata }),
      event([part("")], "STOP", { groundingMetadata }),
    ]);
    expect(choices.flatMap(({ delta }) => delta["annotations"] ?? [])).toEqual([
      {
        type: "url_citation",
        url_citation: { start_index: 2, end_index: 5, url: "https://a.example/", title: "A" },
      },
    ]);
  });

  test("tells tokens as they come, and the total when it is one", () => {
    const { usages } = readEvents([
      { ...event([part("a")]), usageMetadata: { promptTokenCount: 10, totalTokenCount: 10 } },
      { usageMetadata: { promptTokenCount: 10, totalTokenCount: 10 } },
      {
        ...event([part("b")], "STOP"),
        usageMetadata: { promptTokenCount: 9, candidatesTokenCount: 2, totalTokenCount: 11 },
      },
    ]);
    expect(usages.at(-1)).toEqual({ prompt_tokens: 9, completion_tokens: 2, total_tokens: 11 });
  });

  test.each<[string, readonly unknown[], string]>([
    ["a refused prompt", [{ promptFeedback: { blockReason: "SAFETY" } }], "content_policy"],
    [
      "a block before the first word",
      [event([part("")]), answer([{ finishReason: "SAFETY" }])],
      "content_policy",
    ],
    ["an end before the first word", [answer([{ finishReason: "OTHER" }])], "server"],
    ["a call that is none", [answer([{ finishReason: "MALFORMED_FUNCTION_CALL" }])], "malformed"],
    ["an error", [{ error: { code: 500, status: "INTERNAL", message: "m" } }], "server"],
    [
      "an error in a list",
      [[{ error: { code: 429, status: "RESOURCE_EXHAUSTED", message: "m" } }]],
      "rate_limited",
    ],
    ["an error after words", [event([part("a")]), { error: { code: 503, message: "m" } }], "overloaded"],
    ["no JSON", ["{"], "malformed"],
    ["no object", ["7"], "malformed"],
    ["nothing of Gemini's", [{ choices: [] }], "malformed"],
    ["arguments without end", [`{"candidates":${"[".repeat(100_000)}${"]".repeat(100_000)}}`], "malformed"],
  ])("fails at %s", (_, events, kind) => {
    const { failures, finishes } = readEvents(events);
    expect(failures.map((each) => each.kind)).toEqual([kind as never]);
    expect(finishes).toBe(0);
  });

  test.each(["STOP", "MAX_TOKENS"])("may end with %s before the first word", (reason) => {
    const { failures, finishes } = readEvents([answer([{ finishReason: reason }])]);
    expect({ failures, finishes }).toEqual({ failures: [], finishes: 1 });
  });

  test("ends at the mark of servers that stand in for Gemini", () => {
    expect(readEvents([event([part("a")], "STOP"), "[DONE]"]).ends).toBe(1);
  });
});
