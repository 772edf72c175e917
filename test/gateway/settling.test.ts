import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { chat, type Running, startGateway } from "../support/gateway.ts";
import { until } from "../support/until.ts";
import {
  chunks,
  completion,
  json,
  sse,
  startCutter,
  startUpstream,
  type Upstream,
} from "../support/upstream.ts";

const words = chunks("one two three four");
const dead = Bun.listen({ hostname: "127.0.0.1", port: 0, socket: { data: () => {} } });
const deadUrl = `http://127.0.0.1:${dead.port}/v1`;
dead.stop(true);

/** How a provider ends an answer, by the name of the upstream model. */
const behaviours: Readonly<Record<string, (stream: boolean) => Response | Promise<Response> | undefined>> = {
  good: () => undefined,
  cheap: () =>
    json({ ...completion("x"), usage: { prompt_tokens: 10, completion_tokens: 5, total_tokens: 15 } }),
  dear: () =>
    json({ ...completion("x"), usage: { prompt_tokens: 10, completion_tokens: 690, total_tokens: 700 } }),
  silent: () => new Promise(() => {}),
  s500: () => json({ error: { message: "broken" } }, 500),
  s400: () => json({ error: { message: "no" } }, 400),
  s429: () => json({ error: { message: "slow" } }, 429, { "retry-after-ms": "1" }),
  html: () => new Response("<html>", { headers: { "content-type": "text/html" } }),
  eof: () => sse(words.slice(0, 3)),
  error: () => sse([...words.slice(0, 3), JSON.stringify({ error: { message: "boom" } })]),
  // The role, then "one " and "two ": eight characters, which are billed as two tokens.
  held: () => sse(words.slice(0, 3), { end: "hang" }),
};

let upstream: Upstream;
let cutter: ReturnType<typeof startCutter>;
let gateway: Running;

/** One concurrency everywhere: whatever is not freed stops the next request. */
const one = "limits: { concurrency: 1 }";
const keys = ["rpm", "slow", "tokens", "dear", "cut", "left", "unseen", "endings"] as const;

beforeAll(async () => {
  upstream = startUpstream(({ body }) => behaviours[String(body["model"])]?.(body["stream"] === true));
  cutter = startCutter(words.slice(0, 3));
  gateway = await startGateway(
    `
timeouts: { first_byte: 150ms, answer: 150ms, idle: 150ms }
auth:
  teams:
    counted: { limits: { rpm: 5 } }
    single: { ${one} }
  keys:
    - { id: rpm, secret: env:RPM, team: counted, limits: { rpm: 3 } }
    - { id: slow, secret: env:SLOW }
    - { id: tokens, secret: env:TOKENS, limits: { tpm: 1000, rpm: 10 } }
    - { id: dear, secret: env:DEAR, limits: { tpm: 1000 } }
    - { id: cut, secret: env:CUT, limits: { tpm: 1000 } }
    - { id: left, secret: env:LEFT, limits: { tpm: 1000 } }
    - { id: unseen, secret: env:UNSEEN, limits: { tpm: 1000, rpm: 10 } }
    - { id: endings, secret: env:ENDINGS, team: single, ${one} }
providers:
  up: { kind: openai, base_url: "${upstream.url}" }
  bad: { kind: openai, base_url: "${upstream.url}/bad", limits: { rpm: 100 } }
  dead: { kind: openai, base_url: "${deadUrl}", limits: { rpm: 1, tpm: 300, rpd: 1 } }
  first: { kind: openai, base_url: "${upstream.url}/first" }
  single: { kind: openai, base_url: "${upstream.url}/single", api_key: [{ id: m, key: env:UP, ${one} }], ${one}, models: { "*": { ${one} } } }
  cutter: { kind: openai, base_url: "${cutter.url}", ${one} }
  refuser: { kind: openai, base_url: "${deadUrl}/refuser", ${one} }
models:
  thrice: { targets: [bad/s500, up/good] }
  unreached: { targets: [dead/x, up/good] }
  cheap: { targets: [up/cheap] }
  dear: { targets: [up/dear] }
  held: { targets: [up/held] }
  eof: { targets: [up/eof] }
  silent: { targets: [up/silent] }
  two: { targets: [{ provider: first, model: good, limits: { rpm: 1 } }, { provider: up, model: good, limits: { rpm: 1 } }], fallbacks: [three] }
  three: { targets: [single/good] }
  cutter: { targets: [{ provider: cutter, model: x, ${one} }] }
  refuser: { targets: [{ provider: refuser, model: x, ${one} }] }
  "x-*": { targets: [{ provider: single, model: "*", ${one} }] }
failover:
  default: { backoff: { base: 1ms, max: 2ms }, breaker: { failures: 100, within: 30s, open_for: 1ms } }
`,
    {
      env: {
        UP: "sk-up",
        ADMIN_KEY: "admin",
        ...Object.fromEntries(keys.map((key) => [key.toUpperCase(), `secret-${key}`])),
      },
    },
  );
});

