import { describe, expect, test } from "bun:test";
import type { Adapter, StreamItem, UpstreamRequest } from "../../src/domain/adapter.ts";
import type { Params } from "../../src/domain/snapshot.ts";
import { openAiCompatible } from "../../src/providers/compatible/adapter.ts";
import { none } from "../../src/providers/compatible/differences.ts";
import { withCompletions } from "../../src/providers/completions.ts";
import { adapterOf } from "../../src/providers/registry.ts";
import { expectWellFormed } from "../fixtures/schemas.ts";
import { hasFixtures, provider, upstream } from "./fixtures.ts";

const chatOnly = openAiCompatible({ ...none, endpoints: ["chat"] });
const adapter = withCompletions(chatOnly);

const asked = (params: Params, more: Partial<UpstreamRequest> = {}) =>
  upstream("openai", params, { endpoint: "completions", ...more });

function encode(params: Params, by: Adapter = adapter) {
  const encoded = by.encode(asked(params));
  if (!encoded.ok) return encoded.error;
  const { path, body, losses } = encoded.value;
  return { path, body, lost: losses.map(({ param }) => param) };
}

const message = { role: "assistant", content: " world", refusal: null };
const usage = { prompt_tokens: 3, completion_tokens: 2, total_tokens: 5 };
const answer = {
  id: "chatcmpl-1",
  object: "chat.completion",
  created: 1,
  model: "m",
  choices: [{ index: 0, message, logprobs: null, finish_reason: "stop" }],
  usage,
};
const decode = (params: Params, change: object = {}) => {
  const decoded = adapter.decode(
    { ...answer, choices: [{ ...answer.choices[0], ...change }] },
    asked(params),
  );
  if (!decoded.ok) throw new Error(decoded.failure.message);
  if (hasFixtures) expectWellFormed("CreateCompletionResponse", decoded.body);
  return decoded.body as { choices: readonly Record<string, unknown>[] };
};

const logprobs = {
  content: [
    {
      token: " wo",
      logprob: -0.1,
      bytes: null,
      top_logprobs: [{ token: " wo", logprob: -0.1, bytes: null }],
    },
    { token: "rld", logprob: -0.2, bytes: null, top_logprobs: [] },
  ],
  refusal: null,
};
const textLogprobs = (start: number) => ({
  tokens: [" wo", "rld"],
  token_logprobs: [-0.1, -0.2],
  top_logprobs: [{ " wo": -0.1 }, {}],
  text_offset: [start, start + 3],
});

describe("a prompt", () => {
  const sent = (content: string) => ({
    path: "/chat/completions",
    body: { max_tokens: 16, messages: [{ role: "user", content }], model: "some-model" },
    lost: [],
  });

  test.each<[unknown, string]>([
    ["  say\n", "  say\n"],
    [["one"], "one"],
    [[15339, 1917], "hello world"],
    [[[15339, 1917]], "hello world"],
  ])("of %j is a user's one message, word for word", (prompt, content) => {
    expect(encode({ prompt })).toEqual(sent(content));
  });

  test.each<[Params, RegExp]>([
    [{ prompt: ["a", "b"] }, /one prompt at a time/],
    [{ prompt: [[1], [2]] }, /one prompt at a time/],
    [{ prompt: [1e9] }, /^prompt: 1000000000 is no token/],
    [{ prompt: "a", max_tokens: 0 }, /score of the prompt/],
    [{}, /text or tokens/],
  ])("of %j is refused in a sentence", (params, sentence) => {
    expect(encode(params)).toMatch(sentence);
  });
});

