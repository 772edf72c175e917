import { describe, expect, test } from "bun:test";
import { Ajv2020 } from "ajv/dist/2020.js";
import type { UpstreamRequest } from "../../src/domain/adapter.ts";
import { failureKinds } from "../../src/domain/failure.ts";
import type { Params, Simulation } from "../../src/domain/snapshot.ts";
import { encodeData } from "../../src/openai/sse.ts";
import { simulate, simulated } from "../../src/providers/simulated.ts";
import { hasFixtures, openaiSchema, upstream } from "./fixtures.ts";
import { type Joined, joinAnswer, joinChunks, runStream } from "./joined.ts";

const ask = (params: Params, more: Partial<UpstreamRequest> & { simulation?: Simulation } = {}) =>
  upstream("simulated", params, more);
const said = (content: unknown, more: Params = {}): Params => ({
  messages: [{ role: "user", content }],
  ...more,
});

/** The answer as a client has it, whole and streamed: both have to be the same. */
function answer(params: Params, more: Partial<UpstreamRequest> = {}): readonly Joined[] {
  const whole = simulated.decode(simulate(ask(params, more), 0).answer, ask(params, more));
  if (!whole.ok) throw new Error(whole.failure.message);
  const streamed = ask(params, { ...more, stream: true });
  const { chunks } = simulate(streamed, 0);
  const text = `${chunks.map(({ json }) => encodeData(json)).join("")}data: [DONE]\n\n`;
  const items = runStream(simulated, streamed, new TextEncoder().encode(text));
  expect(items.at(-1)).toEqual({ kind: "end" });
  expect(items.flatMap((item) => (item.kind === "usage" ? [item.usage] : []))).toEqual([whole.usage]);
  const joined = joinChunks(items.flatMap((item) => (item.kind === "chunk" ? [JSON.parse(item.json)] : [])));
  expect(joined).toEqual(joinAnswer(whole.body));
  return [...joined.values()];
}

describe("the simulated model", () => {
  test("says what it is and what it heard, the same every time", () => {
    const [first] = answer(said("Hello  there"));
    expect(first?.finish).toBe("stop");
    expect(first?.content).toContain('You said: "Hello there"');
    expect(first?.content).toContain("simulated demo model");
    expect(simulate(ask(said("x")), 0)).toEqual(simulate(ask(said("x")), 0.9));
    expect(simulate(ask(said("x")), 0).answer).not.toEqual(simulate(ask(said("y")), 0).answer);
  });

  test("hears the last thing said, and as much of it as fits a line", () => {
    const parts = {
      messages: [
        { role: "user", content: "old" },
        { role: "user", content: [{ type: "text", text: "new" }, { type: "image_url" }] },
      ],
    };
    expect(answer(parts)[0]?.content).toContain('"new');
    expect(answer(said("z".repeat(100_000)))[0]?.content.length).toBeLessThan(500);
    expect(answer({ messages: [{ role: "system", content: "s" }] })[0]?.content).toContain("nothing yet");
  });

  test("takes no more tokens than it may, and gives as many answers as are asked for", () => {
    expect(answer(said("x", { max_tokens: 2 }))).toMatchObject([{ content: "This is ", finish: "length" }]);
    expect(answer(said("x", { n: 3 })).map((choice) => choice.content.slice(0, 9))).toEqual([
      "(1 of 3) ",
      "(2 of 3) ",
      "(3 of 3) ",
    ]);
    const { answer: body } = simulate(ask(said("12345678", { max_tokens: 3 })), 0);
    expect(body).toMatchObject({ usage: { prompt_tokens: 2, completion_tokens: 3, total_tokens: 5 } });
  });

  test("is as slow as the file says", () => {
    const simulation = { latencyMs: 50, tokensPerSecond: 200, fail: [] };
    const whole = simulate(ask(said("x", { max_tokens: 4 }), { simulation }), 0);
    expect(whole.latencyMs).toBe(50 + 4 * 5);
    const { latencyMs, chunks } = simulate(
      ask(said("x", { max_tokens: 4, stream: true }), { simulation }),
      0,
    );
    expect(latencyMs + chunks.reduce((sum, chunk) => sum + chunk.afterMs, 0)).toBe(50 + 4 * 5);
  });

  test("fails as often as the file says, each provider apart", () => {
    const simulation = {
      latencyMs: 0,
      tokensPerSecond: null,
      fail: [
        { kind: "rate_limited", rate: 0.2 },
        { kind: "server", rate: 0.1 },
      ],
    } as const;
    const drawn = Array.from(
      { length: 1_000 },
      (_, at) => simulate(ask(said("x"), { simulation }), at / 1_000).failure?.kind ?? "ok",
    );
    const count = (kind: string) => drawn.filter((item) => item === kind).length;
    expect([count("rate_limited"), count("server"), count("ok")].map((n) => Math.round(n / 10))).toEqual([
      20, 10, 70,
    ]);
    const other = { ...ask(said("x"), { simulation }).provider, name: "another" };
    const elsewhere = drawn.map(
      (_, at) => simulate(ask(said("x"), { provider: other }), at / 1_000).failure?.kind ?? "ok",
    );
    expect(elsewhere).not.toEqual(drawn);
  });

  test.each(failureKinds.map((kind) => [kind]))("fails with %s as a provider would", (kind) => {
    const simulation = { latencyMs: 0, tokensPerSecond: null, fail: [{ kind, rate: 1 }] };
    const { failure } = simulate(ask(said("x"), { simulation }), 0.5);
    expect(failure?.kind).toBe(kind);
    if (failure === null || failure.status === null) return;
    const body = JSON.stringify({ error: { message: failure.message, type: kind, code: kind, param: null } });
    expect(simulated.decodeError(failure.status, body, new Headers()).kind).toBe(kind);
  });
});

