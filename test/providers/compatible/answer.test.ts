import { describe, expect, test } from "bun:test";
import type { Endpoint } from "../../../src/domain/endpoint.ts";
import { adapterOf } from "../../../src/providers/registry.ts";
import { upstream } from "../fixtures.ts";

const decode = (body: unknown, endpoint: Endpoint = "chat") => {
  const decoded = adapterOf("openai")?.decode(body, upstream("openai", {}, { endpoint }));
  if (decoded === undefined) throw new Error("openai has no adapter");
  return decoded;
};

const message = { role: "assistant", content: "hi", refusal: null };
const choice = { index: 0, message, logprobs: null, finish_reason: "stop" };
const answer = {
  id: "chatcmpl-1",
  object: "chat.completion",
  created: 1,
  model: "m",
  choices: [choice],
  usage: { prompt_tokens: 3, completion_tokens: 2, total_tokens: 5 },
};

const choiceOf = (change: object) => {
  const decoded = decode({ ...answer, choices: [{ ...choice, ...change }] });
  if (!decoded.ok) throw new Error(decoded.failure.message);
  return (decoded.body as typeof answer).choices[0];
};

describe("a whole answer", () => {
  test("that needs no change is the very object that came", () => {
    expect(decode(answer)).toEqual({
      ok: true,
      body: answer,
      model: "m",
      usage: { prompt: 3, completion: 2, total: 5, cached: null, cacheWrite: null, reasoning: null },
    });
    const decoded = decode(answer);
    expect(decoded.ok && decoded.body).toBe(answer);
    const list = {
      object: "list",
      model: "m",
      data: [{ object: "embedding", index: 0, embedding: [1] }],
      usage: { prompt_tokens: 1, total_tokens: 1 },
    };
    const embedded = decode(list, "embeddings");
    expect(embedded.ok && embedded.body).toBe(list);
  });

  test("gets what OpenAI's schema requires, and keeps what it does not know", () => {
    const decoded = decode({ choices: [{ message: { content: "hi", mood: "good" } }], extra: 1 });
    expect(decoded.ok && decoded.body).toEqual({
      choices: [
        {
          message: { content: "hi", mood: "good", role: "assistant", refusal: null },
          index: 0,
          logprobs: null,
          finish_reason: "stop",
        },
      ],
      extra: 1,
      object: "chat.completion",
      id: expect.stringMatching(/^chatcmpl-[0-9a-f]{16}$/),
      created: 0,
      model: "some-model",
    });
  });

  test.each([
    ["eos", "stop"],
    ["model_length", "length"],
    ["MAX_TOKENS", "length"],
    ["tool_use", "tool_calls"],
    ["sensitive", "content_filter"],
    ["constructor", "stop"],
    ["", "stop"],
    [null, "stop"],
    ["function_call", "function_call"],
  ])("that ended with %j ended with %s", (said, reason) => {
    expect(choiceOf({ finish_reason: said })?.finish_reason).toBe(reason);
  });

  test("with tool calls and no reason ended for them", () => {
    const called = {
      role: "assistant",
      content: null,
      tool_calls: [{ function: { name: "f", arguments: { a: 1 } } }],
    };
    expect(choiceOf({ finish_reason: null, message: called })).toMatchObject({
      finish_reason: "tool_calls",
      message: {
        tool_calls: [{ id: "call_0", type: "function", function: { name: "f", arguments: '{"a":1}' } }],
      },
    });
  });

  test.each([
    ["reasoning", { content: "a", reasoning: "r" }, { content: "a", reasoning_content: "r" }],
    [
      "both names",
      { content: "a", reasoning: "r", reasoning_content: "r" },
      { content: "a", reasoning_content: "r" },
    ],
    [
      "a list",
      {
        content: [
          { type: "thinking", thinking: [{ type: "text", text: "r" }] },
          { type: "text", text: "a" },
        ],
      },
      { content: "a", reasoning_content: "r" },
    ],
    ["nothing", { content: "a", reasoning: null }, { content: "a" }],
  ])("shows its reasoning in one place: %s", (_name, said, shown) => {
    expect(choiceOf({ message: { role: "assistant", refusal: null, ...said } })?.message as unknown).toEqual({
      role: "assistant",
      refusal: null,
      ...shown,
    });
  });

  test.each([
    [null],
    ["<html>"],
    [[]],
    [{}],
    [7],
    [{ choices: [] }],
    [{ choices: null }],
    [{ choices: [null] }],
    [{ choices: [{ finish_reason: "stop" }] }],
    [{ choices: [{ message: "hi" }] }],
  ])("that is no answer is malformed: %j", (body) => {
    expect(decode(body)).toMatchObject({ ok: false, failure: { kind: "malformed", status: null } });
  });

  test.each([
    [{ error: { message: "m", code: "context_length_exceeded" } }, "context_window"],
    [{ error: { message: "m", code: 429 } }, "rate_limited"],
    [{ error: { message: "m" }, choices: [choice] }, "server"],
    [{ error: "The service is busy" }, "server"],
    [{ code: "Throttling", message: "m", request_id: "r" }, "rate_limited"],
    [{ object: "error", message: "m", type: "BadRequestError", code: 400 }, "bad_request"],
    [{ ...answer, choices: [{ ...choice, error: { message: "m", code: 503 } }] }, "overloaded"],
    [{ ...answer, choices: [{ ...choice, finish_reason: "error" }] }, "server"],
  ])("that bears an error is a failure: %j", (body, kind) => {
    expect(decode(body)).toMatchObject({ ok: false, failure: { kind, status: null } });
  });

  test.each([[{ error: null }], [{ error: "" }]])("that bears %j is none", (more) => {
    expect(decode({ ...answer, ...more }).ok).toBe(true);
  });

  test.each([
    [{}, "embeddings"],
    [{ data: [] }, "embeddings"],
    [{ data: [{ index: 0 }] }, "embeddings"],
    [{ choices: [{ message }] }, "completions"],
  ] as const)("%j does not answer %s", (body, endpoint) => {
    expect(decode(body, endpoint)).toMatchObject({ ok: false, failure: { kind: "malformed" } });
  });
});

