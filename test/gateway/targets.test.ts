import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import { connect, type Socket } from "node:net";
import { chat, type Running, startGateway } from "../support/gateway.ts";
import { until } from "../support/until.ts";
import { answer, startUpstream, type Upstream } from "../support/upstream.ts";

setDefaultTimeout(20_000);

/** A listening socket that answers nothing. Those in its queue are connected; past it, nobody gets as far as that. */
async function startDeaf(): Promise<{ readonly port: number; readonly stop: () => void }> {
  const thread = new Worker(new URL("../runtime/http1/deaf_server.ts", import.meta.url));
  const port = await new Promise<number>((resolve) => {
    thread.onmessage = ({ data }) => resolve(data);
  });
  return { port, stop: () => thread.terminate() };
}

const silences = ["s-provider", "s-upstream", "s-model", "s-target"] as const;
const brief = "timeouts: { first_byte: 100ms, answer: 100ms }";
const ample = "timeouts: { first_byte: 5s, answer: 5s }";
/** The narrower a place, the later in this list; the one after `at` is silent about it. */
const clocksAt = (
  at: (typeof silences)[number],
  place: (typeof silences)[number],
  narrow: string,
  wide: string,
) => (place === at ? `, ${narrow}` : silences.indexOf(place) < silences.indexOf(at) ? `, ${wide}` : "");
const providerOf = (
  url: string,
  at: (typeof silences)[number],
  prefix: string,
  narrow: string,
  wide: string,
) =>
  `  ${prefix}${at}: { kind: openai, base_url: "${url}"${clocksAt(at, "s-provider", narrow, wide)}, models: { "*": { context: 128k${clocksAt(at, "s-upstream", narrow, wide)} } } }`;
const modelOf = (
  at: (typeof silences)[number],
  prefix: string,
  upstream: string,
  narrow: string,
  wide: string,
) =>
  `  ${prefix}${at}: { targets: [{ provider: ${prefix}${at}, model: ${upstream}${clocksAt(at, "s-target", narrow, wide)} }]${clocksAt(at, "s-model", narrow, wide)} }`;

let upstream: Upstream;
let gateway: Running;
let deaf: Awaited<ReturnType<typeof startDeaf>>;
let full: Awaited<ReturnType<typeof startDeaf>>;
const queued: Socket[] = [];

