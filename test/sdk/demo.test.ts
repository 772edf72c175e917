import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { readFileSync } from "node:fs";
import OpenAI from "openai";
import { type Running, startGateway } from "../support/gateway.ts";

type Message = OpenAI.Chat.ChatCompletionMessageParam;

const hello: readonly Message[] = [{ role: "user", content: "Hello" }];
const weather: OpenAI.Chat.ChatCompletionTool = {
  type: "function",
  function: {
    name: "get_weather",
    parameters: {
      type: "object",
      properties: { city: { type: "string" }, unit: { type: "string", enum: ["celsius", "fahrenheit"] } },
      required: ["city", "unit"],
      additionalProperties: false,
    },
  },
};

let gateway: Running;
let client: OpenAI;

// The file that ships, with nothing in the environment.
beforeAll(async () => {
  gateway = await startGateway(readFileSync(new URL("../../routes.yaml", import.meta.url), "utf8"));
  client = gateway.client();
});

afterAll(async () => gateway.stop());

const chat = (more: Partial<OpenAI.Chat.ChatCompletionCreateParamsNonStreaming> = {}) =>
  client.chat.completions.create({ model: "demo", messages: [...hello], ...more });

async function chunksOf<Chunk>(stream: AsyncIterable<Chunk>): Promise<readonly Chunk[]> {
  const chunks: Chunk[] = [];
  for await (const chunk of stream) chunks.push(chunk);
  return chunks;
}

const streamed = (more: Partial<OpenAI.Chat.ChatCompletionCreateParamsStreaming> = {}) =>
  client.chat.completions
    .create({ model: "demo", messages: [...hello], ...more, stream: true })
    .then((stream) => chunksOf(stream));

async function refusalOf(answer: Promise<unknown>): Promise<unknown> {
  return answer.then(
    () => "it was answered",
    (error: unknown) => error,
  );
}

describe.concurrent("the demo model, asked by the OpenAI SDK", () => {
  test("chats", async () => {
    const answer = await chat();
    expect(answer).toMatchObject({ object: "chat.completion", model: "demo" });
    expect(answer.choices).toHaveLength(1);
    expect(answer.choices[0]).toMatchObject({
      index: 0,
      finish_reason: "stop",
      message: { role: "assistant", refusal: null },
    });
    expect(answer.choices[0]?.message.content).toContain('"Hello"');
    const { prompt_tokens = 0, completion_tokens = 0, total_tokens = 0 } = answer.usage ?? {};
    expect(prompt_tokens).toBeGreaterThan(0);
    expect(completion_tokens).toBeGreaterThan(0);
    expect(total_tokens).toBe(prompt_tokens + completion_tokens);
  });

  test("streams what it answers whole, and tells usage only to who asked", async () => {
    const [whole, chunks] = await Promise.all([chat(), streamed()]);
    const text = chunks.map((chunk) => chunk.choices[0]?.delta.content ?? "").join("");
    expect(text).toBe(whole.choices[0]?.message.content ?? "");
    expect(chunks.length).toBeGreaterThan(10);
    expect(chunks.at(-1)?.choices[0]?.finish_reason).toBe("stop");
    expect(chunks.filter(({ usage }) => usage != null)).toEqual([]);
    expect(new Set(chunks.map(({ id }) => id)).size).toBe(1);
  });

  test("ends a stream with usage where it was asked for", async () => {
    const [whole, chunks] = await Promise.all([
      chat(),
      streamed({ stream_options: { include_usage: true } }),
    ]);
    expect(chunks.at(-1)).toMatchObject({ choices: [], usage: whole.usage });
    expect(chunks.slice(0, -1).filter(({ usage }) => usage != null)).toEqual([]);
    expect(chunks.at(-1)?.id).toBe(chunks[0]?.id ?? "");
  });

  test("reads through the SDK's own stream helper", async () => {
    const runner = client.chat.completions.stream({ model: "demo", messages: [...hello] });
    expect((await runner.finalMessage()).content).toBe((await chat()).choices[0]?.message.content ?? null);
  });

  test("answers several times for n", async () => {
    const [whole, chunks] = await Promise.all([chat({ n: 2 }), streamed({ n: 2 })]);
    expect(whole.choices.map(({ index }) => index)).toEqual([0, 1]);
    const texts = whole.choices.map(({ message }) => message.content);
    expect(new Set(texts).size).toBe(2);
    for (const [at, text] of texts.entries()) {
      const own = chunks.flatMap(({ choices }) => choices.filter(({ index }) => index === at));
      expect(own.map(({ delta }) => delta.content ?? "").join("")).toBe(text ?? "");
    }
  });

  test("stops at max_tokens and at max_completion_tokens", async () => {
    const answers = await Promise.all([chat({ max_tokens: 5 }), chat({ max_completion_tokens: 5 })]);
    for (const { choices, usage } of answers) {
      expect(choices[0]?.finish_reason).toBe("length");
      expect(usage?.completion_tokens).toBe(5);
    }
  });
});