describe("tools of the simulated model", () => {
  const weather = {
    type: "function",
    function: {
      name: "weather",
      parameters: {
        type: "object",
        properties: {
          city: { type: "string" },
          days: { type: "integer", minimum: 3 },
          unit: { enum: ["c", "f"] },
          note: { type: "string" },
        },
        required: ["city", "days", "unit"],
      },
    },
  };
  const search = {
    type: "function",
    function: {
      name: "search",
      parameters: { properties: { query: { type: "string" } }, required: ["query"] },
    },
  };
  const tools = [weather, search];

  test("are called with what they require", () => {
    expect(answer(said("hot?", { tools }))).toMatchObject([
      {
        content: "",
        finish: "tool_calls",
        calls: [{ name: "weather", arguments: '{"city":"Paris","days":3,"unit":"c"}' }],
      },
    ]);
    const named = { type: "function", function: { name: "search" } };
    expect(answer(said("hot?", { tools, tool_choice: named }))[0]?.calls).toMatchObject([
      { name: "search", arguments: '{"query":"hot?"}' },
    ]);
    expect(
      answer(said("hot?", { tools: [{ type: "function", function: { name: "now" } }] }))[0]?.calls,
    ).toMatchObject([{ name: "now", arguments: "{}" }]);
  });

  test("are not called when forbidden, or when one has answered", () => {
    expect(answer(said("hot?", { tools, tool_choice: "none" }))[0]).toMatchObject({
      calls: [],
      finish: "stop",
    });
    const messages = [
      { role: "user", content: "hot?" },
      { role: "assistant", tool_calls: [] },
      { role: "tool", content: "31 C" },
    ];
    expect(answer({ messages, tools })[0]?.content).toContain('The tool answered: "31 C"');
    expect(answer({ messages, tools, tool_choice: "required" })[0]?.calls).toHaveLength(1);
  });
});

describe("JSON of the simulated model", () => {
  test.each([
    [
      {
        type: "object",
        properties: {
          a: { type: "string", minLength: 30, maxLength: 40 },
          b: { type: ["null", "number"], maximum: -2 },
        },
        required: ["a", "b"],
      },
    ],
    [
      {
        type: "array",
        items: { $ref: "#/$defs/x" },
        minItems: 3,
        $defs: { x: { type: "integer", multipleOf: 5, minimum: 7 } },
      },
    ],
    [
      {
        type: "object",
        properties: { k: { const: 7 }, m: { anyOf: [{ type: "null" }, { type: "boolean" }] } },
        required: ["k", "m"],
        additionalProperties: false,
      },
    ],
    [
      {
        allOf: [
          { type: "object", properties: { a: { type: "number" } }, required: ["a"] },
          { properties: { b: { type: "string", format: "date-time" } }, required: ["b"] },
        ],
      },
    ],
    [{ type: "array", uniqueItems: true, minItems: 2, items: { type: "string" } }],
    [{ type: "array", prefixItems: [{ type: "string" }, { type: "number", exclusiveMinimum: 4 }] }],
    [{ type: "integer", exclusiveMaximum: 0 }],
  ])("obeys the schema %j", (schema) => {
    const [choice] = answer(
      said("x", { response_format: { type: "json_schema", json_schema: { name: "n", schema } } }),
    );
    const value: unknown = JSON.parse(choice?.content ?? "");
    const validate = new Ajv2020({ strict: false, validateFormats: false }).compile(schema);
    validate(value);
    expect(validate.errors ?? []).toEqual([]);
  });

  test("is an object when any JSON will do, and ends when the schema has no end", () => {
    expect(
      JSON.parse(answer(said("x", { response_format: { type: "json_object" } }))[0]?.content ?? ""),
    ).toMatchObject({ simulated: true });
    const endless = { type: "object", properties: { next: { $ref: "#" } }, required: ["next"] };
    expect(
      answer(said("x", { response_format: { type: "json_schema", json_schema: { schema: endless } } }))[0]
        ?.finish,
    ).toBe("stop");
  });
});

