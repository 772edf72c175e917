import { describe, expect, setDefaultTimeout, test } from "bun:test";
import fc from "fast-check";
import { checkRequest, readRequest } from "../../src/openai/request.ts";

setDefaultTimeout(20_000);

const user = { role: "user", content: "hi" };
const chat = (more: object) => ({ messages: [user], ...more });

describe("checking a request", () => {
  test.each([
    ["chat", chat({})],
    [
      "chat",
      chat({
        model: null,
        stream: null,
        max_tokens: null,
        n: null,
        user: null,
        stream_options: null,
        tools: null,
      }),
    ],
    [
      "chat",
      chat({
        model: "m",
        stream: true,
        stream_options: { include_usage: true, x: 1 },
        n: 128,
        max_completion_tokens: 1,
        foo: { bar: [] },
      }),
    ],
    [
      "chat",
      {
        messages: [
          { role: "assistant", content: null, tool_calls: [] },
          { role: "tool", content: [{ type: "text", text: "x" }] },
          { role: "developer" },
          { role: "function", content: "" },
        ],
      },
    ],
    ["completions", { prompt: "x" }],
    ["completions", { prompt: ["x", "y"], max_tokens: 0 }],
    ["completions", { prompt: [1, 2, 3] }],
    ["completions", { prompt: [[1], [2, 3]] }],
    ["embeddings", { input: "" }],
    ["embeddings", { input: ["a"], stream: 7 }],
  ] as const)("accepts %s %j as it is", (endpoint, body) => {
    const checked = checkRequest(endpoint, body);
    expect(checked).toEqual({ ok: true, value: body });
    if (checked.ok) expect(checked.value as unknown).toBe(body);
  });

  test.each([
    ["chat", [], null],
    ["chat", null, null],
    ["chat", "x", null],
    ["chat", {}, "messages"],
    ["chat", { messages: {} }, "messages"],
    ["chat", { messages: [] }, "messages"],
    ["chat", { messages: [user, "x"] }, "messages[1]"],
    ["chat", { messages: [null] }, "messages[0]"],
    ["chat", { messages: [{ content: "x" }] }, "messages[0].role"],
    ["chat", { messages: [{ role: "robot", content: "x" }] }, "messages[0].role"],
    ["chat", { messages: [{ role: "user", content: 7 }] }, "messages[0].content"],
    ["chat", { messages: [{ role: "user", content: [{}, 7] }] }, "messages[0].content[1]"],
    ["chat", chat({ model: "" }), "model"],
    ["chat", chat({ model: 7 }), "model"],
    ["chat", chat({ model: "m".repeat(257) }), "model"],
    ["chat", chat({ stream: "yes" }), "stream"],
    ["chat", chat({ stream_options: true }), "stream_options"],
    ["chat", chat({ stream_options: { include_usage: 1 } }), "stream_options.include_usage"],
    ["chat", chat({ n: 0 }), "n"],
    ["chat", chat({ n: 129 }), "n"],
    ["chat", chat({ n: 1.5 }), "n"],
    ["chat", chat({ n: "2" }), "n"],
    ["chat", chat({ max_tokens: 0 }), "max_tokens"],
    ["chat", chat({ max_tokens: -1 }), "max_tokens"],
    ["chat", chat({ max_tokens: 1e300 }), "max_tokens"],
    ["chat", chat({ max_completion_tokens: "9" }), "max_completion_tokens"],
    ["chat", chat({ user: 5 }), "user"],
    ["chat", chat({ tools: {} }), "tools"],
    ["chat", chat({ response_format: "json" }), "response_format"],
    ["completions", {}, "prompt"],
    ["completions", { prompt: [] }, "prompt"],
    ["completions", { prompt: ["a", 1] }, "prompt[1]"],
    ["completions", { prompt: [1, -1] }, "prompt[1]"],
    ["completions", { prompt: [[1], []] }, "prompt[1]"],
    ["completions", { prompt: "x", max_tokens: -1 }, "max_tokens"],
    ["embeddings", { input: null }, "input"],
    ["embeddings", { input: [1.5] }, "input[0]"],
    ["embeddings", { input: {} }, "input"],
  ] as const)("refuses %s %j at %s", (endpoint, body, param) => {
    const checked = checkRequest(endpoint, body);
    expect(checked.ok ? null : checked.error.param).toBe(param);
    expect(checked.ok).toBe(false);
    if (!checked.ok) expect(checked.error.message).toMatch(/^\S.*\.$/);
  });

  test("repeats nothing that a client wrote", () => {
    const checked = checkRequest("chat", { messages: [{ role: "my secret prompt" }] });
    expect(JSON.stringify(checked)).not.toContain("secret");
  });

  test("survives any JSON without touching a prototype", () => {
    fc.assert(
      fc.property(fc.constantFrom("chat", "completions", "embeddings"), fc.jsonValue(), (endpoint, value) => {
        const body: unknown = JSON.parse(JSON.stringify(value));
        const checked = checkRequest(endpoint, body);
        if (checked.ok) readRequest(endpoint, checked.value);
      }),
      { seed: 3, numRuns: 500 },
    );
    const polluting: unknown = JSON.parse(
      '{"__proto__":{"model":"p","stream":true},"messages":[{"role":"user","__proto__":{"content":"x"}}]}',
    );
    const checked = checkRequest("chat", polluting);
    if (!checked.ok) throw new Error(checked.error.message);
    expect(readRequest("chat", checked.value)).toMatchObject({ model: null, stream: false, textBytes: 0 });
    expect(Object.hasOwn(Object.prototype, "model")).toBe(false);
  });
});

