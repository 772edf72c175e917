import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import { chat, type Running, startGateway } from "../support/gateway.ts";
import { gate, until } from "../support/until.ts";
import { answer, json, type Received, startUpstream, type Upstream } from "../support/upstream.ts";

setDefaultTimeout(20_000);

/** What the provider does with requests for an upstream model; replaced by each test, by name. */
const does = new Map<
  string,
  (received: Received, index: number) => Response | Promise<Response> | undefined
>();
const broken = () => json({ error: { message: "broken" } }, 500);
const limitedWith = (headers: Record<string, string>) =>
  json({ error: { message: "slow down" } }, 429, headers);

let upstream: Upstream;
let gateway: Running;

beforeAll(async () => {
  upstream = startUpstream((received) => {
    const model = String(received.body["model"]);
    return does.get(model)?.(received, callsOf(model).length - 1);
  });
  const provider = (name: string) => `  ${name}: { kind: openai, base_url: "${upstream.url}/${name}" }`;
  gateway = await startGateway(`
providers:
${["a", "b", "c", "storm", "probed", "both-1", "both-2", "sole", "half"].map(provider).join("\n")}
${["ms", "whole", "date", "reset", "free", "hour"].map((name) => provider(`after-${name}`)).join("\n")}
models:
  probed: { targets: [probed/probed, b/fine], failover: brisk }
  half: { targets: [half/half, b/fine], failover: brisk }
  both: { targets: [both-1/both, both-2/both], failover: brisk }
  sole: { targets: [sole/sole], fallbacks: [fine], failover: brisk }
  fine: { targets: [c/fine] }
  storm: { targets: [storm/storm], failover: stubborn }
  after-ms: { targets: [after-ms/after-ms] }
  after-whole: { targets: [after-whole/after-whole] }
  after-date: { targets: [after-date/after-date] }
  after-reset: { targets: [after-reset/after-reset] }
  after-free: { targets: [after-free/after-free, b/fine] }
  after-hour: { targets: [after-hour/after-hour] }
  deadline: { targets: [a/deadline], failover: hurried }
  slow: { targets: [a/slow], failover: hurried }
  cause: { targets: [a/cause], fallbacks: { any: [any], context_window: [large], content_policy: [lenient] } }
  chained: { targets: [a/chained], fallbacks: [cause] }
  any: { targets: [b/any] }
  large: { targets: [b/large] }
  lenient: { targets: [b/lenient] }
failover:
  default: { backoff: { base: 1ms, max: 2ms } }
  brisk: { retries: 0, breaker: { failures: 3, within: 30s, open_for: 150ms } }
  stubborn: { retries: 3, backoff: { base: 1ms, max: 2ms }, breaker: { failures: 100000, within: 30s, open_for: 1ms } }
  hurried: { retries: 9, max_attempts: 10, deadline: 500ms, backoff: { base: 1ms, max: 2ms }, breaker: { failures: 1000, within: 30s, open_for: 1ms } }
`);
});

afterAll(async () => {
  await gateway.stop();
  await upstream.stop();
});

const callsOf = (model: string) => upstream.requests.filter(({ body }) => body["model"] === model);
const ask = (model: string, more: object = {}) => gateway.post("/v1/chat/completions", chat(model, more));
const askOften = (model: string, times: number) =>
  Promise.all(Array.from({ length: times }, () => ask(model)));
const providersOf = (responses: readonly Response[]) =>
  responses.map(({ headers }) => headers.get("x-gateway-provider"));
const statusesOf = (responses: readonly Response[]) => [...new Set(responses.map(({ status }) => status))];
const circuitOf = async (provider: string) => {
  const { providers } = await (await fetch(`${gateway.url}/health`)).json();
  return providers.find((one: { provider: string }) => one.provider === provider).circuit;
};

describe("a circuit breaker", () => {
  test("opens after its failures, and half-opens with exactly one probe", async () => {
    does.set("probed", broken);
    for (let round = 0; round < 3; round++) expect(providersOf([await ask("probed")])).toEqual(["b"]);
    expect(await circuitOf("probed")).toBe("open");
    expect(providersOf(await askOften("probed", 10))).toEqual(Array(10).fill("b"));
    expect(callsOf("probed")).toHaveLength(3);

    await until(async () => (await circuitOf("probed")) === "half_open", "half open");
    const { opened, open } = gate();
    does.set("probed", async ({ body }) => {
      await opened;
      return answer(body);
    });
    const asked = askOften("probed", 30);
    await until(() => callsOf("fine").length >= 42, "the others elsewhere");
    expect(callsOf("probed")).toHaveLength(4);
    open();
    const went = providersOf(await asked);
    expect(went.filter((provider) => provider === "probed")).toHaveLength(1);
    expect(await circuitOf("probed")).toBe("closed");
    expect(providersOf(await askOften("probed", 10))).toEqual(Array(10).fill("probed"));
  });

  test("opens again when the probe fails", async () => {
    does.set("half", broken);
    for (let round = 0; round < 3; round++) await ask("half");
    await until(async () => (await circuitOf("half")) === "half_open", "half open");
    await ask("half");
    expect(await circuitOf("half")).toBe("open");
    await ask("half");
    expect(callsOf("half")).toHaveLength(4);
  });

  test("of every target open at once is ignored", async () => {
    does.set("both", broken);
    for (let round = 0; round < 3; round++) expect((await ask("both")).status).toBe(502);
    expect([await circuitOf("both-1"), await circuitOf("both-2")]).toEqual(["open", "open"]);
    does.set("both", () => undefined);
    const response = await ask("both");
    expect([response.status, response.headers.get("x-gateway-provider")]).toEqual([200, "both-1"]);
  });

  test("of a sole target sends to the fallbacks", async () => {
    does.set("sole", broken);
    for (let round = 0; round < 3; round++) await ask("sole");
    const before = callsOf("sole").length;
    const { headers } = await ask("sole");
    expect([headers.get("x-gateway-fallback"), headers.get("x-gateway-attempts")]).toEqual(["sole", "1"]);
    expect(callsOf("sole")).toHaveLength(before);
  });
});

