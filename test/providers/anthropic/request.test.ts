import { describe, expect, test } from "bun:test";
import type { UpstreamRequest } from "../../../src/domain/adapter.ts";
import type { Params } from "../../../src/domain/snapshot.ts";
import { anthropic } from "../../../src/providers/anthropic.ts";
import { upstream } from "../fixtures.ts";

const model = "claude-sonnet-4-5";
const hello = [{ role: "user", content: "hi" }];

function encode(params: Params, more: Partial<UpstreamRequest> = {}) {
  const encoded = anthropic.encode(upstream("anthropic", { messages: hello, ...params }, { model, ...more }));
  if (!encoded.ok) throw new Error(encoded.error);
  const { path, body, losses } = encoded.value;
  return { path, body, losses: losses.map(({ says }) => says) };
}

const messagesOf = (...messages: readonly unknown[]) => encode({ messages }).body["messages"];
const call = (id: string, name = "f", args = "{}") => ({
  id,
  type: "function",
  function: { name, arguments: args },
});
const calls = (...ids: readonly string[]) => ({
  role: "assistant",
  content: null,
  tool_calls: ids.map((id) => call(id)),
});
const result = (id: string, content: unknown = "42") => ({ role: "tool", tool_call_id: id, content });
const tool = (name: string, more: Params = {}) => ({ type: "function", function: { name, ...more } });

test.each([
  ["claude-3-5-haiku-20241022", 9_000, 8_192],
  ["claude-opus-4-20250514", 64_000, 32_000],
  ["claude-sonnet-4-20250514", 64_000, 64_000],
  ["claude-opus-4-7", 128_000, 128_000],
  ["kimi-k2", 500_000, 500_000],
])("%s, asked for %d tokens, may write %d, and a lowered bound is named", (name, asked, sent) => {
  const { body, losses } = encode({ max_tokens: asked }, { model: name });
  expect(body["max_tokens"]).toBe(sent);
  expect(losses).toEqual(
    asked === sent ? [] : [`max_tokens lowered from ${asked} to ${sent}: the model writes no more`],
  );
});

test("goes to /messages, with the model, the messages and a bound on the answer", () => {
  expect(encode({})).toEqual({
    path: "/messages",
    body: { model, max_tokens: 64_000, messages: hello },
    losses: [],
  });
});

describe("instructions", () => {
  test("of system and developer stand apart, wherever they were said", () => {
    const { body } = encode({
      messages: [
        { role: "system", content: "a" },
        ...hello,
        { role: "developer", content: [{ type: "text", text: "b", cache_control: { type: "ephemeral" } }] },
      ],
    });
    expect(body["system"]).toEqual([
      { type: "text", text: "a" },
      { type: "text", text: "b", cache_control: { type: "ephemeral" } },
    ]);
    expect(body["messages"]).toEqual(hello);
  });

  test("alone become the user's words", () => {
    const { body } = encode({ messages: [{ role: "system", content: "sing" }] });
    expect(body["system"]).toBeUndefined();
    expect(body["messages"]).toEqual([{ role: "user", content: "sing" }]);
  });
});

describe("turns", () => {
  test("of one role are joined, results before everything else", () => {
    const turns = messagesOf(
      ...hello,
      calls("a", "b"),
      result("b"),
      { role: "user", content: "and?" },
      result("a"),
    );
    expect(turns).toEqual([
      ...hello,
      {
        role: "assistant",
        content: [
          { type: "tool_use", id: "a", name: "f", input: {} },
          { type: "tool_use", id: "b", name: "f", input: {} },
        ],
      },
      {
        role: "user",
        content: [
          { type: "tool_result", tool_use_id: "b", content: "42" },
          { type: "tool_result", tool_use_id: "a", content: "42" },
          { type: "text", text: "and?" },
        ],
      },
    ]);
  });

  test("name each call once, whatever other providers called it", () => {
    const turns = JSON.stringify(
      messagesOf(...hello, calls("call:1"), result("call:1", "x"), calls("call:1"), result("call:1", "y")),
    );
    const ids = [...turns.matchAll(/"(?:id|tool_use_id)":"([^"]*)"/g)].map((found) => found[1] ?? "");
    expect(ids).toHaveLength(4);
    expect([ids[0], ids[2]]).toEqual([ids[1], ids[3]]);
    expect(ids[0]).not.toBe(ids[2]);
    for (const id of ids) expect(id).toMatch(/^[A-Za-z0-9_-]+$/);
  });

  test.each([
    ['{"a":1}', { a: 1 }],
    ["", {}],
    ["not json", { arguments: "not json" }],
    ["[1]", { arguments: [1] }],
  ])("carry the arguments %j as %j", (written, input) => {
    const asked = { role: "assistant", content: "", tool_calls: [call("a", "f", written)] };
    expect(messagesOf(...hello, asked, result("a"))).toMatchObject([{}, { content: [{ input }] }, {}]);
  });

  test("read the functions of old clients as tools", () => {
    const asked = { role: "assistant", content: null, function_call: { name: "f", arguments: "{}" } };
    const turns = messagesOf(...hello, asked, { role: "function", name: "f", content: "1" });
    expect(turns).toMatchObject([
      {},
      { content: [{ type: "tool_use" }] },
      { content: [{ type: "tool_result" }] },
    ]);
  });

  test("never begin with the assistant, nor end it in a space", () => {
    const { body, losses } = encode({ messages: [{ role: "assistant", content: "so then \n" }] });
    expect(body["messages"]).toEqual([
      { role: "user", content: "." },
      { role: "assistant", content: "so then" },
    ]);
    expect(losses).toHaveLength(1);
  });
});