describe("reading a request", () => {
  const nothing = {
    model: null,
    stream: false,
    includeUsage: false,
    maxTokens: null,
    n: 1,
    user: null,
    textBytes: 0,
    tools: false,
    images: false,
    json: false,
  };

  test.each([
    ["a plain chat", "chat", chat({ model: "m" }), { model: "m", textBytes: 2 }],
    [
      "a stream with usage",
      "chat",
      chat({ stream: true, stream_options: { include_usage: true } }),
      { stream: true, includeUsage: true, textBytes: 2 },
    ],
    ["usage without a stream", "chat", chat({ stream_options: { include_usage: true } }), { textBytes: 2 }],
    [
      "the newer bound first",
      "chat",
      chat({ max_tokens: 5, max_completion_tokens: 9, n: 3, user: "u" }),
      { maxTokens: 9, n: 3, user: "u", textBytes: 2 },
    ],
    ["UTF-8", "chat", { messages: [{ role: "user", content: "héé 😀" }] }, { textBytes: 10 }],
    [
      "parts, of which images cost no bytes",
      "chat",
      {
        messages: [
          {
            role: "user",
            content: [
              { type: "text", text: "abc" },
              { type: "image_url", image_url: { url: `data:image/png;base64,${"A".repeat(999)}` } },
            ],
          },
        ],
      },
      { textBytes: 3, images: true },
    ],
    [
      "arguments of tool calls",
      "chat",
      {
        messages: [
          { role: "assistant", content: null, tool_calls: [{ function: { name: "f", arguments: "{}" } }] },
        ],
      },
      { textBytes: 3 },
    ],
    ["tools", "chat", chat({ tools: [{ a: 1 }] }), { textBytes: 2 + 9, tools: true }],
    [
      "a schema",
      "chat",
      chat({ response_format: { type: "json_schema", json_schema: { a: 1 } } }),
      { textBytes: 2 + 7, json: true },
    ],
    ["JSON mode", "chat", chat({ response_format: { type: "json_object" } }), { textBytes: 2, json: true }],
    [
      "several prompts",
      "completions",
      { prompt: ["ab", "c"], n: 2, max_tokens: 7 },
      { textBytes: 3, n: 4, maxTokens: 7 },
    ],
    ["one prompt of tokens", "completions", { prompt: [1, 2, 3] }, { textBytes: 12 }],
    [
      "embeddings, which have no answer tokens",
      "embeddings",
      { model: "e", input: [[1], [2, 3]], n: 5, stream: true },
      { model: "e", textBytes: 12, maxTokens: 0 },
    ],
  ] as const)("finds %s", (_name, endpoint, body, facts) => {
    expect(readRequest(endpoint, body)).toEqual({ ...nothing, ...facts });
  });
});
