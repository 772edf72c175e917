import { describe, expect, test } from "bun:test";
import type { Params } from "../../../src/domain/snapshot.ts";
import { anthropic } from "../../../src/providers/anthropic.ts";
import { upstream } from "../fixtures.ts";

const hello = { role: "user", content: "hi" };
const tools = [{ type: "function", function: { name: "f" } }];
const thought = { type: "thinking", thinking: "hm", signature: "sig" };

function encode(params: Params, model = "claude-sonnet-4-5") {
  const encoded = anthropic.encode(upstream("anthropic", { messages: [hello], ...params }, { model }));
  if (!encoded.ok) throw new Error(encoded.error);
  return { body: encoded.value.body, losses: encoded.value.losses.map(({ says }) => says) };
}

const called = (more: Params = {}) => ({
  role: "assistant",
  content: null,
  tool_calls: [{ id: "a", type: "function", function: { name: "f", arguments: "{}" } }],
  ...more,
});
const answered = { role: "tool", tool_call_id: "a", content: "1" };

describe("an effort", () => {
  test.each([
    ["low", 64_000, { type: "enabled", budget_tokens: 1_024 }],
    ["medium", 64_000, { type: "enabled", budget_tokens: 8_192 }],
    ["high", 10_000, { type: "enabled", budget_tokens: 8_000 }],
    ["none", 64_000, { type: "disabled" }],
    ["minimal", 64_000, { type: "disabled" }],
  ])("%s with %d tokens is %j", (effort, maxTokens, thinking) => {
    expect(encode({ reasoning_effort: effort, max_tokens: maxTokens }).body["thinking"]).toEqual(thinking);
  });

  test.each([
    ["claude-opus-4-6", "medium", { type: "adaptive" }, "medium"],
    ["claude-opus-4-6", "xhigh", { type: "adaptive" }, "max"],
    ["claude-opus-4-7", "xhigh", { type: "adaptive", display: "summarized" }, "xhigh"],
  ])("is given to %s as %s, without a budget", (model, effort, thinking, sent) => {
    const { body } = encode({ reasoning_effort: effort }, model);
    expect(body).toMatchObject({ thinking, output_config: { effort: sent } });
  });

  test.each([
    [{ max_tokens: 1_000 }, "with max_tokens 1000 there is no room for 1024 tokens of thought"],
    [{ tools, tool_choice: "required" }, "Anthropic does not think where a tool is forced"],
    [
      { messages: [hello, { role: "assistant", content: "So" }] },
      "Anthropic does not think where the answer is begun already",
    ],
    [
      { tools, messages: [hello, called(), answered] },
      "the tool calls under way were made without thoughts that Claude has signed",
    ],
    [
      { tools, messages: [hello, called({ reasoning_content: "hm" }), answered] },
      "the tool calls under way were made without thoughts that Claude has signed",
    ],
  ])("gives way to %j", (params, because) => {
    const { body, losses } = encode({ reasoning_effort: "low", ...params });
    expect(body["thinking"]).toBeUndefined();
    expect(losses).toEqual([`reasoning_effort dropped: ${because}`]);
  });

  test("means nothing to a model that does not think", () => {
    const { body, losses } = encode({ reasoning_effort: "low" }, "claude-3-5-haiku-20241022");
    expect(body["thinking"]).toBeUndefined();
    expect(losses).toEqual(["reasoning_effort dropped: this model does not think"]);
  });
});

describe("while the model thinks", () => {
  test.each([
    [{ temperature: 0.7 }, ["temperature dropped: it is 1 while the model thinks"]],
    [{ temperature: 1 }, []],
    [{ top_p: 0.5 }, ["top_p dropped: it is at least 0.95 while the model thinks"]],
    [{ top_k: 5 }, ["top_k dropped: it cannot be set while the model thinks"]],
  ])("%j loses %j", (params, losses) => {
    expect(encode({ reasoning_effort: "low", ...params }).losses).toEqual([...losses]);
  });

  test.each([
    [{ thinking_blocks: [thought] }],
    [
      {
        reasoning_details: [
          { type: "reasoning.text", text: "hm", signature: "sig", format: "anthropic-claude-v1" },
        ],
      },
    ],
  ])("a thought goes back as it was signed: %j", (more) => {
    const { body, losses } = encode({
      reasoning_effort: "low",
      tools,
      messages: [hello, called(more), answered],
    });
    expect(losses).toEqual([]);
    expect(body).toMatchObject({
      thinking: { type: "enabled" },
      messages: [{}, { content: [thought, { type: "tool_use", id: "a" }] }, {}],
    });
  });

  test("redacted thoughts go back too, and unsigned ones do not", () => {
    const blocks = [
      { type: "thinking", thinking: "hm" },
      { type: "redacted_thinking", data: "xyz" },
    ];
    const { body } = encode({
      reasoning_effort: "low",
      tools,
      messages: [hello, called({ thinking_blocks: blocks }), answered],
    });
    expect(body["messages"]).toMatchObject([{}, { content: [blocks[1], { type: "tool_use" }] }, {}]);
  });

  test("a new question may follow calls that nobody thought about", () => {
    const messages = [hello, called(), answered, { role: "assistant", content: "1" }, hello];
    expect(encode({ reasoning_effort: "low", tools, messages }).losses).toEqual([]);
  });
});

test("thoughts stay behind when this turn does not think", () => {
  const { body } = encode({ tools, messages: [hello, called({ thinking_blocks: [thought] }), answered] });
  expect(JSON.stringify(body)).not.toContain("sig");
});

test("Anthropic's own field wins over an effort", () => {
  const own = { type: "enabled", budget_tokens: 2_000 };
  expect(encode({ thinking: own, reasoning_effort: "high" }).body["thinking"]).toEqual(own);
});