afterAll(async () => {
  await gateway.stop();
  cutter.stop();
  await upstream.stop();
});

const as = (key: (typeof keys)[number]) => ({ authorization: `Bearer secret-${key}` });
const ask = (key: (typeof keys)[number], model: string, more: object = {}) =>
  gateway.post("/v1/chat/completions", chat(model, more), as(key));
const inFlight = async () => (await (await fetch(`${gateway.url}/health`)).json()).in_flight;
const nothingUnderWay = () => until(async () => (await inFlight()) === 0, "nothing in flight");
const remaining = (response: Response, unit: "requests" | "tokens") =>
  Number(response.headers.get(`x-ratelimit-remaining-${unit}`));

/** The ratio of one limit, from a scrape. */
async function used(labels: string): Promise<number> {
  const text = await scrape();
  const line = text
    .split("\n")
    .find((row) => row.startsWith("switchyard_limit_used_ratio{") && row.includes(labels));
  if (line === undefined) throw new Error(`no gauge with ${labels}`);
  return Number(line.split(" ").at(-1));
}
const scrape = async () =>
  (
    await fetch(`${gateway.url}/metrics`, {
      headers: { accept: "text/plain", authorization: "Bearer admin" },
    })
  ).text();

describe("what is counted", () => {
  test("a key's and a team's rpm count a client request once, the provider's every attempt that reached it", async () => {
    for (const left of [2, 1, 0]) {
      const response = await ask("rpm", "thrice");
      expect([response.status, response.headers.get("x-gateway-attempts")]).toEqual([200, "3"]);
      expect(remaining(response, "requests")).toBe(left);
    }
    expect(await used('name="bad",limit="rpm"')).toBeCloseTo(0.06);
    expect(await used('name="counted",limit="rpm"')).toBeCloseTo(0.6);
    expect((await ask("rpm", "thrice")).status).toBe(429);
    expect(await used('name="bad",limit="rpm"')).toBeCloseTo(0.06);
    expect(await used('name="counted",limit="rpm"')).toBeCloseTo(0.6);
  });

  test("what never reached a provider is given back to it, tokens and all", async () => {
    for (let round = 0; round < 6; round++) {
      const response = await ask("slow", "unreached");
      expect(response.headers.get("x-gateway-attempts")).toBe("3");
    }
    for (const limit of ["rpm", "tpm", "rpd"]) expect(await used(`name="dead",limit="${limit}"`)).toBe(0);
  });
});

describe("tokens", () => {
  test("are reserved, and what was not used comes back", async () => {
    const first = await ask("tokens", "cheap", { max_tokens: 900 });
    expect(remaining(first, "tokens")).toBe(985);
    expect(Number(first.headers.get("x-ratelimit-limit-tokens"))).toBe(1000);
    expect(first.headers.get("x-ratelimit-reset-tokens")).toMatch(/^(1m0s|[45]\d s?|[45]\ds)$/);
    const second = await ask("tokens", "cheap", { max_tokens: 900 });
    expect(remaining(second, "tokens")).toBe(970);
    expect(remaining(second, "requests")).toBe(8);
  });

  test("while they are reserved they count", async () => {
    const waiting = ask("left", "silent", { max_tokens: 900 });
    await until(async () => (await inFlight()) === 1, "one in flight");
    const second = await ask("left", "cheap", { max_tokens: 900 });
    expect(second.status).toBe(429);
    expect((await second.json()).error.message).toContain("tpm");
    await waiting;
  });

  test("beyond the reservation are booked, and keep the next request out", async () => {
    expect(remaining(await ask("dear", "dear", { max_tokens: 10 }), "tokens")).toBe(300);
    expect((await ask("dear", "cheap", { max_tokens: 300 })).status).toBe(429);
    expect((await ask("dear", "cheap", { max_tokens: 200 })).status).toBe(200);
  });

  test("of a failed request cost nothing, of a refused one neither, and its request counts", async () => {
    expect((await ask("unseen", "silent", { max_tokens: 900 })).status).toBe(504);
    expect((await ask("unseen", "cheap", { max_tokens: 5000 })).status).toBe(429);
    const response = await ask("unseen", "cheap", { max_tokens: 900 });
    expect(remaining(response, "tokens")).toBe(985);
    expect(remaining(response, "requests")).toBe(8);
  });

  test("of a stream that breaks are billed as far as they were seen", async () => {
    await (await ask("cut", "eof", { stream: true, max_tokens: 900 })).text();
    // One for the prompt's two bytes, two for "one two ".
    expect(await used('name="cut",limit="tpm"')).toBeCloseTo(3 / 1000);
  });

  test.each([false, true])(
    "of a client that leaves before any output cost nothing (streamed: %p)",
    async (stream) => {
      const before = await used('name="unseen",limit="tpm"');
      await leave("unseen", "silent", { stream, max_tokens: 100 }, async () => {
        await until(async () => (await inFlight()) === 1, "one in flight");
      });
      expect(await used('name="unseen",limit="tpm"')).toBe(before);
    },
  );

  test("of a client that leaves mid-stream are billed as far as they went through", async () => {
    const before = await used('name="left",limit="tpm"');
    await leave("left", "held", { stream: true, max_tokens: 100 }, readSome);
    expect(await used('name="left",limit="tpm"')).toBeCloseTo(before + 3 / 1000);
  });
});

