import { describe, expect, test } from "bun:test";
import type { UpstreamRequest } from "../../../src/domain/adapter.ts";
import { type Endpoint, endpoints } from "../../../src/domain/endpoint.ts";
import type { ProviderKind } from "../../../src/domain/provider_kind.ts";
import type { Params } from "../../../src/domain/snapshot.ts";
import { adapterOf } from "../../../src/providers/registry.ts";
import { provider, upstream } from "../fixtures.ts";

const messages = [{ role: "user", content: "hi" }];

function encode(kind: ProviderKind, params: Params, more: Partial<UpstreamRequest> = {}) {
  const encoded = adapterOf(kind)?.encode(upstream(kind, params, more));
  if (encoded === undefined) throw new Error(`${kind} has no adapter`);
  if (!encoded.ok) throw new Error(encoded.error);
  const { path, body, losses } = encoded.value;
  return { path, body, warnings: losses.map(({ says }) => says) };
}

describe("a request to an OpenAI-compatible provider", () => {
  test("keeps every field as it is, the unknown ones too", () => {
    const params = { messages, temperature: 0.5, foo: { bar: [1] }, user: "u" };
    const { path, body, warnings } = encode("openai", params);
    expect({ path, body, warnings }).toEqual({
      path: "/chat/completions",
      body: { ...params, model: "some-model" },
      warnings: [],
    });
    expect(body["messages"]).toBe(messages);
    expect(body["foo"]).toBe(params.foo);
  });

  test.each([
    ["chat", "/chat/completions"],
    ["completions", "/completions"],
    ["embeddings", "/embeddings"],
  ] as const)("for %s goes to %s", (endpoint, path) => {
    expect(encode("openai", {}, { endpoint }).path).toBe(path);
  });

  test("as a stream asks for usage, whatever the client asked", () => {
    expect(encode("openai", { stream: true }).body).toMatchObject({
      stream: true,
      stream_options: { include_usage: true },
    });
    const unasked = encode("openai", {
      stream: true,
      stream_options: { include_usage: false, include_obfuscation: false },
    });
    expect(unasked.body["stream_options"]).toEqual({ include_usage: true, include_obfuscation: false });
    const options = { include_usage: true };
    expect(encode("openai", { stream: true, stream_options: options }).body["stream_options"]).toBe(options);
    expect(encode("openai", { stream: true }, { endpoint: "completions" }).body["stream_options"]).toEqual({
      include_usage: true,
    });
  });

  test("leaves stream_options out where the file removes them, and out of what is no stream", () => {
    const removed = { provider: provider("openai", { overrides: { stream_options: null } }) };
    expect(encode("openai", { stream: true }, removed).body).not.toHaveProperty("stream_options");
    expect(encode("openai", { messages }).body).not.toHaveProperty("stream_options");
    expect(encode("openai", { input: "x" }, { endpoint: "embeddings", stream: false }).body).toEqual({
      input: "x",
      model: "some-model",
    });
  });

  test("streams as the client asked, not as a default has it", () => {
    expect(encode("openai", { stream: true }, { stream: false }).body["stream"]).toBe(false);
    expect(encode("openai", {}, { stream: true }).body["stream"]).toBe(true);
  });

  test("goes to the upstream model, and pollutes nothing", () => {
    const params: Params = JSON.parse('{"model":"another","__proto__":{"polluted":true}}');
    const { body } = encode("openai", params);
    expect(body["model"]).toBe("some-model");
    expect(Object.keys(body)).toEqual(["model", "__proto__"]);
    expect(Object.hasOwn(Object.prototype, "polluted")).toBe(false);
  });
});

describe("a request to Mistral", () => {
  test("uses Mistral's names", () => {
    const params = { messages, max_completion_tokens: 9, seed: 3, tool_choice: "required" };
    expect(encode("mistral", params)).toMatchObject({
      body: { model: "some-model", messages, max_tokens: 9, random_seed: 3, tool_choice: "any" },
      warnings: [],
    });
    expect(encode("mistral", { random_seed: 1, seed: 3 }).body["random_seed"]).toBe(1);
    const named = { type: "function", function: { name: "f" } };
    expect(encode("mistral", { tool_choice: named }).body["tool_choice"]).toBe(named);
    expect(encode("mistral", { input: "x", dimensions: 8 }, { endpoint: "embeddings" }).body).toMatchObject({
      output_dimension: 8,
    });
  });

  test("drops what Mistral refuses, and names each", () => {
    const { body, warnings } = encode("mistral", {
      messages,
      stream: true,
      stream_options: { include_usage: true },
      logprobs: true,
      user: "u",
      store: false,
      safe_prompt: true,
    });
    expect(body).toEqual({ messages, stream: true, safe_prompt: true, model: "some-model" });
    expect(warnings).toEqual([
      "logprobs dropped: Mistral does not know it",
      "user dropped: Mistral does not know it",
    ]);
  });

  test("takes answers back that clients return as they got them", () => {
    const said = {
      role: "assistant",
      content: "a",
      refusal: null,
      annotations: [],
      audio: null,
      function_call: null,
      reasoning_content: "r",
    };
    const { body, warnings } = encode("mistral", {
      messages: [{ role: "developer", content: "d" }, said, ...messages],
    });
    expect(body["messages"]).toEqual([
      { role: "system", content: "d" },
      { role: "assistant", content: "a" },
      ...messages,
    ]);
    expect(warnings).toEqual([]);
    const called = { role: "assistant", content: null, function_call: { name: "f", arguments: "{}" } };
    expect(encode("mistral", { messages: [called, called, ...messages] }).warnings).toEqual([
      "messages[].function_call dropped: Mistral knows tool_calls only",
    ]);
  });
});

test("a request to Qwen asks for usage, and drops what DashScope ignores", () => {
  const { body, warnings } = encode("qwen", {
    messages,
    stream: true,
    max_completion_tokens: 5,
    logit_bias: { 1: 1 },
    enable_thinking: false,
  });
  expect(body).toEqual({
    messages,
    stream: true,
    max_tokens: 5,
    enable_thinking: false,
    stream_options: { include_usage: true },
    model: "some-model",
  });
  expect(warnings).toEqual(["logit_bias dropped: DashScope ignores it"]);
});

test.each([
  ["mistral", 1.5],
  ["qwen", 1.99],
] as const)("a temperature that %s does not take is lowered to %p, which is said", (kind, most) => {
  expect(encode(kind, { messages, temperature: 2 })).toMatchObject({
    body: { temperature: most },
    warnings: [`temperature lowered from 2 to ${most}: the provider takes no more`],
  });
  expect(encode(kind, { messages, temperature: 1 })).toMatchObject({
    body: { temperature: 1 },
    warnings: [],
  });
});

test.each([
  ["openai", ["chat", "completions", "embeddings"]],
  ["qwen", ["chat", "completions", "embeddings"]],
  ["simulated", ["chat", "completions", "embeddings"]],
  ["mistral", ["chat", "completions", "embeddings"]],
  ["anthropic", ["chat", "completions"]],
] as const)("%s serves %j", (kind, served) => {
  const known = Object.keys(endpoints) as Endpoint[];
  expect(known.filter((endpoint) => adapterOf(kind)?.serves(endpoint, provider(kind)))).toEqual([...served]);
});
