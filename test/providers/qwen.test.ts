import { describe, expect, test } from "bun:test";
import type { UpstreamRequest } from "../../src/domain/adapter.ts";
import type { Params } from "../../src/domain/snapshot.ts";
import { qwen } from "../../src/providers/qwen.ts";
import { upstream } from "./fixtures.ts";

function encode(model: string, params: Params, more: Partial<UpstreamRequest> = {}) {
  const encoded = qwen.encode(upstream("qwen", params, { model, ...more }));
  if (!encoded.ok) throw new Error(encoded.error);
  const { model: _, stream, stream_options: __, ...body } = encoded.value.body;
  return { body, lost: encoded.value.losses.map(({ param }) => param) };
}

describe("thinking", () => {
  const open = ["qwen3-32b", "qwen3-0.6b", "qwen3-235b-a22b"];
  const off = { enable_thinking: false };

  test.each(open)("of %s is put off where nothing is streamed, or DashScope would refuse", (model) => {
    expect(encode(model, {})).toEqual({ body: off, lost: [] });
    expect(encode(model, off)).toEqual({ body: off, lost: [] });
    expect(encode(model, { enable_thinking: true })).toEqual({ body: off, lost: ["enable_thinking"] });
    expect(encode(model, {}, { stream: true })).toEqual({ body: {}, lost: [] });
    const on = { enable_thinking: true, thinking_budget: 50 };
    expect(encode(model, on, { stream: true })).toEqual({ body: on, lost: [] });
  });

  test.each([
    "qwen3-235b-a22b-thinking-2507",
    "qwen3-30b-a3b-instruct-2507",
    "qwen3-max",
    "qwen3.5-plus",
    "qwen-max",
    "qwq-plus",
  ])("of %s is left alone", (model) => {
    for (const params of [{}, { enable_thinking: true }, { reasoning_effort: "low" }])
      expect(encode(model, params)).toEqual({ body: params, lost: [] });
  });

  test.each<[string, Params, boolean, Params, readonly string[]]>([
    ["qwen-plus", { reasoning_effort: "none" }, false, off, []],
    ["qwen-plus", { reasoning_effort: "high" }, true, { enable_thinking: true }, ["reasoning_effort"]],
    ["qwen-flash", { reasoning_effort: "high" }, false, {}, ["reasoning_effort"]],
    ["qwen3-8b", { reasoning_effort: "high" }, false, off, ["reasoning_effort"]],
    ["qwen3-8b", { reasoning_effort: "low" }, true, { enable_thinking: true }, ["reasoning_effort"]],
    ["qwen-plus", { reasoning_effort: "low", ...off }, true, { reasoning_effort: "low", ...off }, []],
  ])("of %s is asked for by an effort: %j, streamed %p, is %j", (model, params, stream, body, lost) => {
    expect(encode(model, params, { stream })).toEqual({ body, lost: [...lost] });
  });
});

test("tokens become text for embeddings", () => {
  const endpoint = "embeddings";
  expect(
    encode("text-embedding-v4", { input: [[15339], [1917]], dimensions: 64 }, { endpoint }).body,
  ).toEqual({
    input: ["hello", " world"],
    dimensions: 64,
  });
  expect(qwen.encode(upstream("qwen", { input: [1e9] }, { endpoint })).ok).toBe(false);
});

describe("an error inside a 200", () => {
  const event = { code: "Throttling.RateQuota", message: "Requests rate limit exceeded", request_id: "r" };

  test("fails a whole answer", () => {
    for (const body of [event, { error: event }, { ...event, choices: null }])
      expect(qwen.decode(body, upstream("qwen", {}))).toMatchObject({ ok: false });
    expect(qwen.decode(event, upstream("qwen", {}))).toMatchObject({ failure: { kind: "rate_limited" } });
  });

  test("fails a stream, as an event of its own or as data", () => {
    const machine = qwen.stream(upstream("qwen", {}, { stream: true }));
    for (const [name, data] of [
      ["error", event],
      ["", event],
      ["", { error: event }],
    ] as const) {
      const [, items] = machine.step(machine.start, { name, data: JSON.stringify(data) });
      expect(items).toMatchObject([{ kind: "failure", failure: { kind: "rate_limited" } }]);
    }
  });
});
