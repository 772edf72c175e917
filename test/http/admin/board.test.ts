import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { chat, type Running, startGateway } from "../../support/gateway.ts";

const env = { ADMIN_KEY: "admin-key-of-a-test", WEB: "key-of-web" };
const yaml = `
auth:
  keys:
    - { id: web, secret: env:WEB, limits: { rpm: 9, tpr: 8k, concurrency: 4 }, budget: { usd: 5, per: day } }
providers:
  openai: { kind: simulated, models: { "*": { price: { input: 2.5, output: 10 } } } }
  azure: { kind: simulated, models: { "*": { price: free } } }
  off: { kind: simulated, enabled: false, models: { "*": { price: free } } }
models:
  chat:
    strategy: weighted
    targets: [{ provider: openai, model: gpt-4o, weight: 3 }, { provider: azure, model: gpt-4o }, { provider: off, model: x, weight: 4 }]
    fallbacks: { any: [small], context_window: [long] }
  small: { targets: [azure/mini] }
  long: { targets: [openai/gpt-long], visible: false }
  "azure/*": { targets: ["azure/*"] }
aliases: { gpt-4: chat }
auto: { models: [chat, small] }
default_model: chat
`;

let gateway: Running;
beforeAll(async () => {
  gateway = await startGateway(yaml, { env });
  await gateway.post("/v1/chat/completions", chat("small"), as(env.WEB));
});
afterAll(() => gateway.stop());

const as = (token: string) => ({ authorization: `Bearer ${token}` });
const get = async (path: string) => {
  const response = await fetch(`${gateway.url}/admin/api/${path}`, { headers: as(env.ADMIN_KEY) });
  return { status: response.status, body: await response.json() };
};

test.each(["routes", "limits", "outages"])("%s is for administrators only", async (path) => {
  for (const [headers, status] of [
    [{}, 401],
    [as(env.WEB), 403],
  ] as const)
    expect((await fetch(`${gateway.url}/admin/api/${path}`, { headers })).status).toBe(status);
});

describe("routes", () => {
  test("draws names, models, targets and fallbacks as the file has them", async () => {
    const { body } = await get("routes");
    expect(body).toMatchObject({
      generation: expect.any(Number),
      default_model: "chat",
      aliases: [{ name: "gpt-4", to: "chat" }],
      auto: { models: ["chat", "small"] },
      keys: ["web"],
      disabled: [],
    });
    expect(body.models.map(({ name }: { name: string }) => name)).toEqual([
      "chat",
      "small",
      "long",
      "azure/*",
    ]);
    const [model] = body.models;
    expect(model).toMatchObject({
      ...{ strategy: "weighted", enabled: true, visible: true, deprecated: false },
      fallbacks: { any: ["small"], context_window: ["long"], content_policy: [] },
      file: expect.stringMatching(/routes\.yaml$/),
      line: 11,
    });
    expect(model.targets).toEqual([
      expect.objectContaining({ provider: "openai", model: "gpt-4o", enabled: true, share: 0.75 }),
      expect.objectContaining({ provider: "azure", share: 0.25, price: expect.anything() }),
      expect.objectContaining({ provider: "off", enabled: false, share: 0 }),
    ]);
  });

  test("tells how providers and endpoints are doing, and names no credential", async () => {
    const { body } = await get("routes");
    expect(body.providers).toEqual([
      { provider: "openai", healthy: true, circuit: "closed", reason: null, limits: [] },
      { provider: "azure", healthy: true, circuit: "closed", reason: null, limits: [] },
      { provider: "off", healthy: false, circuit: "closed", reason: "disabled", limits: [] },
    ]);
    expect(body.endpoints).toEqual([
      { provider: "azure", model: "mini", circuit: "closed", latency_ms: expect.any(Number) },
    ]);
  });

  test("forgets the endpoints of a provider that the file has dropped", async () => {
    await gateway.write(yaml.replaceAll("azure", "other"));
    expect((await get("routes")).body.endpoints).toEqual([]);
    await gateway.write(yaml);
    expect((await get("routes")).body.endpoints).toHaveLength(1);
  });

  test("tells what people have taken away", async () => {
    const order = { kind: "target", name: "azure/mini", reason: "it lies" };
    await gateway.post("/admin/api/disable", { ...order, for: "1h" }, as(env.ADMIN_KEY));
    const { body } = await get("routes");
    expect(body.disabled).toEqual([{ ...order, who: "ADMIN_KEY", until: expect.stringMatching(/^20.*Z$/) }]);
    await gateway.post("/admin/api/enable", order, as(env.ADMIN_KEY));
    expect((await get("routes")).body.disabled).toEqual([]);
  });
});

test("limits are all but ceilings, with what is used of each and its line", async () => {
  const { body } = await get("limits");
  const common = { scope: "key", name: "web", file: expect.stringMatching(/routes\.yaml$/), line: 5 };
  expect(body.limits).toEqual([
    {
      ...{ ...common, limit: "rpm", unit: "requests", says: "requests per minute", used: 1, of: 9 },
      reset_ms: expect.any(Number),
    },
    {
      ...{ ...common, limit: "concurrency", unit: "requests", says: "requests at the same time" },
      ...{ used: 0, of: 4, reset_ms: 0 },
    },
    {
      ...{ ...common, limit: "budget_day", unit: "usd", says: "USD per day", used: 0, of: 5, reset_ms: 0 },
    },
  ]);
});

describe("outages", () => {
  const cellOf = (body: { cells: { model: string; outage: string | null }[] }, model: string, down: string) =>
    body.cells.find((cell) => cell.model === model && cell.outage === down);

  test("say for each model and provider who answers, or that nobody does and why", async () => {
    const { body } = await get("outages");
    expect(body.providers).toEqual(["openai", "azure", "off"]);
    expect(body.cells).toHaveLength(3 * 4);
    expect(cellOf(body, "chat", "azure")).toMatchObject({
      answer: { provider: "openai", served: "chat" },
      refusal: null,
    });
    expect(cellOf(body, "small", "azure")).toMatchObject({
      answer: null,
      refusal: { code: "upstream_error", message: expect.any(String) },
    });
  });

  test("are for the models that are named, where some are", async () => {
    const { body } = await get("outages?model=small&model=azure/*");
    expect([...new Set(body.cells.map(({ model }: { model: string }) => model))]).toEqual([
      "small",
      "azure/*",
    ]);
  });

  test("of very many models are asked for in parts", async () => {
    const many = Array.from({ length: 201 }, (_, n) => `  m${n}: { targets: [p/x] }`).join("\n");
    const large = await startGateway(`providers: { p: { kind: simulated } }\nmodels:\n${many}\n`, { env });
    const ask = async (query: string) => {
      const response = await fetch(`${large.url}/admin/api/outages${query}`, { headers: as(env.ADMIN_KEY) });
      return response.json();
    };
    expect(await ask("")).toMatchObject({
      error: { code: "invalid_request", message: expect.stringContaining("?model=NAME") },
    });
    expect((await ask("?model=m7")).cells).toHaveLength(2);
    await large.stop();
  });
});