describe("the fields of a text completion", () => {
  const prompt = "x";

  test("that chat knows too are carried as they are", () => {
    const params = {
      max_tokens: 5,
      temperature: 0.1,
      top_p: 0.2,
      n: 2,
      stop: ["a"],
      seed: 1,
      logit_bias: { 1: 2 },
      user: "u",
      presence_penalty: 1,
      frequency_penalty: 2,
      top_k: 4,
    };
    expect(encode({ prompt, ...params })).toMatchObject({ body: params, lost: [] });
  });

  test.each<[Params, Params]>([
    [{ logprobs: 3 }, { logprobs: true, top_logprobs: 3 }],
    [{ logprobs: 0 }, { logprobs: true }],
    [{ max_completion_tokens: 9 }, { max_completion_tokens: 9 }],
    [{ echo: true }, {}],
  ])("%j are put as %j", (params, put) => {
    const encoded = encode({ prompt, ...params });
    const { messages: _, model: __, ...body } = typeof encoded === "string" ? {} : encoded.body;
    expect(body).toEqual("max_completion_tokens" in put ? put : { max_tokens: 16, ...put });
  });

  test.each<[Params, readonly string[]]>([
    [{ suffix: "end" }, ["suffix"]],
    [{ best_of: 3 }, ["best_of"]],
    [{ best_of: 3, n: 3 }, []],
    [{ suffix: "", echo: false, best_of: 1 }, []],
    [{ tools: [{}], tool_choice: "auto" }, ["tools", "tool_choice"]],
  ])("%j lose %j", (params, lost) => {
    const encoded = encode({ prompt, ...params });
    expect(encoded).toMatchObject({ lost });
    for (const name of lost) expect(encoded).not.toHaveProperty(`body.${name}`);
  });

  test("are named by their own names where the provider drops them", () => {
    const mistral = adapterOf("mistral");
    if (mistral === null) throw new Error("no mistral");
    expect(encode({ prompt, logprobs: 2 }, mistral)).toMatchObject({ lost: ["logprobs", "logprobs"] });
  });
});

describe("a whole answer", () => {
  test("is a text completion", () => {
    expect(decode({ prompt: "hello" })).toEqual({
      id: "chatcmpl-1",
      object: "text_completion",
      created: 1,
      model: "m",
      choices: [{ text: " world", index: 0, logprobs: null, finish_reason: "stop" }],
      usage,
    } as never);
  });

  test("begins with the prompt where that is asked for", () => {
    expect(decode({ prompt: "hello", echo: true }).choices[0]?.["text"]).toBe("hello world");
  });

  test("says nothing of thoughts and calls", () => {
    const thought = { ...message, reasoning_content: "hm", tool_calls: [] };
    const [choice] = decode({ prompt: "x" }, { message: thought, finish_reason: "tool_calls" }).choices;
    expect(choice).toMatchObject({ text: " world", finish_reason: "stop" });
    const refused = { ...message, content: null, refusal: "no" };
    expect(decode({ prompt: "x" }, { message: refused }).choices[0]?.["text"]).toBe("no");
  });

  test("tells log probabilities in the older form, counted from the prompt's beginning", () => {
    expect(decode({ prompt: "héllo🌍", logprobs: 1 }, { logprobs }).choices[0]?.["logprobs"]).toEqual(
      textLogprobs(6),
    );
  });

  test("that failed fails as the chat does", () => {
    expect(adapter.decode({ error: { message: "no" } }, asked({ prompt: "x" })).ok).toBe(false);
  });
});