/** Asks, does `first` with what came, and hangs up; returns when the gateway is done with it. */
async function leave(
  key: (typeof keys)[number],
  model: string,
  more: object,
  first: (asked: Promise<Response>) => Promise<void>,
): Promise<void> {
  const controller = new AbortController();
  const asked = fetch(`${gateway.url}/v1/chat/completions`, {
    method: "POST",
    headers: { "content-type": "application/json", ...as(key) },
    body: JSON.stringify(chat(model, more)),
    signal: controller.signal,
  });
  asked.catch(() => {});
  await first(asked);
  controller.abort();
  await asked.catch(() => {});
  await nothingUnderWay();
}

const readSome = async (asked: Promise<Response>) => {
  const reader = (await asked).body?.getReader();
  let text = "";
  while (!text.includes("two")) text += new TextDecoder().decode((await reader?.read())?.value);
};

describe("concurrency is free again after", () => {
  const whole = (model: string) => async () => void (await (await ask("endings", model)).text());
  const streamed = (model: string) => async () =>
    void (await (await ask("endings", model, { stream: true })).text());
  const started = async () => until(async () => (await inFlight()) === 1, "one in flight");
  const endings: Readonly<Record<string, () => Promise<void>>> = {
    "an answer": whole("x-good"),
    "a stream": streamed("x-good"),
    "a 500": whole("x-s500"),
    "a 400": whole("x-s400"),
    "a 429": whole("x-s429"),
    "an answer that is none": whole("x-html"),
    "a stream that is none": streamed("x-html"),
    "a timeout": whole("x-silent"),
    "a stream that never begins": streamed("x-silent"),
    "a stream that breaks": streamed("x-eof"),
    "a stream with an error in it": streamed("x-error"),
    "a stream that stalls": streamed("x-held"),
    "a stream that is cut": streamed("cutter"),
    "a refused connection": whole("refuser"),
    "a client that left before an answer": () => leave("endings", "x-silent", {}, started),
    "a client that left before a stream": () => leave("endings", "x-silent", { stream: true }, started),
    "a client that left mid-stream": () => leave("endings", "x-held", { stream: true }, readSome),
    "a body that was wrong": async () => void (await ask("endings", "x-good", { messages: 1 })).status,
    "a model that is not there": async () => void (await ask("endings", "nobody")).status,
  };

  test.each(Object.keys(endings))("%s", async (name) => {
    await endings[name]?.();
    const gauges = (await scrape()).split("\n").filter((line) => line.includes('limit="concurrency"'));
    expect(gauges.length).toBeGreaterThan(6);
    expect(gauges.filter((line) => !line.endsWith(" 0"))).toEqual([]);
    expect(await inFlight()).toBe(0);
    // After a 429 the credential rests; everything else may go on at once.
    if (name !== "a 429") expect((await ask("endings", "x-good")).status).toBe(200);
    else await until(async () => (await ask("endings", "x-good")).status === 200, "the 429 is over");
  });
});

test("a target over its limit is passed over, then the model, and the headers tell", async () => {
  const seen = [];
  for (let round = 0; round < 3; round++) {
    const { headers } = await ask("slow", "two");
    seen.push([
      headers.get("x-gateway-provider"),
      headers.get("x-gateway-fallback"),
      headers.get("x-gateway-attempts"),
    ]);
  }
  expect(seen).toEqual([
    ["first", null, "1"],
    ["up", null, "1"],
    ["single", "two", "1"],
  ]);
});
