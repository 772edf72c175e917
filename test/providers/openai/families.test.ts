import { describe, expect, test } from "bun:test";
import { readFileSync } from "node:fs";
import type { Params } from "../../../src/domain/snapshot.ts";
import { openai } from "../../../src/providers/openai.ts";
import { endpointOf, fixturesOf, hasFixtures, upstream } from "../fixtures.ts";

const messages = [{ role: "user", content: "hi" }];

function encode(model: string, params: Params) {
  const encoded = openai.encode(upstream("openai", params, { model }));
  if (!encoded.ok) throw new Error(encoded.error);
  const { model: _, ...body } = encoded.value.body;
  return { body, losses: encoded.value.losses.map(({ param }) => param), says: encoded.value.losses };
}

/** What a client asks for, what is sent, and which fields are named as lost. */
type Case = readonly [model: string, asked: Params, sent: Params, lost: readonly string[]];

const sampled = { temperature: 0.7, top_p: 0.9, presence_penalty: 1, frequency_penalty: 1 };
const lostSampling = Object.keys(sampled);
const oneAtATime = { tools: [{}], parallel_tool_calls: false };
const plain = { temperature: 1, reasoning_effort: "high", seed: 1, response_format: { type: "json_object" } };

describe("models that always reason", () => {
  test.each([
    "o1",
    "o1-2024-12-17",
    "o3",
    "o3-mini",
    "o4-mini-2025-04-16",
    "gpt-5",
    "gpt-5-mini",
    "gpt-5-nano-2025-08-07",
  ])("%s takes no sampling, and the bound by its newer name", (model) => {
    const asked = {
      messages,
      ...sampled,
      max_tokens: 9,
      logprobs: true,
      top_logprobs: 2,
      logit_bias: { 1: 1 },
    };
    const { body, losses } = encode(model, asked);
    expect(body).toEqual({ messages, max_completion_tokens: 9 });
    expect(losses.toSorted()).toEqual([...lostSampling, "logit_bias", "logprobs", "top_logprobs"].toSorted());
    expect(encode(model, plain).body).toEqual(plain);
  });

  test.each([
    "openai/o3",
    "openrouter/openai/o3-mini",
    "azure/o3",
    "ft:o4-mini-2025-04-16:org::id",
    "openai/gpt-5:nitro",
  ])("are known as %s too", (model) =>
    expect(encode(model, { max_tokens: 9 }).body).toEqual({ max_completion_tokens: 9 }),
  );

  test("lose nothing with a value that asks for what happens anyway", () => {
    const asked = {
      temperature: 1,
      top_p: 1,
      presence_penalty: 0,
      logprobs: false,
      logit_bias: {},
      modalities: ["text"],
    };
    expect(encode("gpt-5", asked)).toMatchObject({ body: { temperature: 1 }, losses: [] });
  });

  test("keep the newer bound where both are set", () => {
    for (const asked of [
      { max_tokens: 9, max_completion_tokens: 5 },
      { max_completion_tokens: 5, max_tokens: 9 },
    ])
      expect(encode("o3", asked).body).toEqual({ max_completion_tokens: 5 });
  });

  test("are named with the reason", () => {
    expect(encode("o3", { temperature: 0.2, stop: "x" }).says).toEqual([
      { param: "temperature", says: "temperature dropped: the model takes 1 alone" },
      { param: "stop", says: "stop dropped: OpenAI's reasoning models do not take it" },
    ]);
  });
});

test.each<Case>([
  ["o3", { stop: "x", parallel_tool_calls: false }, {}, ["stop", "parallel_tool_calls"]],
  ["o3-mini", { stop: "x", parallel_tool_calls: false }, { stop: "x" }, ["parallel_tool_calls"]],
  ["o1", { stop: "x", parallel_tool_calls: true }, { stop: "x" }, []],
  ["gpt-5", { stop: "x", ...oneAtATime }, oneAtATime, ["stop"]],
  ["gpt-4o", { parallel_tool_calls: false, tool_choice: "auto" }, {}, []],
  ["gpt-4o", { tools: [], tool_choice: "required" }, { tools: [], tool_choice: "required" }, []],
  ["openai/gpt-4o", { parallel_tool_calls: false }, { parallel_tool_calls: false }, []],
  ["gpt-5.1-chat-latest", sampled, {}, lostSampling],
  ["gpt-5.2-pro", sampled, {}, lostSampling],
  ["gpt-5.1", { ...sampled, logprobs: true }, { ...sampled, logprobs: true }, []],
  [
    "gpt-5.2-2025-12-11",
    { ...sampled, reasoning_effort: "none" },
    { ...sampled, reasoning_effort: "none" },
    [],
  ],
  ["gpt-5.2", { ...sampled, reasoning_effort: "low" }, { reasoning_effort: "low" }, lostSampling],
  ["gpt-5.4", { stop: "x", logit_bias: { 1: 1 } }, {}, ["stop", "logit_bias"]],
  ["gpt-5.5", { ...sampled, stop: "x" }, { stop: "x" }, lostSampling],
  ["gpt-5.6-sol", { ...sampled, reasoning_effort: "none" }, { ...sampled, reasoning_effort: "none" }, []],
  ["gpt-6-astra", { ...sampled, max_tokens: 9 }, { max_completion_tokens: 9 }, lostSampling],
  ["o1-mini", { reasoning_effort: "low", n: 2 }, {}, ["reasoning_effort", "n"]],
  ["gpt-4o-search-preview", { temperature: 0, top_p: 1, max_tokens: 9 }, { max_tokens: 9 }, ["temperature"]],
  ["gpt-5-search-api", { temperature: 0, max_tokens: 9 }, { max_completion_tokens: 9 }, ["temperature"]],
  [
    "gpt-4o",
    { ...sampled, max_tokens: 9, reasoning_effort: "low" },
    { ...sampled, max_tokens: 9 },
    ["reasoning_effort"],
  ],
  ["gpt-4.1-mini", { reasoning_effort: "none", verbosity: "low" }, {}, ["verbosity"]],
  [
    "gpt-4",
    { max_completion_tokens: 9, verbosity: "medium" },
    { max_completion_tokens: 9, verbosity: "medium" },
    [],
  ],
  ["gpt-35-turbo", { max_completion_tokens: 9 }, { max_tokens: 9 }, []],
])("%s is sent of %j only %j", (model, asked, sent, lost) => {
  expect(encode(model, asked)).toMatchObject({ body: sent, losses: lost });
  expect(Object.keys(encode(model, asked).body).toSorted()).toEqual(Object.keys(sent).toSorted());
});