describe("a streamed answer", () => {
  const chunk = (delta: object, finish: string | null = null, more: object = {}, index = 0) => ({
    id: "chatcmpl-1",
    object: "chat.completion.chunk",
    created: 1,
    model: "m",
    choices: [{ index, delta, finish_reason: finish, ...more }],
  });
  const run = (params: Params, chunks: readonly object[]): readonly StreamItem[] => {
    const machine = adapter.stream(asked(params, { stream: true }));
    let memory = machine.start;
    return [...chunks.map((each) => JSON.stringify(each)), "[DONE]"].flatMap((data) => {
      const [next, items] = machine.step(memory, { name: "", data });
      memory = next;
      return items;
    });
  };
  const shown = (items: readonly StreamItem[]) =>
    items.flatMap((item) => {
      if (item.kind !== "chunk") return [];
      const body: unknown = JSON.parse(item.json);
      if (hasFixtures) expectWellFormed("CreateCompletionStreamResponse", body);
      return [body as { choices: { text: string; index: number; finish_reason: string | null }[] }];
    });
  const spoken = [
    chunk({ role: "assistant", content: "" }),
    chunk({ reasoning_content: "hm" }),
    chunk({ content: " wor" }),
    chunk({ content: "ld" }),
    chunk({}, "tool_calls"),
    { ...chunk({}), choices: [], usage },
  ];

  test("is a text completion, piece by piece, and counts what the chat counts", () => {
    const items = run({ prompt: "hello" }, spoken);
    expect(shown(items).map(({ choices }) => [choices[0]?.text, choices[0]?.finish_reason])).toEqual([
      ["", null],
      [" wor", null],
      ["ld", null],
      ["", "stop"],
    ]);
    expect(items.map(({ kind }) => kind)).toEqual(["chunk", "chunk", "chunk", "chunk", "usage", "end"]);
    expect(
      items.map((item) => (item.kind === "chunk" ? [item.output, item.text, item.finishes] : null)),
    ).toEqual([[true, 2, 0], [true, 4, 0], [true, 2, 0], [true, 0, 1], null, null]);
  });

  test("begins each choice with the prompt where that is asked for", () => {
    const both = [chunk({ content: "a" }), chunk({ content: "b" }, null, {}, 1), chunk({ content: "c" })];
    const texts = shown(run({ prompt: "p", echo: true, n: 2 }, both)).map(({ choices }) => choices[0]?.text);
    expect(texts).toEqual(["pa", "pb", "c"]);
  });

  test("counts the offsets of tokens on", () => {
    const pieces = [chunk({ content: "ab" }), chunk({ content: " world" }, null, { logprobs })];
    expect(shown(run({ prompt: "xyz", logprobs: 1 }, pieces))[1]?.choices[0]).toMatchObject({
      logprobs: textLogprobs(5),
    });
  });

  test("can be replayed from any point", () => {
    const machine = adapter.stream(asked({ prompt: "p", echo: true }, { stream: true }));
    const event = { name: "", data: JSON.stringify(chunk({ content: "a" })) };
    expect(machine.step(machine.start, event)).toEqual(machine.step(machine.start, event));
  });

  test("that failed fails as the chat does", () => {
    expect(run({ prompt: "x" }, [{ error: { message: "no" } }])[0]?.kind).toBe("failure");
  });
});

describe("an adapter", () => {
  test("that has an endpoint of its own for text completions keeps it", () => {
    const native = withCompletions(openAiCompatible(none));
    const request = asked({ prompt: "x" });
    expect(native.encode(request)).toEqual(openAiCompatible(none).encode(request));
    expect(native.speaks?.(request)).toBe("completions");
    expect(adapter.speaks?.(request)).toBe("chat");
  });

  test.each([
    ["qwen2.5-coder-32b-instruct", "/completions"],
    ["qwen-plus", "/chat/completions"],
  ])("of DashScope has one for %s at %s", (model, path) => {
    const encoded = adapterOf("qwen")?.encode(asked({ prompt: "x" }, { model, provider: provider("qwen") }));
    expect(encoded?.ok && encoded.value.path).toBe(path);
  });

  test("leaves chat and embeddings alone, and what is not served unserved", () => {
    const request = upstream("openai", { messages: [] });
    expect(adapter.encode(request)).toEqual(chatOnly.encode(request));
    expect(adapter.serves("embeddings", provider("openai"))).toBe(false);
  });

  test("that cannot stream a chat cannot stream a text completion", () => {
    const whole = withCompletions({ ...chatOnly, streams: (endpoint) => endpoint !== "chat" });
    expect(whole.streams?.("completions", provider("openai"))).toBe(false);
    expect(adapter.streams?.("completions", provider("openai"))).toBe(true);
  });

  test("reads errors by the chat that was sent", () => {
    const seen: unknown[] = [];
    const spy = withCompletions({
      ...chatOnly,
      decodeError: (status, body, headers, request) => {
        seen.push(request?.endpoint);
        return chatOnly.decodeError(status, body, headers, request);
      },
    });
    spy.decodeError(500, "", new Headers(), asked({ prompt: "x" }));
    expect(seen).toEqual(["chat"]);
  });
});