describe.concurrent("tools", () => {
  test("are called, and their results are answered", async () => {
    const messages: Message[] = [{ role: "user", content: "How warm is it in Bern?" }];
    const called = (await chat({ messages, tools: [weather] })).choices[0];
    expect(called).toMatchObject({ finish_reason: "tool_calls", message: { content: null } });
    const [call] = called?.message.tool_calls ?? [];
    if (called === undefined || call?.type !== "function") throw new Error("no function was called");
    expect(call.function.name).toBe("get_weather");
    expect(JSON.parse(call.function.arguments)).toEqual({
      city: expect.any(String),
      unit: expect.stringMatching(/^(celsius|fahrenheit)$/),
    });

    const result: Message = { role: "tool", tool_call_id: call.id, content: "21 degrees" };
    const answered = await chat({ messages: [...messages, called.message, result], tools: [weather] });
    expect(answered.choices[0]?.finish_reason).toBe("stop");
    expect(answered.choices[0]?.message.content).toContain("21 degrees");
  });

  test("are called in pieces when streamed, to the same call", async () => {
    const whole = await chat({ tools: [weather] });
    const runner = client.chat.completions.stream({ model: "demo", messages: [...hello], tools: [weather] });
    const final = await runner.finalChatCompletion();
    expect(final.choices[0]?.finish_reason).toBe("tool_calls");
    expect(final.choices[0]?.message.tool_calls).toMatchObject(whole.choices[0]?.message.tool_calls ?? []);
  });

  test("are left alone with tool_choice none", async () => {
    const answer = await chat({ tools: [weather], tool_choice: "none" });
    expect(answer.choices[0]?.message.tool_calls).toBeUndefined();
  });
});

describe.concurrent("JSON", () => {
  test("is what json_object gives", async () => {
    const answer = await chat({ response_format: { type: "json_object" } });
    expect(JSON.parse(answer.choices[0]?.message.content ?? "")).toBeObject();
  });

  test("follows the schema of json_schema", async () => {
    const schema = weather.function.parameters ?? {};
    const answer = await chat({
      response_format: { type: "json_schema", json_schema: { name: "weather", strict: true, schema } },
    });
    const said = JSON.parse(answer.choices[0]?.message.content ?? "");
    expect(Object.keys(said).sort()).toEqual(["city", "unit"]);
    expect(["celsius", "fahrenheit"]).toContain(said.unit);
  });
});

describe.concurrent("text completions", () => {
  test("complete a prompt, streamed or not", async () => {
    const request = { model: "demo", prompt: "Once upon a time" };
    const [whole, chunks] = await Promise.all([
      client.completions.create(request),
      client.completions
        .create({ ...request, stream: true, stream_options: { include_usage: true } })
        .then((stream) => chunksOf(stream)),
    ]);
    expect(whole).toMatchObject({ object: "text_completion", model: "demo" });
    expect(whole.choices[0]?.text).toContain("Once upon a time");
    expect(whole.choices[0]?.finish_reason).toBe("stop");
    expect(chunks.map((chunk) => chunk.choices[0]?.text ?? "").join("")).toBe(whole.choices[0]?.text ?? "");
    expect(chunks.at(-1)).toMatchObject({ choices: [], usage: whole.usage });
  });
});