describe("other endpoints of the simulated model", () => {
  test("completes text, for each prompt", () => {
    const choices = answer({ prompt: ["one", "two"], n: 2 }, { endpoint: "completions" });
    expect(choices.map(({ text }) => /"(one|two)"/.exec(text)?.[1])).toEqual(["one", "one", "two", "two"]);
    expect(answer({ prompt: [1, 2, 3] }, { endpoint: "completions" })[0]?.text).toContain("3 tokens");
  });

  const embed = (params: Params): readonly (readonly number[])[] => {
    const { answer: body } = simulate(ask(params, { endpoint: "embeddings" }), 0);
    const decoded = simulated.decode(body, ask(params, { endpoint: "embeddings" }));
    if (!decoded.ok) throw new Error(decoded.failure.message);
    return (decoded.body as { data: { embedding: number[] }[] }).data.map((item) => item.embedding);
  };
  const dot = (a: readonly number[] = [], b: readonly number[] = []) =>
    a.reduce((sum, value, at) => sum + value * (b[at] ?? 0), 0);

  test.each([
    ["text", "a b", 1],
    ["texts", ["a", "b", "c"], 3],
    ["tokens", [1, 2, 3], 1],
    ["lists of tokens", [[1], [2, 3]], 2],
    ["empty text", "", 1],
  ])("embeds %s as unit vectors", (_name, input, count) => {
    const vectors = embed({ input });
    expect(vectors).toHaveLength(count);
    for (const vector of vectors) {
      expect(vector).toHaveLength(256);
      expect(dot(vector, vector)).toBeCloseTo(1, 5);
    }
  });

  test("puts like near like", () => {
    const [cat, kitten, car] = embed({
      input: ["the black cat sleeps", "a black cat sleeps", "stock markets fell again"],
      dimensions: 64,
    });
    expect(cat).toHaveLength(64);
    expect(dot(cat, kitten)).toBeGreaterThan(dot(cat, car));
  });

  test("writes the same vector in base64", () => {
    const [plain] = embed({ input: "x", dimensions: 8 });
    const { answer: body } = simulate(
      ask({ input: "x", dimensions: 8, encoding_format: "base64" }, { endpoint: "embeddings" }),
      0,
    );
    const { data } = body as { data: { embedding: string }[] };
    const bytes = Uint8Array.from(atob(data[0]?.embedding ?? ""), (character) => character.charCodeAt(0));
    expect([...new Float32Array(bytes.buffer)]).toEqual([...(plain ?? [])]);
  });
});

test.skipIf(!hasFixtures)("the simulated model keeps to OpenAI's schemas, strictly", () => {
  const ajv = new Ajv2020({ strict: false, validateFormats: false });
  const cases: readonly (readonly [string, unknown])[] = [
    ["CreateChatCompletionResponse", simulate(ask(said("x", { n: 2 })), 0).answer],
    ["CreateCompletionResponse", simulate(ask({ prompt: "x" }, { endpoint: "completions" }), 0).answer],
    ["CreateEmbeddingResponse", simulate(ask({ input: "x" }, { endpoint: "embeddings" }), 0).answer],
    ...simulate(ask(said("x", { stream: true })), 0).chunks.map(
      ({ json }) => ["CreateChatCompletionStreamResponse", JSON.parse(json)] as const,
    ),
  ];
  for (const [name, value] of cases) {
    const validate = ajv.getSchema(name) ?? ajv.compile({ ...openaiSchema(`strict/${name}`), $id: name });
    validate(value);
    expect(validate.errors ?? [], name).toEqual([]);
  }
});