test("a storm of failures makes at most a quarter more requests of it", async () => {
  does.set("storm", () => json({ error: { message: "busy" } }, 503));
  const requests = 1_000;
  for (let round = 0; round < requests / 100; round++)
    expect(statusesOf(await askOften("storm", 100))).toEqual([502]);
  expect(callsOf("storm").length).toBeWithin(requests + 50, requests * 1.25 + 1);
});

describe("a Retry-After", () => {
  const soon = () => new Date(Date.now() + 2_000).toUTCString();
  const forms: readonly (readonly [string, Record<string, string>, number])[] = [
    ["ms", { "retry-after-ms": "120" }, 120],
    ["whole", { "retry-after": "1" }, 1_000],
    // A date has whole seconds: two seconds ahead is at least one.
    ["date", { "retry-after": "" }, 1_000],
    ["reset", { "x-ratelimit-remaining-requests": "0", "x-ratelimit-reset-requests": "150ms" }, 150],
  ];

  test("is obeyed in every form, when nobody else is free", async () => {
    const waits = forms.map(async ([name, headers]) => {
      const model = `after-${name}`;
      const said = name === "date" ? { "retry-after": soon() } : headers;
      does.set(model, (_, index) => (index === 0 ? limitedWith(said) : undefined));
      const response = await ask(model);
      const [first, second] = callsOf(model);
      return [
        response.status,
        response.headers.get("x-gateway-attempts"),
        (second?.at ?? 0) - (first?.at ?? 0),
      ];
    });
    for (const [index, [status, attempts, waited]] of (await Promise.all(waits)).entries()) {
      const least = forms[index]?.[2] ?? 0;
      expect([status, attempts]).toEqual([200, "2"]);
      // A timer counts whole milliseconds, the upstream parts of them.
      expect(waited).toBeWithin(least - 1, least + 4_000);
    }
  });

  test("is nobody's wait while another target is free", async () => {
    does.set("after-free", () => limitedWith({ "retry-after": "600" }));
    const startedAt = performance.now();
    const response = await ask("after-free");
    expect(response.headers.get("x-gateway-provider")).toBe("b");
    expect(performance.now() - startedAt).toBeLessThan(500);
    expect((await ask("after-free")).headers.get("x-gateway-attempts")).toBe("1");
  });

  test("beyond the deadline is passed on to the client", async () => {
    does.set("after-hour", () => limitedWith({ "retry-after": "3600" }));
    for (const attempts of ["1", "0"]) {
      const { status, headers } = await ask("after-hour");
      expect([status, headers.get("x-gateway-attempts")]).toEqual([429, attempts]);
      expect(Number(headers.get("retry-after"))).toBeWithin(3_590, 3_601);
      expect(headers.get("x-should-retry")).toBe("false");
    }
  });
});

describe("the deadline", () => {
  test("is the last moment at which an attempt starts", async () => {
    does.set("deadline", async () => {
      await Bun.sleep(130);
      return broken();
    });
    const startedAt = performance.now();
    expect((await ask("deadline")).status).toBe(502);
    const starts = callsOf("deadline").map(({ at }) => at - startedAt);
    expect(starts.length).toBeWithin(2, 5);
    expect(Math.max(...starts)).toBeLessThan(600);
  });

  test("cuts no attempt that is under way", async () => {
    does.set("slow", async ({ body }) => {
      await Bun.sleep(650);
      return answer(body);
    });
    expect((await ask("slow")).status).toBe(200);
  });
});

describe("fallbacks go by cause", () => {
  const tooLong = () => json({ error: { message: "too long", code: "context_length_exceeded" } }, 400);
  const tooRude = () => json({ error: { message: "refused", code: "content_filter" } }, 400);
  test.each([
    ["context_window", tooLong, "large"],
    ["content_policy", tooRude, "lenient"],
    ["server", broken, "any"],
  ] as const)("%s", async (_, behave, model) => {
    does.set("cause", behave);
    const { status, headers } = await ask("cause");
    expect([status, headers.get("x-gateway-model"), headers.get("x-gateway-fallback")]).toEqual([
      200,
      model,
      "cause",
    ]);
  });

  test("and those of a fallback are followed, each model once", async () => {
    does.set("chained", broken);
    does.set("cause", tooLong);
    const { headers } = await ask("chained");
    expect([headers.get("x-gateway-model"), headers.get("x-gateway-fallback")]).toEqual(["large", "chained"]);
  });
});
