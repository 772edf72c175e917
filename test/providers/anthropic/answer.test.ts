import { describe, expect, test } from "bun:test";
import { isRecord } from "../../../src/core/record.ts";
import type { StreamItem, UpstreamRequest } from "../../../src/domain/adapter.ts";
import type { Params } from "../../../src/domain/snapshot.ts";
import { anthropic } from "../../../src/providers/anthropic.ts";
import { upstream } from "../fixtures.ts";
import { type Joined, joinAnswer, joinChunks } from "../joined.ts";

const request = (params: Params = {}, model = "claude-sonnet-4-5"): UpstreamRequest =>
  upstream("anthropic", params, { model });

const usage = {
  input_tokens: 10,
  cache_read_input_tokens: 5,
  cache_creation_input_tokens: 3,
  output_tokens: 7,
};

function whole(content: readonly unknown[], stopReason: string | null = "end_turn", asked = request()) {
  const body = { type: "message", id: "msg_1", model: "claude-x", content, stop_reason: stopReason, usage };
  const decoded = anthropic.decode(body, asked);
  if (!decoded.ok) throw new Error(decoded.failure.message);
  return decoded;
}

/** The same content as the events of a stream, every text in two pieces. */
function streamed(
  content: readonly Params[],
  stopReason = "end_turn",
  asked = request(),
): readonly StreamItem[] {
  const start = { id: "msg_1", model: "claude-x", usage: { ...usage, output_tokens: 1 } };
  const blocks = content.flatMap((block, index) => [
    { type: "content_block_start", index, content_block: opened(block) },
    ...pieces(block).map((delta) => ({ type: "content_block_delta", index, delta })),
    { type: "content_block_stop", index },
  ]);
  const events = [
    { type: "message_start", message: start },
    { type: "ping" },
    ...blocks,
    {
      type: "message_delta",
      delta: { stop_reason: stopReason },
      usage: { output_tokens: 7, input_tokens: null },
    },
    { type: "message_stop" },
  ];
  const machine = anthropic.stream(asked);
  let memory = machine.start;
  return events.flatMap((event) => {
    const [next, items] = machine.step(memory, { name: event.type, data: JSON.stringify(event) });
    memory = next;
    return items;
  });
}

const opened = (block: Params): Params =>
  block["type"] === "text"
    ? { type: "text", text: "" }
    : block["type"] === "thinking"
      ? { type: "thinking", thinking: "", signature: "" }
      : block["type"] === "tool_use"
        ? { ...block, input: {} }
        : block;

const halves = (text: string): readonly string[] => [text.slice(0, 2), text.slice(2)];

function pieces(block: Params): readonly Params[] {
  if (block["type"] === "text") {
    const citations: readonly unknown[] = Array.isArray(block["citations"]) ? block["citations"] : [];
    return [
      ...halves(String(block["text"])).map((text) => ({ type: "text_delta", text })),
      ...citations.map((citation) => ({ type: "citations_delta", citation })),
    ];
  }
  if (block["type"] === "thinking") {
    return [
      ...halves(String(block["thinking"])).map((thinking) => ({ type: "thinking_delta", thinking })),
      { type: "signature_delta", signature: block["signature"] },
    ];
  }
  const input = isRecord(block["input"]) ? block["input"] : {};
  return block["type"] === "tool_use" && Object.keys(input).length > 0
    ? halves(JSON.stringify(input)).map((partial_json) => ({ type: "input_json_delta", partial_json }))
    : [];
}

const chunksOf = (items: readonly StreamItem[]): readonly unknown[] =>
  items.flatMap((item): readonly unknown[] => (item.kind === "chunk" ? [JSON.parse(item.json)] : []));

/** A field of the message, wherever a whole answer or a stream has it. */
function fieldIn(bodies: readonly unknown[], name: string): unknown {
  const choices = bodies.flatMap((body) =>
    isRecord(body) && Array.isArray(body["choices"]) ? body["choices"] : [],
  );
  return choices
    .map((choice) => (choice.message ?? choice.delta)[name])
    .findLast((value) => value !== undefined);
}

const thought = { type: "thinking", thinking: "let me see", signature: "sig" };
const redacted = { type: "redacted_thinking", data: "xyz" };
const page = {
  type: "web_search_result_location",
  url: "https://example.com/",
  title: "Example",
  cited_text: "x",
};
const place = { type: "char_location", document_index: 0, start_char_index: 1, end_char_index: 2 };