describe("function tools", () => {
  const tools = [{ type: "function", function: { name: "f" } }];

  test.each<Case>([
    ["gpt-5.4", { tools }, { tools }, []],
    [
      "gpt-5.4",
      { tools, reasoning_effort: "low" },
      { tools, reasoning_effort: "none" },
      ["reasoning_effort"],
    ],
    ["gpt-5.6-terra", { tools }, { tools, reasoning_effort: "none" }, ["reasoning_effort"]],
    ["gpt-5.6", { tools, reasoning_effort: "none" }, { tools, reasoning_effort: "none" }, []],
    [
      "gpt-5.6",
      { tools, temperature: 0 },
      { tools, temperature: 0, reasoning_effort: "none" },
      ["reasoning_effort"],
    ],
    ["gpt-5.6", { tools: [] }, { tools: [] }, []],
    ["openai/gpt-5.6", { tools }, { tools }, []],
    ["gpt-5.2", { tools, reasoning_effort: "low" }, { tools, reasoning_effort: "low" }, []],
  ])("come to %s without reasoning where it takes them so alone: %j as %j", (model, asked, sent, lost) => {
    expect(encode(model, asked)).toMatchObject({ body: sent, losses: lost });
  });
});

describe("roles", () => {
  const said = [
    { role: "developer", content: "d" },
    { role: "system", content: "s" },
    { role: "user", content: "u" },
  ];
  const rolesOf = (model: string) => {
    const { body, says } = encode(model, { messages: said });
    const sent = body["messages"];
    return [Array.isArray(sent) ? sent.map(({ role }) => role) : [], says.map((loss) => loss.says)];
  };

  test("are kept where the model knows them, and the very messages with them", () => {
    for (const model of ["gpt-4o", "o3", "gpt-5", "another"])
      expect(encode(model, { messages: said }).body["messages"]).toBe(said);
  });

  test("of developers are the system's with old models", () => {
    for (const model of ["gpt-3.5-turbo", "gpt-4", "gpt-4-turbo-2024-04-09"])
      expect(rolesOf(model)).toEqual([["system", "system", "user"], []]);
  });

  test("are the user's with models that take no instructions, which is said", () => {
    expect(rolesOf("o1-mini")).toEqual([
      ["user", "user", "user"],
      [
        "messages[].role developer sent as user: the model takes no instructions",
        "messages[].role system sent as user: the model takes no instructions",
      ],
    ]);
  });
});

test.each([
  "my-deployment",
  "gpt-5-chat-latest",
  "gpt-5-codex",
  "gpt-5.5-codex",
  "gpt-oss-120b",
  "openai/gpt-oss-20b",
  "o3-like",
  "acme/o3",
  "gpt-4-ours/x",
])("%s is left alone", (model) => {
  const asked = { messages, ...sampled, max_tokens: 9, stop: "x", reasoning_effort: "low", verbosity: "low" };
  expect(encode(model, asked)).toMatchObject({ body: asked, losses: [] });
});

test("text completions are bounded by the older name, whichever was asked for", () => {
  const encoded = openai.encode(
    upstream(
      "openai",
      { prompt: "x", max_completion_tokens: 9 },
      { endpoint: "completions", model: "davinci-002" },
    ),
  );
  expect(encoded.ok && encoded.value.body).toEqual({ prompt: "x", max_tokens: 9, model: "davinci-002" });
});

const accepted = ["openai", "openai-compatible"].flatMap((folder) =>
  fixturesOf(folder).filter(({ http_status }) => http_status === 200),
);

test.skipIf(!hasFixtures)("what providers were recorded to accept is sent as it is", () => {
  expect(accepted.length).toBeGreaterThan(100);
  for (const fixture of accepted) {
    const file = new URL(`../../../../shared/fixtures/${fixture.id}.client-request.json`, import.meta.url);
    const { model, ...params } = JSON.parse(readFileSync(file, "utf8")) as Params & { model: string };
    const encoded = openai.encode(
      upstream("openai", params, { model, stream: fixture.streaming, endpoint: endpointOf(fixture) }),
    );
    if (!encoded.ok) throw new Error(encoded.error);
    const { stream_options: _, ...sent } = encoded.value.body;
    const { stream_options: __, ...asked } = params;
    expect({ id: fixture.id, sent, losses: encoded.value.losses }).toEqual({
      id: fixture.id,
      sent: { ...asked, model },
      losses: [],
    });
  }
});