beforeAll(async () => {
  [deaf, full] = await Promise.all([startDeaf(), startDeaf()]);
  let connected = 0;
  const onConnect = () => (connected += 1);
  for (let index = 0; index < 600; index++)
    queued.push(connect({ host: "127.0.0.1", port: full.port }, onConnect).on("error", () => {}));
  await until(() => connected >= 512, "a full queue");
  upstream = startUpstream(async ({ body, path }) => {
    if (body["model"] === "silent") return new Promise<Response>(() => {});
    if (body["model"] === "late") await Bun.sleep(250);
    if (path.startsWith("/v1/slow")) await Bun.sleep(100);
    return answer(body);
  });
  const { url } = upstream;
  gateway = await startGateway(
    `
attribution: { user: ["body:user"] }
timeouts: { connect: 150ms, first_byte: 2s, answer: 2s }
providers:
  a: { kind: openai, base_url: "${url}/a" }
  b: { kind: openai, base_url: "${url}/b" }
  c: { kind: openai, base_url: "${url}/c" }
  slow: { kind: openai, base_url: "${url}/slow" }
  priced: { kind: openai, base_url: "${url}/priced", models: { dear: { price: { input: 10, output: 30 } }, cheap: { price: { input: 1, output: 2 } }, short: { price: { input: 0.1, output: 100 } } } }
  azure:
    kind: openai
    base_url: "http://127.0.0.1:${upstream.port}/openai/deployments/{model}"
    query: { api-version: "2024-10-21" }
    api_key: env:AZURE
    api_key_header: api-key
    headers: { X-Cost-Center: "4711", OpenAI-Organization: acme }
  deaf: { kind: openai, base_url: "http://127.0.0.1:${deaf.port}/v1", timeouts: { first_byte: 100ms, answer: 100ms } }
  full: { kind: openai, base_url: "http://127.0.0.1:${full.port}/v1", limits: { rpm: 100 } }
${silences.map((at) => providerOf(url, at, "", brief, ample)).join("\n")}
${silences.map((at) => providerOf(url, at, "long-", ample, brief)).join("\n")}
models:
  shared: { strategy: weighted, targets: [{ provider: a, model: m, weight: 3 }, { provider: b, model: m, weight: 1 }, { provider: c, model: m, weight: 0 }] }
  by-user: { strategy: weighted, stick_to: user, targets: [a/m, b/m] }
  quickest: { strategy: latency, targets: [slow/m, b/m] }
  cheapest: { strategy: cost, targets: [a/unknown, priced/dear, priced/short, priced/cheap] }
  roomiest: { strategy: headroom, targets: [{ provider: a, model: m, limits: { rpm: 2 } }, { provider: b, model: m, limits: { rpm: 4 } }] }
  deployed: { targets: [azure/gpt-4o] }
  deaf: { targets: [deaf/m, a/m] }
  full: { targets: [full/m, a/m] }
  "team/*": { targets: ["a/*"] }
${silences.map((at) => modelOf(at, "", "silent", brief, ample)).join("\n")}
${silences.map((at) => modelOf(at, "long-", "late", ample, brief)).join("\n")}
aliases: { first: second, second: shared }
auto: { models: [roomiest, cheapest], strategy: priority }
default_model: deployed
failover:
  default: { retries: 0, backoff: { base: 1ms, max: 2ms }, breaker: { failures: 1000, within: 30s, open_for: 1ms } }
`,
    { env: { AZURE: "azure-secret" } },
  );
});

afterAll(async () => {
  for (const socket of queued) socket.destroy();
  deaf.stop();
  full.stop();
  await gateway.stop();
  await upstream.stop();
});

const ask = (model: string | undefined, more: object = {}) =>
  gateway.post("/v1/chat/completions", { ...chat(model ?? "", more), model });
const servedBy = async (model: string, more: object = {}) =>
  (await ask(model, more)).headers.get("x-gateway-provider");

describe("a strategy", () => {
  test("weighted shares 2,000 requests as the weights say", async () => {
    const counts: Record<string, number> = {};
    for (let round = 0; round < 40; round++) {
      for (const provider of await Promise.all(Array.from({ length: 50 }, () => servedBy("shared"))))
        counts[provider ?? ""] = (counts[provider ?? ""] ?? 0) + 1;
    }
    // Six standard deviations of the binomial are 116.
    expect(counts["a"]).toBeWithin(1_384, 1_617);
    expect((counts["a"] ?? 0) + (counts["b"] ?? 0)).toBe(2_000);
  });

  test("weighted with stick_to keeps a user where it was", async () => {
    const of = async (user: string) =>
      new Set(await Promise.all(Array.from({ length: 5 }, () => servedBy("by-user", { user }))));
    const users = await Promise.all(Array.from({ length: 40 }, (_, index) => of(`user-${index}`)));
    expect(users.every(({ size }) => size === 1)).toBe(true);
    expect(new Set(users.flatMap((one) => [...one]))).toEqual(new Set(["a", "b"]));
  });

  test("headroom takes whoever has most left", async () => {
    const seen = [];
    for (let round = 0; round < 6; round++) seen.push(await servedBy("roomiest"));
    expect(seen).toEqual(["a", "b", "b", "a", "b", "b"]);
    expect((await ask("roomiest")).status).toBe(429);
  });

  test("latency finds the quicker one, and stays there", async () => {
    const measured = new Set<string | null>();
    await until(async () => measured.add(await servedBy("quickest")).size === 2, "both measured", 15_000);
    for (let round = 0; round < 30; round++) expect(await servedBy("quickest")).toBe("b");
  });

  test("cost takes the cheapest for this request, and the unknown last", async () => {
    const upstreams = async (more: object) => {
      await ask("cheapest", more);
      return upstream.requests.at(-1)?.body["model"];
    };
    expect(await upstreams({ max_tokens: 1_000 })).toBe("cheap");
    expect(
      await upstreams({ max_tokens: 1, messages: [{ role: "user", content: "x".repeat(40_000) }] }),
    ).toBe("short");
  });
});

