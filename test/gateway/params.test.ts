import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { chat, type Running, startGateway } from "../support/gateway.ts";
import { type StrictMock, startStrict } from "../support/strict/mock.ts";
import { protocols, type StrictKind } from "../support/strict/protocols.ts";
import { json, type Received, startUpstream, type Upstream } from "../support/upstream.ts";

/** What OpenAI's reasoning models answer 400 to, by the values that they take. */
const refusedByReasoning: Readonly<Record<string, readonly unknown[]>> = {
  max_tokens: [],
  temperature: [1],
  top_p: [1],
  presence_penalty: [0],
  frequency_penalty: [0],
  logprobs: [false],
  top_logprobs: [],
  logit_bias: [],
  stop: [],
};
const refusedByEmbeddings = /temperature|max_tokens|top_p|reasoning|stop|tool|logprobs|seed|penalty|store/;

/** Answers well, or 400 as OpenAI would to the model's family and the endpoint. */
function strictFamily({ path, body }: Received): Response | undefined {
  const refuse = (param: string) =>
    json(
      {
        error: {
          message: `Unsupported parameter: '${param}'`,
          type: "invalid_request_error",
          param,
          code: null,
        },
      },
      400,
    );
  if (path.endsWith("/embeddings")) {
    const wrong = Object.keys(body).find((name) => refusedByEmbeddings.test(name));
    if (wrong !== undefined) return refuse(wrong);
    const usage = { prompt_tokens: 1, total_tokens: 1 };
    return json({
      object: "list",
      model: "e",
      data: [{ object: "embedding", index: 0, embedding: [1] }],
      usage,
    });
  }
  if (!String(body["model"]).startsWith("o3")) return undefined;
  for (const [name, taken] of Object.entries(refusedByReasoning))
    if (name in body && !taken.includes(body[name])) return refuse(name);
  return undefined;
}

/** A private service takes what OpenAI takes. */
type PublicKind = Exclude<StrictKind, "request">;

const targets = {
  openai: ["gpt-4o", "gpt-5", "gpt-5.6", "o3"],
  anthropic: ["claude-sonnet-4-5", "claude-opus-4-6"],
  gemini: ["gemini-2.5-flash"],
  mistral: ["mistral-small-latest", "codestral-latest", "magistral-medium-latest"],
  qwen: ["qwen-plus", "qwen3-32b"],
} as const satisfies Record<PublicKind, readonly string[]>;
const kinds = Object.keys(targets) as PublicKind[];

/** All that a file may set for a model whose targets are of every kind. */
const defaults = {
  temperature: 1.7,
  top_p: 0.9,
  max_tokens: 1000,
  presence_penalty: 0.5,
  frequency_penalty: 0.5,
  stop: ["END"],
  seed: 7,
  logprobs: true,
  top_logprobs: 2,
  logit_bias: { 50256: -100 },
  parallel_tool_calls: false,
  tool_choice: "auto",
  reasoning_effort: "low",
  verbosity: "low",
  user: "someone",
  store: false,
};

const mocks = new Map<PublicKind, StrictMock>();
let family: Upstream;
let gateway: Running;

const modelsOf = (kind: PublicKind) =>
  targets[kind].map(
    (model) => `  ${kind}/${model}: { targets: [${kind}/${model}], defaults: ${JSON.stringify(defaults)} }`,
  );

beforeAll(async () => {
  for (const kind of kinds)
    mocks.set(
      kind,
      startStrict(protocols[kind](), () => ({ text: "Hello." })),
    );
  family = startUpstream(strictFamily);
  gateway = await startGateway(
    `
providers:
${kinds.map((kind) => `  ${kind}: { kind: ${kind}, base_url: ${mocks.get(kind)?.url}, api_key: env:KEY }`).join("\n")}
  family: { kind: openai, base_url: ${family.url}, overrides: { store: false }, defaults: ${JSON.stringify(defaults)} }
  picky: { kind: openai, base_url: ${family.url}, unsupported: refuse, defaults: ${JSON.stringify(defaults)} }
models:
${kinds.flatMap(modelsOf).join("\n")}
  "family/*": { targets: ["family/*"] }
  "picky/*": { targets: ["picky/*"], max: { max_completion_tokens: 50 } }
  embed: { targets: [family/text-embedding-3-small] }
  guarded: { targets: [mistral/mistral-small-latest], overrides: { safe_prompt: true } }
`,
    { env: { KEY: "sk-strict" } },
  );
});
afterAll(async () => {
  await gateway.stop();
  await family.stop();
  for (const mock of mocks.values()) await mock.stop();
});

