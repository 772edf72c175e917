import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { chat, type Running, startGateway } from "../../support/gateway.ts";
import { json, startUpstream, type Upstream } from "../../support/upstream.ts";

const said = (message: string) => ({ error: { message } });
const yaml = (url: string) => `
auth:
  keys:
    - id: web
      secret: env:WEB
      limits:
        rpm: 3 # the rule
    - { id: free, secret: env:FREE }
providers:
  good: { kind: openai, base_url: "${url}/good", models: { "*": { price: free } }, limits: { tpm: 100k } }
  down: { kind: openai, base_url: "${url}/down", models: { "*": { price: free } } }
  full: { kind: openai, base_url: "${url}/full", api_key: env:FULL, models: { "*": { price: free } } }
  shut: { kind: openai, base_url: "${url}/shut", api_key: env:SHUT, models: { "*": { price: free } } }
  bare: { kind: openai, base_url: "${url}/bare", api_key: env:BARE, optional: true, models: { "*": { price: free } } }
models:
  chat: { targets: [good/a] }
  shaky: { targets: [down/b, good/b] }
  busy: { targets: [full/c, good/c] }
  barred: { targets: [shut/c, good/c] }
  unset: { targets: [bare/c, good/c] }
  quick: { strategy: latency, targets: [down/d, good/d] }
failover: { default: { retries: 0, breaker: { failures: 2, within: 30s, open_for: 1m } } }
`;

let upstream: Upstream;
let gateway: Running;
beforeAll(async () => {
  upstream = startUpstream(({ path }) => {
    if (path.startsWith("/v1/down")) return json(said("broken"), 500);
    if (path.startsWith("/v1/shut")) return json(said("who are you"), 401);
    return path.startsWith("/v1/full") ? json(said("slow down"), 429, { "retry-after": "40" }) : undefined;
  });
  const env = {
    ADMIN_KEY: "the-admin-key",
    WEB: "the-web",
    FREE: "the-free",
    FULL: "sk-full",
    SHUT: "sk-shut",
  };
  gateway = await startGateway(yaml(upstream.url), { env });
});
afterAll(async () => {
  await gateway.stop();
  await upstream.stop();
});

const bearer = (token: string) => ({ authorization: `Bearer ${token}` });
const post = (body: unknown) => gateway.post("/admin/api/explain", body, bearer("the-admin-key"));
const explain = async (body: object) => (await post(body)).json();
const ask = (model: string, key = "the-free") =>
  gateway.post("/v1/chat/completions", chat(model), bearer(key));
const texts = ({ steps }: { steps: readonly { text: string }[] }) => steps.map(({ text }) => text);
/** All that the gateway tells of itself, but for the time. */
const told = async () => {
  const {
    now: _,
    uptime_s: _up,
    ...rest
  } = await (await fetch(`${gateway.url}/metrics`, { headers: bearer("the-admin-key") })).json();
  return rest;
};