describe.concurrent("embeddings", () => {
  const inputs: readonly (readonly [string, OpenAI.EmbeddingCreateParams["input"], number])[] = [
    ["a string", "the cat", 1],
    ["an array of strings", ["the cat", "the dog"], 2],
    ["a token array", [15339, 1917], 1],
    ["an array of token arrays", [[15339], [1917, 15339]], 2],
  ];

  test.each(inputs)("of %s are the same in both encodings", async (_name, input, count) => {
    const [float, base64, byDefault] = await Promise.all([
      client.embeddings.create({ model: "demo", input, encoding_format: "float" }),
      client.embeddings.create({ model: "demo", input, encoding_format: "base64" }),
      client.embeddings.create({ model: "demo", input }),
    ]);
    expect(float.data.map(({ index }) => index)).toEqual([...Array(count).keys()]);
    // What the SDK types as numbers is the text that was asked for.
    const encoded: readonly unknown[] = base64.data.map(({ embedding }) => embedding);
    const decoded = encoded.map((text) => {
      const bytes = Buffer.from(String(text), "base64");
      return Array.from({ length: bytes.length / 4 }, (_, at) => bytes.readFloatLE(at * 4));
    });
    expect(decoded).toEqual(float.data.map(({ embedding }) => embedding));
    expect(byDefault.data.map(({ embedding }) => embedding)).toEqual(decoded);
    expect(float.usage.prompt_tokens).toBeGreaterThan(0);
  });

  test("have the dimensions asked for, and length one", async () => {
    const { data } = await client.embeddings.create({ model: "demo", input: "the cat", dimensions: 64 });
    expect(data[0]?.embedding).toHaveLength(64);
    expect(Math.hypot(...(data[0]?.embedding ?? []))).toBeCloseTo(1, 5);
  });
});

describe.concurrent("models", () => {
  test("are listed by their public names, aliases among them", async () => {
    const { data } = await client.models.list();
    const ids = data.map(({ id }) => id);
    expect(ids).toEqual(expect.arrayContaining(["demo", "chat", "small", "gpt-4o", "gpt-4o-mini"]));
    expect(new Set(ids).size).toBe(ids.length);
    for (const model of data)
      expect(model).toEqual({
        id: model.id,
        object: "model",
        created: expect.any(Number),
        owned_by: expect.any(String),
      });
  });

  test("are retrieved one by one", async () => {
    expect(await client.models.retrieve("demo")).toMatchObject({ id: "demo", object: "model" });
    expect(await refusalOf(client.models.retrieve("no-such-model"))).toBeInstanceOf(OpenAI.NotFoundError);
  });

  test("are the default one when a request names none", async () => {
    const answer = await client.post<OpenAI.Chat.ChatCompletion>("/chat/completions", {
      body: { messages: hello },
    });
    expect(answer.model).toBe("demo");
  });
});

describe.concurrent("what the SDK makes of a refusal", () => {
  test("an unknown model is not found", async () => {
    const error = await refusalOf(chat({ model: "no-such-model" }));
    expect(error).toBeInstanceOf(OpenAI.NotFoundError);
    expect(error).toMatchObject({ status: 404, code: "model_not_found", type: "invalid_request_error" });
  });

  test("an unknown model is not found when streamed either", async () => {
    expect(await refusalOf(streamed({ model: "no-such-model" }))).toBeInstanceOf(OpenAI.NotFoundError);
  });

  test("a wrong shape is a bad request that names the place", async () => {
    const messages = JSON.parse('[{ "role": "nobody", "content": "Hello" }]') as Message[];
    const error = await refusalOf(chat({ messages }));
    expect(error).toBeInstanceOf(OpenAI.BadRequestError);
    expect(error).toMatchObject({ code: "invalid_request", param: "messages[0].role" });
  });

  test("a model whose providers have no key is not available", async () => {
    const error = await refusalOf(chat({ model: "chat" }));
    expect(error).toBeInstanceOf(OpenAI.InternalServerError);
    expect(error).toMatchObject({ status: 503, code: "no_target_available" });
  });
});

test("withResponse shows who answered, and the client's own request id", async () => {
  const headers = { "x-request-id": "order-66.a_b" };
  const { data, response, request_id } = await client.chat.completions
    .create({ model: "demo", messages: [...hello] }, { headers })
    .withResponse();
  expect(data.model).toBe("demo");
  expect(request_id).toBe("order-66.a_b");
  expect(response.headers.get("x-gateway-provider")).toBe("demo");
  expect(response.headers.get("x-gateway-model")).toBe("demo");
  expect(response.headers.get("x-gateway-attempts")).toBe("1");
  expect(response.headers.get("x-gateway-fallback")).toBeNull();
  expect(response.headers.get("x-gateway-config")).toMatch(/^\d+-[0-9a-f]{8}$/);
  expect(response.headers.get("server-timing")).toMatch(/^gateway;dur=[\d.]+, upstream;dur=[\d.]+$/);
});