describe("parts", () => {
  test.each([
    [
      { type: "image_url", image_url: { url: "data:image/png;base64,AAAA" } },
      { type: "image", source: { type: "base64", media_type: "image/png", data: "AAAA" } },
    ],
    [
      { type: "image_url", image_url: { url: "https://example.com/a.png", detail: "low" } },
      { type: "image", source: { type: "url", url: "https://example.com/a.png" } },
    ],
    [
      { type: "file", file: { file_data: "data:application/pdf;base64,AAAA", filename: "a.pdf" } },
      {
        type: "document",
        source: { type: "base64", media_type: "application/pdf", data: "AAAA" },
        title: "a.pdf",
      },
    ],
  ])("%j is %j, for users and in results", (part, block) => {
    expect(messagesOf({ role: "user", content: [part] })).toEqual([{ role: "user", content: [block] }]);
    const turns = messagesOf(...hello, calls("a"), result("a", [part]));
    expect(turns).toMatchObject([{}, {}, { content: [{ type: "tool_result", content: [block] }] }]);
  });

  test("that cannot be carried are named", () => {
    const content = [
      { type: "input_audio", input_audio: {} },
      { type: "text", text: "hi" },
      { type: "text", text: "" },
    ];
    const { body, losses } = encode({ messages: [{ role: "user", content }] });
    expect(body["messages"]).toEqual(hello);
    expect(losses).toEqual(["messages[].content[] of type input_audio dropped: Anthropic takes no audio"]);
  });
});

describe("tools", () => {
  const parameters = { type: "object", properties: { a: { type: "string" } } };

  test("have an input schema of an object", () => {
    expect(encode({ tools: [tool("f", { description: "d", parameters }), tool("g")] }).body["tools"]).toEqual(
      [
        { name: "f", description: "d", input_schema: parameters },
        { name: "g", input_schema: { type: "object", properties: {} } },
      ],
    );
  });

  test("are held to a strict schema where the model can be", () => {
    const tools = [tool("f", { strict: true, parameters })];
    expect(encode({ tools }).body["tools"]).toEqual([
      { name: "f", strict: true, input_schema: { ...parameters, additionalProperties: false } },
    ]);
    const older = encode({ tools }, { model: "claude-3-5-haiku-20241022" });
    expect(older.body["tools"]).toEqual([{ name: "f", input_schema: parameters }]);
    expect(older.losses).toEqual(["tools[].function.strict dropped: this model holds calls to no schema"]);
  });

  test.each([
    [{ tool_choice: "auto" }, { type: "auto" }],
    [{ tool_choice: "none" }, { type: "none" }],
    [{ tool_choice: "required" }, { type: "any" }],
    [{ tool_choice: { type: "function", function: { name: "f" } } }, { type: "tool", name: "f" }],
    [{ parallel_tool_calls: false }, { type: "auto", disable_parallel_tool_use: true }],
    [
      { tool_choice: "required", parallel_tool_calls: false },
      { type: "any", disable_parallel_tool_use: true },
    ],
    [{ tool_choice: "none", parallel_tool_calls: false }, { type: "none" }],
    [{}, undefined],
  ])("%j is the choice %j", (params, choice) => {
    expect(encode({ tools: [tool("f")], ...params }).body["tool_choice"]).toEqual(choice);
  });

  test("that are not allowed are left out", () => {
    const allowed = { mode: "required", tools: [{ type: "function", function: { name: "g" } }] };
    const { body } = encode({
      tools: [tool("f"), tool("g")],
      tool_choice: { type: "allowed_tools", allowed_tools: allowed },
    });
    expect(body).toMatchObject({ tools: [{ name: "g" }], tool_choice: { type: "any" } });
    expect(body["tools"]).toHaveLength(1);
  });

  test("that the conversation called are declared again when the client declares none", () => {
    const { body } = encode({ messages: [...hello, calls("a"), result("a")] });
    expect(body["tools"]).toEqual([{ name: "f", input_schema: { type: "object" } }]);
    expect(body["tool_choice"]).toEqual({ type: "none" });
  });

  test("of Anthropic's own go along, and a web search becomes one", () => {
    const { body } = encode({
      tools: [{ type: "web_fetch_20250910", name: "web_fetch" }],
      web_search_options: { user_location: { type: "approximate", approximate: { country: "DE" } } },
    });
    expect(body["tools"]).toEqual([
      { type: "web_fetch_20250910", name: "web_fetch" },
      {
        type: "web_search_20250305",
        name: "web_search",
        user_location: { type: "approximate", country: "DE" },
      },
    ]);
  });
});