describe("POST /admin/api/explain", () => {
  test("answers like the command, in JSON that nobody keeps", async () => {
    const response = await post({ model: "chat", key: "web", tokens: 100, max_tokens: 20 });
    expect([response.status, response.headers.get("cache-control")]).toEqual([200, "no-store"]);
    expect(response.headers.get("x-gateway-config")).toMatch(/^1-[0-9a-f]{8}$/);
    expect(await response.json()).toEqual({
      ...{ status: 200, code: null, provider: "good", model: "chat", upstream: "a", fallback_from: null },
      ...{ attempts: 1, cost_usd: 0, warnings: [] },
      sent: {
        url: `${upstream.url}/good/chat/completions`,
        body: expect.objectContaining({ model: "a", max_tokens: 20 }),
      },
      steps: expect.arrayContaining([
        {
          text: "key web rpm: 0 used + 1 ≤ 3",
          file: expect.stringMatching(/routes\.yaml$/),
          line: 8,
          column: 9,
        },
      ]),
    });
  });

  test("knows what is used, and refuses where the gateway would", async () => {
    for (const left of [2, 1, 0]) {
      expect(texts(await explain({ model: "chat", key: "web" }))).toContain(
        `key web rpm: ${2 - left} used + 1 ≤ 3`,
      );
      expect((await ask("chat", "the-web")).headers.get("x-ratelimit-remaining-requests")).toBe(String(left));
    }
    const refused = await explain({ model: "chat", key: "web" });
    expect(refused).toMatchObject({ status: 429, code: "rate_limit_exceeded", provider: null, attempts: 0 });
    expect(refused.steps.at(-1)).toMatchObject({
      line: 8,
      text: expect.stringContaining('Key "web" is over its rpm of 3'),
    });
    expect((await ask("chat", "the-web")).status).toBe(429);
  });

  test("knows open circuits", async () => {
    expect((await explain({ model: "shaky" })).provider).toBe("down");
    for (let request = 0; request < 2; request++) expect((await ask("shaky")).status).toBe(200);
    const explained = await explain({ model: "shaky" });
    expect(explained).toMatchObject({ provider: "good", attempts: 1 });
    expect(texts(explained)).toContain("down/b is passed over: the circuit of provider down is open");
  });

  test("knows credentials that rest, by their value", async () => {
    expect((await ask("busy")).status).toBe(200);
    const explained = await explain({ model: "busy" });
    expect(explained).toMatchObject({ provider: "good", attempts: 1 });
    expect(texts(explained).join("\n")).toMatch(
      /full\/c is passed over: .* is cooling down after a 429, for another [34]\d/,
    );
    expect(JSON.stringify(explained)).not.toContain("sk-full");
  });

  test("knows credentials that were refused, and those that are not there", async () => {
    expect((await ask("barred")).status).toBe(200);
    expect(texts(await explain({ model: "barred" }))).toContain(
      "shut/c is passed over: provider shut API key SHUT was refused by the provider",
    );
    expect(texts(await explain({ model: "unset" }))).toContain("bare/c is passed over: env:BARE is not set");
  });

  test("knows who is fast, and what an answer takes", async () => {
    expect((await ask("quick")).status).toBe(200);
    const steps = texts(await explain({ model: "quick", seed: 1 }));
    expect(steps.join("\n")).toMatch(
      /latency puts first who is fastest \(down\/d not measured lately, good\/d [\d.]+ ms\)/,
    );
  });

  test("follows a script, and tells whether the gateway would go on", async () => {
    expect(await explain({ model: "chat", fail: { good: "server" } })).toMatchObject({
      status: 502,
      attempts: 1,
    });
    expect(await explain({ model: "busy", fail: { good: ["timeout", "ok"] } })).toMatchObject({
      status: 504,
      attempts: 1,
    });
  });

  test("changes nothing, however often", async () => {
    const before = await told();
    const made = upstream.requests.length;
    const faults = ["server", "rate_limited", "auth", "ok"];
    await Promise.all(
      Array.from({ length: 100 }, (_, index) =>
        explain({
          model: index % 2 === 0 ? "chat" : "shaky",
          key: "free",
          fail: { good: faults[index % 4], down: "timeout" },
        }),
      ),
    );
    expect(await told()).toEqual(before);
    expect(upstream.requests.length).toBe(made);
    expect((await explain({ model: "chat", key: "free" })).attempts).toBe(1);
  });

  test.each([
    [{}, "model"],
    [{ model: "" }, "model"],
    [{ model: "chat", modle: 1 }, "modle"],
    [{ model: "chat", key: "wbe" }, "key"],
    [{ model: "chat", tokens: -1 }, "tokens"],
    [{ model: "chat", tokens: 1.5 }, "tokens"],
    [{ model: "chat", max_tokens: 0 }, "max_tokens"],
    [{ model: "chat", stream: "yes" }, "stream"],
    [{ model: "chat", endpoint: "images" }, "endpoint"],
    [{ model: "chat", seed: "x" }, "seed"],
    [{ model: "chat", user: 7 }, "user"],
    [{ model: "chat", fail: [] }, "fail"],
    [{ model: "chat", fail: { nobody: "server" } }, "fail.nobody"],
    [{ model: "chat", fail: { good: "broken" } }, "fail.good"],
    [{ model: "chat", fail: { good: ["server:0"] } }, "fail.good"],
    [{ model: "chat", fail: { good: { kind: "server", delay: "1s" } } }, "fail.good"],
  ])("refuses %j", async (body, param) => {
    const response = await post(body);
    const { error } = await response.json();
    expect([response.status, error.code, error.param]).toEqual([400, "invalid_request", param]);
  });

  test("takes nothing but POST, and no body that is none", async () => {
    const got = await fetch(`${gateway.url}/admin/api/explain`, { headers: bearer("the-admin-key") });
    expect([got.status, got.headers.get("allow")]).toEqual([405, "POST"]);
    expect((await post("{")).status).toBe(400);
    expect((await post(JSON.stringify({ model: "x".repeat(70_000) }))).status).toBe(413);
  });

  test("knows names that lead nowhere", async () => {
    expect(await explain({ model: "nobody" })).toMatchObject({
      status: 404,
      code: "model_not_found",
      attempts: 0,
    });
  });
});