describe("usage", () => {
  const usageOf = (usage: unknown) => {
    const decoded = decode({ ...answer, usage });
    return decoded.ok ? { usage: decoded.usage, shown: (decoded.body as { usage?: unknown }).usage } : null;
  };
  const base = { prompt_tokens: 10, completion_tokens: 5, total_tokens: 15 };

  test.each([
    [{ ...base, prompt_tokens_details: { cached_tokens: 4 } }, { cached: 4 }],
    [{ ...base, prompt_cache_hit_tokens: 4, prompt_cache_miss_tokens: 6 }, { cached: 4 }],
    [{ ...base, num_cached_tokens: 4 }, { cached: 4 }],
    [{ ...base, cached_tokens: 4 }, { cached: 4 }],
    [{ ...base, prompt_tokens_details: { cache_write_tokens: 3 } }, { cacheWrite: 3 }],
    [{ ...base, completion_tokens_details: { reasoning_tokens: 2 } }, { reasoning: 2 }],
    [
      { ...base, total_tokens: 22, completion_tokens_details: { reasoning_tokens: 7 } },
      { reasoning: 7, completion: 12, total: 22 },
    ],
    [{ prompt_tokens: 10, completion_tokens: 5 }, { total: 15 }],
    [{ ...base, completion_tokens: -1 }, { completion: null }],
  ])("of %j", (said, tokens) => {
    const wanted = {
      prompt: 10,
      completion: 5,
      total: 15,
      cached: null,
      cacheWrite: null,
      reasoning: null,
      ...tokens,
    };
    expect(usageOf(said)?.usage).toEqual(wanted);
    expect(usageOf(said)?.shown).toMatchObject({ prompt_tokens: 10 });
  });

  test("is shown in OpenAI's shape", () => {
    expect(usageOf({ ...base, num_cached_tokens: 4 })?.shown).toEqual({
      ...base,
      num_cached_tokens: 4,
      prompt_tokens_details: { cached_tokens: 4 },
    });
    expect(usageOf({ ...base, prompt_tokens_details: null })?.shown).toEqual(base);
    expect(usageOf({ prompt_tokens: 10 })?.shown).toEqual({
      prompt_tokens: 10,
      completion_tokens: 0,
      total_tokens: 10,
    });
    expect(usageOf(base)?.shown).toBe(base);
  });

  test("that says nothing is unknown, and not shown", () => {
    const unknown = {
      prompt: null,
      completion: null,
      total: null,
      cached: null,
      cacheWrite: null,
      reasoning: null,
    };
    for (const nothing of [null, undefined, {}, "many"])
      expect(usageOf(nothing)).toEqual({ usage: unknown, shown: undefined });
  });
});