describe("a JSON answer", () => {
  const schema = {
    type: "object",
    properties: { n: { type: "integer", minimum: 1 }, minimum: { type: "string" } },
  };
  const format = { response_format: { type: "json_schema", json_schema: { name: "x", schema } } };

  test("is held to the schema, less what the API refuses", () => {
    const { body, losses } = encode(format);
    expect(body["output_config"]).toEqual({
      format: {
        type: "json_schema",
        schema: {
          type: "object",
          properties: { n: { type: "integer" }, minimum: { type: "string" } },
          additionalProperties: false,
        },
      },
    });
    expect(losses).toEqual([
      "response_format.json_schema.schema: minimum dropped: Anthropic's structured outputs refuse them",
    ]);
  });

  test("is the input of a tool with older models", () => {
    const { body } = encode(format, { model: "claude-3-5-sonnet-20241022" });
    expect(body).toMatchObject({
      tools: [{ name: "json_answer", input_schema: schema }],
      tool_choice: { type: "tool", name: "json_answer" },
    });
    const beside = encode({ ...format, tools: [tool("f")] }, { model: "claude-3-5-sonnet-20241022" });
    expect(beside.body).toMatchObject({
      tools: [{ name: "f" }, { name: "json_answer" }],
      tool_choice: { type: "any" },
    });
  });

  test("of any form is asked for in words, and said to be", () => {
    const { body, losses } = encode({ response_format: { type: "json_object" } });
    expect(String(body["system"])).toContain("JSON object");
    expect(losses).toHaveLength(1);
  });
});

describe("the rest", () => {
  test.each([
    [{ temperature: 1.5 }, { temperature: 1 }, ["temperature lowered from 1.5 to 1: Anthropic takes 0 to 1"]],
    [{ stop: "x" }, { stop_sequences: ["x"] }, []],
    [
      { stop: ["x", "\n"] },
      { stop_sequences: ["x"] },
      ["stop[] of white space dropped: Anthropic takes no white space alone"],
    ],
    [{ user: "u" }, { metadata: { user_id: "u" } }, []],
    [{ service_tier: "default" }, { service_tier: "standard_only" }, []],
    [{ max_completion_tokens: 5 }, { max_tokens: 5 }, []],
    [{ top_k: 5 }, { top_k: 5 }, []],
    [{ n: 1, presence_penalty: 0, logprobs: false, modalities: ["text"], seed: null }, {}, []],
    [
      { temperature: 0.5, top_p: 0.5 },
      { temperature: 0.5 },
      ["top_p dropped: this model takes temperature or top_p, not both"],
    ],
    [{ n: 2 }, {}, ["n dropped: Anthropic has no counterpart"]],
    [{ logit_bias: { 5: 1 } }, {}, ["logit_bias dropped: Anthropic has no counterpart"]],
    [
      { mcp_servers: [], cache_control: { type: "ephemeral" } },
      { mcp_servers: [], cache_control: { type: "ephemeral" } },
      [],
    ],
  ])("%j is %j and loses %j", (params, fields, losses) => {
    const encoded = encode(params);
    expect(encoded.body).toEqual({ model, max_tokens: 64_000, messages: hello, ...fields });
    expect(encoded.losses).toEqual([...losses]);
  });

  test.each([
    ["claude-3-haiku-20240307", 4_096],
    ["anthropic.claude-3-5-sonnet-20241022-v2:0", 8_192],
    ["claude-sonnet-4@20250514", 32_000],
    ["claude-opus-4-1-20250805", 32_000],
    ["claude-haiku-4-5", 64_000],
    ["claude-sonnet-5", 64_000],
    ["kimi-k2", 8_192],
  ])("%s may write %d tokens when nobody says", (name, tokens) => {
    expect(encode({}, { model: name }).body["max_tokens"]).toBe(tokens);
  });
});