describe("a name", () => {
  test("may be an alias of an alias, or match a pattern", async () => {
    expect((await ask("first")).headers.get("x-gateway-model")).toBe("shared");
    const { headers } = await ask("team/any-model");
    expect([headers.get("x-gateway-model"), upstream.requests.at(-1)?.body["model"]]).toEqual([
      "team/*",
      "any-model",
    ]);
  });

  test("may be auto, which passes over what has no room", async () => {
    // `roomiest` was used up above.
    expect((await ask("auto")).headers.get("x-gateway-model")).toBe("cheapest");
  });

  test("may be left out", async () => {
    expect((await ask(undefined)).headers.get("x-gateway-model")).toBe("deployed");
  });

  test("that nobody knows is 404", async () => {
    const response = await ask("nobody");
    expect([response.status, (await response.json()).error.code]).toEqual([404, "model_not_found"]);
  });
});

test("a provider like Azure gets its address, query, key and headers as the file says", async () => {
  await ask("deployed", { temperature: 0.5 });
  const received = upstream.requests.findLast(({ path }) => path.startsWith("/openai"));
  expect(received?.path).toBe("/openai/deployments/gpt-4o/chat/completions?api-version=2024-10-21");
  const { headers } = received ?? { headers: new Headers() };
  expect(headers.get("api-key")).toBe("azure-secret");
  expect(headers.get("authorization")).toBeNull();
  expect([headers.get("x-cost-center"), headers.get("openai-organization")]).toEqual(["4711", "acme"]);
  expect(received?.body).toEqual({
    model: "gpt-4o",
    messages: [{ role: "user", content: "Hi" }],
    temperature: 0.5,
  });
});

describe("the narrowest timeout wins", () => {
  test.each(silences.flatMap((at) => [false, true].map((stream) => ({ at, stream }))))(
    "a brief one at $at, streamed: $stream",
    async ({ at, stream }) => {
      const startedAt = performance.now();
      expect((await ask(at, { stream })).status).toBe(504);
      expect(performance.now() - startedAt).toBeWithin(95, 600);
    },
  );

  test("a long one too", async () => {
    const statuses = await Promise.all(silences.map(async (at) => (await ask(`long-${at}`)).status));
    expect(statuses).toEqual([200, 200, 200, 200]);
  });
});

describe("a black hole", () => {
  test.each([false, true])(
    "that connects and never answers is left by its clock (streamed: %p)",
    async (stream) => {
      const startedAt = performance.now();
      const { status, headers } = await ask("deaf", { stream });
      expect([status, headers.get("x-gateway-provider"), headers.get("x-gateway-attempts")]).toEqual([
        200,
        "a",
        "2",
      ]);
      expect(performance.now() - startedAt).toBeWithin(95, 600);
    },
  );

  test("that does not even connect is left by the connect clock, and counts nothing", async () => {
    const startedAt = performance.now();
    const { status, headers } = await ask("full");
    expect([status, headers.get("x-gateway-provider"), headers.get("x-gateway-attempts")]).toEqual([
      200,
      "a",
      "2",
    ]);
    expect(performance.now() - startedAt).toBeWithin(145, 800);
    const { providers } = await (await fetch(`${gateway.url}/metrics`)).json();
    const { limits } = providers.find((one: { provider: string }) => one.provider === "full");
    expect(limits).toEqual([{ limit: "rpm", used: 0, of: 100 }]);
  });
});
