import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { chat, type Running, startGateway } from "../support/gateway.ts";
import { chunks, sse, startCutter, startUpstream, type Upstream } from "../support/upstream.ts";

let upstream: Upstream;
let gateway: Running;
let cutter: ReturnType<typeof startCutter>;

const words = chunks("one two three four");
const behaviours: Readonly<Record<string, () => Response>> = {
  whole: () => sse([...words, "[DONE]"]),
  no_done: () => sse(words),
  no_usage: () => sse([...words.slice(0, -1), "[DONE]"]),
  eof: () => sse(words.slice(0, 3)),
  stall: () => sse(words.slice(0, 3), { end: "hang" }),
  broken: () => sse([...words.slice(0, 3), '{"choices":[']),
  error: () =>
    sse([
      ...words.slice(0, 3),
      JSON.stringify({ error: { message: "out of memory", type: "server_error", code: "oom" } }),
    ]),
  slow: () => sse([...words, "[DONE]"], { everyMs: 20 }),
  endless: () =>
    sse(
      Array.from({ length: 10_000 }, () => words[1] ?? ""),
      { everyMs: 5 },
    ),
};

beforeAll(async () => {
  cutter = startCutter(words.slice(0, 3));
  upstream = startUpstream(({ body }) => behaviours[String(body["model"])]?.());
  gateway = await startGateway(`
timeouts: { idle: 150ms }
providers:
  up: { kind: openai, base_url: "${upstream.url}" }
  cutter: { kind: openai, base_url: "${cutter.url}" }
models: { "*": { targets: ["up/*"] }, cut: { targets: [cutter/x] } }
`);
});

afterAll(async () => {
  await gateway.stop();
  cutter.stop();
  await upstream.stop();
});

const read = async (model: string, more: object = {}) => {
  const response = await gateway.post("/v1/chat/completions", chat(model, { stream: true, ...more }));
  return { response, text: await response.text() };
};

describe("a streamed answer", () => {
  test("passes through the provider's own chunks, and hides the usage nobody asked for", async () => {
    const { response, text } = await read("whole");
    expect(response.headers.get("content-type")).toContain("text/event-stream");
    expect(text).toBe([...words.slice(0, -1), "[DONE]"].map((data) => `data: ${data}\n\n`).join(""));
  });

  test("always asks the provider for usage, and shows it to who asked, with no choices", async () => {
    const { text } = await read("whole", { stream_options: { include_usage: true } });
    expect(upstream.requests.at(-1)?.body["stream_options"]).toEqual({ include_usage: true });
    const shown = text.split("\n\n").filter((event) => event.includes('"usage":{'));
    expect(shown).toHaveLength(1);
    expect(JSON.parse(shown[0]?.slice(6) ?? "")).toMatchObject({ choices: [], usage: { total_tokens: 15 } });
    expect(text.trimEnd().endsWith("data: [DONE]")).toBe(true);
  });

  test("is complete with a finish reason and no [DONE] from the provider", async () => {
    const { text } = await read("no_done");
    expect(text.endsWith("data: [DONE]\n\n")).toBe(true);
  });

  test.each([
    ["cut", "network"],
    ["eof", "malformed"],
    ["stall", "timeout"],
    ["broken", "malformed"],
    ["error", "server"],
  ])("that breaks (%s) ends with an error event and no [DONE]", async (model, kind) => {
    const { response, text } = await read(model);
    expect(response.status).toBe(200);
    const events = text.trimEnd().split("\n\n");
    const last = JSON.parse(events.at(-1)?.slice(6) ?? "");
    expect(last.error.message).toBeString();
    expect(text).not.toContain("[DONE]");
    expect(text).toContain("one ");
    const trends = await (await fetch(`${gateway.url}/metrics/trends?hours=1&outcome=error`)).json();
    expect(trends.points.at(-1).requests).toBeGreaterThan(0);
    expect(kind).toBeString();
  });

  test("makes the OpenAI SDK throw when it breaks", async () => {
    const stream = await gateway
      .client()
      .chat.completions.create({ model: "eof", messages: [{ role: "user", content: "Hi" }], stream: true });
    let text = "";
    const consume = async () => {
      for await (const chunk of stream) text += chunk.choices[0]?.delta.content ?? "";
    };
    expect(consume()).rejects.toThrow();
    await consume().catch(() => {});
    expect(text).toContain("one ");
  });

  test("is read by the OpenAI SDK to its end", async () => {
    const stream = await gateway
      .client()
      .chat.completions.create({ model: "slow", messages: [{ role: "user", content: "Hi" }], stream: true });
    let text = "";
    for await (const chunk of stream) text += chunk.choices[0]?.delta.content ?? "";
    expect(text).toBe("one two three four");
  });
});

describe("a client that leaves", () => {
  const gone = async (before: number) => {
    const until = performance.now() + 2_000;
    while (upstream.aborted() <= before && performance.now() < until) await Bun.sleep(5);
    return upstream.aborted() > before;
  };

  test("mid-stream closes the provider's connection", async () => {
    const before = upstream.aborted();
    const controller = new AbortController();
    const response = await fetch(`${gateway.url}/v1/chat/completions`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify(chat("endless", { stream: true })),
      signal: controller.signal,
    });
    await response.body?.getReader().read();
    controller.abort();
    expect(await gone(before)).toBe(true);
  });

  test.each([false, true])("before the first byte closes it too (streamed: %p)", async (stream) => {
    const hanging = startUpstream(() => new Promise<Response>(() => {}));
    const own = await startGateway(`
providers: { up: { kind: openai, base_url: "${hanging.url}" } }
models: { m: { targets: [up/x] } }
`);
    const controller = new AbortController();
    const asked = fetch(`${own.url}/v1/chat/completions`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify(chat("m", { stream })),
      signal: controller.signal,
    }).catch(() => null);
    while (hanging.requests.length === 0) await Bun.sleep(2);
    controller.abort();
    await asked;
    const until = performance.now() + 2_000;
    while (hanging.aborted() === 0 && performance.now() < until) await Bun.sleep(5);
    expect(hanging.aborted()).toBe(1);
    const health = await (await fetch(`${own.url}/health`)).json();
    expect(health.in_flight).toBe(0);
    await own.stop();
    await hanging.stop();
  });
});