describe("defaults of the file", () => {
  const every = kinds.flatMap((kind) => targets[kind].map((model) => [`${kind}/${model}`, kind] as const));

  test.each(every.flatMap(([model, kind]) => [false, true].map((stream) => [model, stream, kind] as const)))(
    "break no request to %s, streamed %p, and what is lost is named",
    async (model, stream, kind) => {
      const response = await gateway.post("/v1/chat/completions", chat(model, { stream }));
      const text = await response.text();
      expect({ complaints: mocks.get(kind)?.complaints(), status: response.status, text }).toMatchObject({
        complaints: [],
        status: 200,
      });
      expect(text).toContain("Hel");
      expect(response.headers.get("x-gateway-warnings")).toContain("dropped");
    },
  );

  test.each(["family/o3", "picky/o3"])(
    "break no request to %s, nor does refusing what is unsupported",
    async (model) => {
      const response = await gateway.post("/v1/chat/completions", chat(model));
      expect(response.status).toBe(200);
      expect(response.headers.get("x-gateway-warnings")).toContain(
        "temperature dropped: the model takes 1 alone",
      );
      expect(family.requests.at(-1)?.body).toMatchObject({
        model: "o3",
        max_completion_tokens: model === "picky/o3" ? 50 : 1000,
      });
    },
  );

  test("and its overrides reach no endpoint that knows nothing of them", async () => {
    const response = await gateway.post("/v1/embeddings", { model: "embed", input: "x" });
    expect([response.status, response.headers.get("x-gateway-warnings")]).toEqual([200, null]);
    expect(family.requests.at(-1)?.body).toEqual({
      model: "text-embedding-3-small",
      input: "x",
      user: "someone",
    });
  });
});

describe("what a client asks for and the target cannot take", () => {
  test("is refused with the sentence where the provider is told to refuse", async () => {
    const before = family.requests.length;
    const response = await gateway.post(
      "/v1/chat/completions",
      chat("picky/o3", { temperature: 0.2, seed: 1 }),
    );
    expect(response.status).toBe(400);
    const { error } = (await response.json()) as { error: { message: string } };
    expect(error.message).toBe(
      "provider picky cannot take this request: temperature dropped: the model takes 1 alone",
    );
    expect(family.requests).toHaveLength(before);
  });

  test("is dropped and named elsewhere", async () => {
    const response = await gateway.post("/v1/chat/completions", chat("family/o3", { temperature: 0.2 }));
    expect(response.status).toBe(200);
    expect(response.headers.get("x-gateway-warnings")).toContain("temperature dropped");
  });

  test("is no bound by whichever name, which a max lowers by the other", async () => {
    await gateway.post("/v1/chat/completions", chat("picky/o3", { max_tokens: 80, temperature: 1 }));
    expect(family.requests.at(-1)?.body).toMatchObject({ max_completion_tokens: 50 });
    expect(family.requests.at(-1)?.body).not.toHaveProperty("max_tokens");
  });
});

describe("a text completion at a provider that has chat alone", () => {
  test.each([
    "anthropic/claude-sonnet-4-5",
    "gemini/gemini-2.5-flash",
    "mistral/mistral-small-latest",
    "qwen/qwen-plus",
  ])("is answered by %s, whole and streamed", async (model) => {
    const client = gateway.client();
    const whole = await client.completions.create({ model, prompt: "Say hello", echo: true, max_tokens: 5 });
    expect(whole).toMatchObject({
      object: "text_completion",
      choices: [{ text: "Say helloHello.", finish_reason: "stop" }],
    });
    const stream = await client.completions.create({
      model,
      prompt: "Say hello",
      stream: true,
      stream_options: { include_usage: true },
    });
    let text = "";
    let total = 0;
    for await (const chunk of stream) {
      expect(chunk.object).toBe("text_completion");
      text += chunk.choices[0]?.text ?? "";
      total += chunk.usage?.total_tokens ?? 0;
    }
    expect([text, total > 0]).toEqual(["Hello.", true]);
  });

  test("obeys what the file sets for chat", async () => {
    await gateway.post("/v1/completions", { model: "guarded", prompt: "Say hello" });
    expect(mocks.get("mistral")?.requests.at(-1)?.body).toMatchObject({ safe_prompt: true, max_tokens: 16 });
  });

  test("of several prompts is refused in a sentence", async () => {
    const response = await gateway.post("/v1/completions", {
      model: "mistral/mistral-small-latest",
      prompt: ["a", "b"],
    });
    expect(response.status).toBe(400);
    expect(await response.text()).toContain("it takes one prompt at a time");
  });
});