describe.each(["whole", "streamed"] as const)("an answer, %s,", (manner) => {
  const read = (content: readonly Params[], stopReason = "end_turn", asked = request()) => {
    const bodies =
      manner === "whole"
        ? [whole(content, stopReason, asked).body]
        : chunksOf(streamed(content, stopReason, asked));
    const joined = manner === "whole" ? joinAnswer(bodies[0]) : joinChunks(bodies);
    const choice: Joined | undefined = joined.get(0);
    if (choice === undefined) throw new Error("no choice");
    return { ...choice, field: (name: string) => fieldIn(bodies, name) };
  };

  test("has the text of all its blocks, and none of what Anthropic's own tools left", () => {
    const search = { type: "server_tool_use", id: "s", name: "web_search", input: { query: "q" } };
    const found = { type: "web_search_tool_result", tool_use_id: "s", content: [] };
    const { content, calls, finish } = read([
      { type: "text", text: "abc" },
      search,
      found,
      { type: "text", text: "def" },
    ]);
    expect({ content, calls, finish }).toEqual({ content: "abcdef", calls: [], finish: "stop" });
  });

  test("keeps thoughts apart, and hands them out whole with their signatures", () => {
    const { content, reasoning, field } = read([thought, redacted, { type: "text", text: "yes" }]);
    expect({ content, reasoning }).toEqual({ content: "yes", reasoning: "let me see" });
    expect(field("thinking_blocks")).toEqual([thought, redacted]);
  });

  test("has calls that can be joined, also without arguments", () => {
    const { calls, finish } = read(
      [
        { type: "tool_use", id: "toolu_1", name: "f", input: { a: [1] } },
        { type: "tool_use", id: "toolu_2", name: "g", input: {} },
      ],
      "tool_use",
    );
    expect(calls).toEqual([
      { id: "toolu_1", name: "f", arguments: '{"a":[1]}' },
      { id: "toolu_2", name: "g", arguments: "{}" },
    ]);
    expect(finish).toBe("tool_calls");
  });

  test("says which stretch of text each citation is about", () => {
    const { field } = read([
      { type: "text", text: "abc" },
      { type: "text", text: "defg", citations: [page, place] },
    ]);
    expect(field("annotations")).toEqual([
      {
        type: "url_citation",
        url_citation: { start_index: 3, end_index: 7, url: page.url, title: "Example" },
      },
    ]);
    expect(field("citations")).toEqual([{ ...place, start_index: 3, end_index: 7 }]);
  });

  test("is the input of the answering tool, where an old model was held to a schema", () => {
    const format = { type: "json_schema", json_schema: { name: "x", schema: { type: "object" } } };
    const asked = request({ response_format: format }, "claude-3-5-haiku-20241022");
    const answer = { type: "tool_use", id: "t", name: "json_answer", input: { n: 1 } };
    const { content, calls, finish } = read([answer], "tool_use", asked);
    expect({ content, calls, finish }).toEqual({ content: '{"n":1}', calls: [], finish: "stop" });
  });

  test.each([
    ["end_turn", "stop"],
    ["stop_sequence", "stop"],
    ["pause_turn", "stop"],
    ["max_tokens", "length"],
    ["model_context_window_exceeded", "length"],
    ["refusal", "content_filter"],
    ["something_new", "stop"],
  ])("that ends for %s ends for %s", (stopReason, finish) => {
    expect(read([{ type: "text", text: "abc" }], stopReason).finish).toBe(finish);
  });
});

test("usage counts what caches had a part in as prompt, whole and streamed", () => {
  const counted = { prompt: 18, completion: 7, total: 25, cached: 5, cacheWrite: 3, reasoning: null };
  expect(whole([{ type: "text", text: "x" }]).usage).toEqual(counted);
  const told = streamed([{ type: "text", text: "abc" }]).flatMap((item) =>
    item.kind === "usage" ? [item] : [],
  );
  expect(told.at(-1)).toMatchObject({
    usage: counted,
    json: {
      prompt_tokens: 18,
      completion_tokens: 7,
      prompt_tokens_details: { cached_tokens: 5, cache_write_tokens: 3 },
    },
  });
  // What a stream that breaks off has cost is not known from its first event.
  expect(told[0]?.usage).toMatchObject({ prompt: 18, completion: null, total: null });
});

test.each([
  [{ type: "error", error: { type: "overloaded_error", message: "Overloaded" } }, "overloaded"],
  [{ type: "error", error: { type: "api_error", message: "Internal" } }, "server"],
  [{ type: "message" }, "malformed"],
  [[], "malformed"],
])("%j instead of an answer is %s", (body, kind) => {
  const decoded = anthropic.decode(body, request());
  expect(decoded.ok ? null : decoded.failure.kind).toBe(kind as never);
});

test.each([
  ["error", '{"type":"error","error":{"type":"overloaded_error","message":"Overloaded"}}', "overloaded"],
  ["", '{"type":"error","error":{"type":"rate_limit_error","message":"slow"}}', "rate_limited"],
  ["message_delta", "{", "malformed"],
  ["message_delta", "[]", "malformed"],
])("a stream's event %j with %s is a failure: %s", (name, data, kind) => {
  const { start, step } = anthropic.stream(request());
  expect(step(start, { name, data })[1]).toMatchObject([{ kind: "failure", failure: { kind } }]);
});

test.each([
  [400, "invalid_request_error", "prompt is too long: 210000 tokens > 200000 maximum", "context_window"],
  [
    400,
    "invalid_request_error",
    "input length and `max_tokens` exceed context limit: 190000 + 64000 > 200000",
    "context_window",
  ],
  [400, "invalid_request_error", "Output blocked by content filtering policy", "content_policy"],
  [400, "invalid_request_error", "max_tokens: Field required", "bad_request"],
  [400, "invalid_request_error", "Your credit balance is too low to access the Anthropic API.", "quota"],
  [401, "authentication_error", "invalid x-api-key", "auth"],
  [403, "permission_error", "not allowed", "auth"],
  [404, "not_found_error", "model: x", "not_found"],
  [413, "request_too_large", "Request exceeds the maximum size", "bad_request"],
  [429, "rate_limit_error", "slow down", "rate_limited"],
  [500, "api_error", "Internal server error", "server"],
  [529, "overloaded_error", "Overloaded", "overloaded"],
])("%d %s, %j, is %s", (status, type, message, kind) => {
  const said = JSON.stringify({ type: "error", error: { type, message }, request_id: "req_1" });
  expect(anthropic.decodeError(status, said, new Headers())).toMatchObject({ kind, status, type, message });
});
