import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { chat, type Running, startGateway } from "../support/gateway.ts";
import { chunks, completion, json, sse, startUpstream, type Upstream } from "../support/upstream.ts";

/** What a broken provider does, by name; the gateway has a provider for each, alone and before a good one. */
const faults: Readonly<Record<string, (stream: boolean) => Response | Promise<Response>>> = {
  s429: () => json({ error: { message: "slow down" } }, 429),
  s500: () => json({ error: { message: "broken" } }, 500),
  s503: () => json({ error: { message: "busy" } }, 503),
  s529: () => json({ error: { message: "overloaded" } }, 529),
  s504: () => new Response("<html>gateway timeout</html>", { status: 504 }),
  s401: () => json({ error: { message: "bad key" } }, 401),
  s402: () => json({ error: { message: "pay" } }, 402),
  quota: () => json({ error: { message: "no money", code: "insufficient_quota" } }, 429),
  s404: () => json({ error: { message: "no such model", code: "model_not_found" } }, 404),
  s204: () => new Response(null, { status: 204 }),
  s302: () => new Response(null, { status: 302, headers: { location: "http://127.0.0.1:1/" } }),
  html: () => new Response("<html>hello</html>", { headers: { "content-type": "text/html" } }),
  nothing: () => json("null"),
  list: () => json("[]"),
  truncated: () => json('{"choices":[{"index":0,'),
  in_band: (stream) =>
    stream
      ? sse([JSON.stringify({ error: { message: "boom", type: "server_error" } })])
      : json({ error: { message: "boom" } }),
  silent: () => new Promise(() => {}),
  s400: () =>
    json(
      {
        error: {
          message: "temperature is too hot",
          type: "invalid_request_error",
          param: "temperature",
          code: "invalid_value",
        },
      },
      400,
    ),
  s422: () => json({ error: { message: "cannot be processed", type: "invalid_request_error" } }, 422),
  window: () =>
    json(
      {
        error: {
          message: "This model's maximum context length is 8192 tokens.",
          code: "context_length_exceeded",
        },
      },
      400,
    ),
  policy: () => json({ error: { message: "refused by policy", code: "content_filter" } }, 400),
  only_done: (stream) => (stream ? sse(["[DONE]"]) : json({})),
  cut_early: (stream) => (stream ? sse(chunks("x").slice(0, 1), { end: "close" }) : json("")),
};

/** What the client sees when the faulty provider is the only one, and whether a second target saves the request. */
const expected: Readonly<
  Record<string, { status: number; code: string | null; saved: boolean; calls: number }>
> = {
  s429: { status: 429, code: "rate_limit_exceeded", saved: true, calls: 2 },
  s500: { status: 502, code: "upstream_error", saved: true, calls: 2 },
  s503: { status: 502, code: "upstream_error", saved: true, calls: 2 },
  s529: { status: 502, code: "upstream_error", saved: true, calls: 2 },
  s504: { status: 504, code: "upstream_timeout", saved: true, calls: 2 },
  s401: { status: 502, code: "upstream_credentials", saved: true, calls: 1 },
  s402: { status: 502, code: "upstream_credentials", saved: true, calls: 1 },
  quota: { status: 502, code: "upstream_credentials", saved: true, calls: 1 },
  s404: { status: 404, code: "model_not_found", saved: true, calls: 1 },
  s204: { status: 502, code: "upstream_error", saved: true, calls: 2 },
  s302: { status: 502, code: "upstream_error", saved: true, calls: 2 },
  html: { status: 502, code: "upstream_error", saved: true, calls: 2 },
  nothing: { status: 502, code: "upstream_error", saved: true, calls: 2 },
  list: { status: 502, code: "upstream_error", saved: true, calls: 2 },
  truncated: { status: 502, code: "upstream_error", saved: true, calls: 2 },
  in_band: { status: 502, code: "upstream_error", saved: true, calls: 2 },
  silent: { status: 504, code: "upstream_timeout", saved: true, calls: 2 },
  s400: { status: 400, code: "invalid_value", saved: false, calls: 1 },
  s422: { status: 422, code: null, saved: false, calls: 1 },
  window: { status: 400, code: "context_length_exceeded", saved: false, calls: 1 },
  policy: { status: 400, code: "content_filter", saved: false, calls: 1 },
  only_done: { status: 502, code: "upstream_error", saved: true, calls: 2 },
  cut_early: { status: 502, code: "upstream_error", saved: true, calls: 2 },
};

const names = Object.keys(faults);
let good: Upstream;
let bad: Upstream;
let gateway: Running;
const calls = new Map<string, number>();

beforeAll(async () => {
  good = startUpstream();
  bad = startUpstream(({ path, body }) => {
    const name = path.split("/")[2] ?? "";
    calls.set(name, (calls.get(name) ?? 0) + 1);
    return faults[name.replace(/-.*/, "")]?.(body["stream"] === true);
  });
  // A provider for each case: breakers and cooldowns of one must not touch another.
  const cases = names.flatMap((name) => ["-1", "-2", "-1s", "-2s"].map((variant) => name + variant));
  gateway = await startGateway(`
providers:
  good: { kind: openai, base_url: "${good.url}" }
${cases.map((id) => `  ${id}: { kind: openai, base_url: "${bad.url}/${id}", timeouts: { first_byte: 150ms, answer: 150ms } }`).join("\n")}
models:
${cases.map((id) => `  ${id}: { targets: [${id}/m${id.includes("-2") ? ", good/m" : ""}] }`).join("\n")}
failover:
  default: { backoff: { base: 1ms, max: 2ms } }
`);
});

afterAll(async () => {
  await gateway.stop();
  await Promise.all([good.stop(), bad.stop()]);
});

const rows = names.flatMap((fault) =>
  [false, true].map((stream) => ({ fault, how: stream ? "streamed" : "whole", stream })),
);

describe("a faulty provider", () => {
  test.each(rows)("alone: $fault, $how", async ({ fault, stream }) => {
    const id = `${fault}-1${stream ? "s" : ""}`;
    const response = await gateway.post("/v1/chat/completions", chat(id, { stream }));
    const { error } = await response.json();
    const want = expected[fault];
    expect({ status: response.status, code: error.code, calls: calls.get(id) }).toEqual({
      status: want?.status ?? 0,
      code: want?.code ?? null,
      calls: want?.calls ?? 0,
    });
    expect(response.headers.get("x-should-retry")).toBe("false");
    expect(response.headers.get("x-gateway-attempts")).toBe(String(want?.calls));
    expect(Object.keys(error).sort()).toEqual(["code", "message", "param", "type"]);
  });

  test.each(rows)("before a good one: $fault, $how", async ({ fault, stream }) => {
    const id = `${fault}-2${stream ? "s" : ""}`;
    const response = await gateway.post("/v1/chat/completions", chat(id, { stream }));
    const want = expected[fault];
    expect(response.status).toBe(want?.saved ? 200 : (want?.status ?? 0));
    const text = await response.text();
    if (!want?.saved) return;
    expect(response.headers.get("x-gateway-provider")).toBe("good");
    expect(text).toContain(stream ? "data: [DONE]" : '"Hello there."');
    if (!stream) expect(JSON.parse(text)).toEqual(completion("Hello there."));
  });

  test("leaves nothing reserved and nothing in flight", async () => {
    const health = await (await fetch(`${gateway.url}/health`)).json();
    expect(health.in_flight).toBe(0);
  });
});
