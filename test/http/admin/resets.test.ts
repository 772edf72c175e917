import { afterAll, beforeAll, beforeEach, describe, expect, test } from "bun:test";
import { chat, type Running, startGateway } from "../../support/gateway.ts";

const env = { ADMIN_KEY: "admin-key-of-a-test", BOSS: "key-of-the-boss", WEB: "key-of-web" };
const yaml = `
auth:
  keys:
    - { id: boss, secret: env:BOSS, role: admin }
    - { id: web, secret: env:WEB, limits: { rpd: 2, tpr: 8k, concurrency: 4 }, budget: { usd: 1, per: day } }
providers:
  good: { kind: simulated, models: { "*": { price: free } } }
  bad: { kind: simulated, fail: [{ kind: server, rate: 100% }], models: { "*": { price: free } } }
models:
  m: { targets: [good/x] }
  down: { targets: [bad/y] }
failover: { default: { retries: 0, breaker: { failures: 1, within: 30s, open_for: 60s } } }
`;

let gateway: Running;
beforeAll(async () => {
  gateway = await startGateway(yaml, { env });
});
afterAll(() => gateway.stop());

const as = (token: string) => ({ authorization: `Bearer ${token}` });
const ask = (model: string, token = env.WEB) => gateway.post("/v1/chat/completions", chat(model), as(token));
const reset = async (body: object, token = env.ADMIN_KEY) => {
  const response = await gateway.post("/admin/api/reset", body, as(token));
  return { status: response.status, body: await response.json() };
};
const get = async (path: string) =>
  (await fetch(`${gateway.url}/admin/api/${path}`, { headers: as(env.ADMIN_KEY) })).json();
const ofWeb = (limit: string) => ({ kind: "limit", scope: "key", name: "web", limit });
const circuit = { kind: "circuit", provider: "bad", model: "y" };
const refusal = (code: string, message: RegExp, param: string | null = null) => ({
  error: { code, message: expect.stringMatching(message), param, type: "invalid_request_error" },
});

test.each([{}, as("wrong"), as(env.WEB)])("nobody but administrators may: %j", async (headers) => {
  const response = await gateway.post("/admin/api/reset", ofWeb("rpd"), headers);
  expect([401, 403]).toContain(response.status);
});

describe("of a limit", () => {
  beforeEach(() => reset(ofWeb("rpd")));

  test("lets in whom it kept out, and is written down with who and why", async () => {
    expect([(await ask("m")).status, (await ask("m")).status, (await ask("m")).status]).toEqual([
      200, 200, 429,
    ]);
    expect(await reset({ ...ofWeb("rpd"), reason: "a  runaway job\nwas stopped" }, env.BOSS)).toEqual({
      status: 200,
      body: { message: "The requests per day of key web count from zero again." },
    });
    const { limits } = await get("limits");
    expect(limits).toContainEqual(expect.objectContaining({ name: "web", limit: "rpd", used: 0 }));
    expect((await ask("m")).status).toBe(200);

    const { entries } = await get("audit?limit=1");
    expect(entries).toEqual([
      {
        ...{ at: expect.any(String), who: "boss", action: "reset", ...ofWeb("rpd") },
        reason: "a runaway job was stopped",
        outcome: "done",
        says: "The requests per day of key web count from zero again.",
      },
    ]);
  });

  test.each([
    ["rpd", /^Nothing counts against the requests per day of key web now/],
    ["budget_day", /^Nothing counts against the USD per day of key web now/],
    ["concurrency", /under way.*cannot be reset/],
    ["tpr", /bounded one by one/],
  ])("%s: what cannot be done is said, and written down as well", async (limit, says) => {
    expect(await reset(ofWeb(limit))).toEqual({ status: 409, body: refusal("refused_by_state", says) });
    const { entries } = await get("audit?limit=1");
    expect(entries).toEqual([
      expect.objectContaining({
        ...{ who: "ADMIN_KEY", action: "reset", limit, outcome: "refused", reason: "no reason given" },
        says: expect.stringMatching(says),
      }),
    ]);
  });
});

test("of a circuit closes it, once", async () => {
  expect((await ask("down")).status).toBe(502);
  const stateOf = async () => (await get("routes")).endpoints;
  const endpoint = { provider: "bad", model: "y", circuit: "open", latency_ms: null };
  expect(await stateOf()).toContainEqual(endpoint);
  expect(await reset({ ...circuit, reason: "it works again" })).toEqual({
    status: 200,
    body: { message: "The circuit of bad/y is closed." },
  });
  expect(await stateOf()).toContainEqual({ ...endpoint, circuit: "closed" });
  expect(await reset(circuit)).toEqual({
    status: 409,
    body: refusal("refused_by_state", /^No circuit of bad\/y is open/),
  });
  const { entries } = await get("audit?limit=2");
  expect(entries.map(({ outcome, reason }: Record<string, unknown>) => [outcome, reason])).toEqual([
    ["refused", "no reason given"],
    ["done", "it works again"],
  ]);
});

test.each([
  [{}, "kind", /limit or circuit/],
  [{ kind: "toString" }, "kind", /limit or circuit/],
  [{ ...ofWeb("rpd"), scope: "keys" }, "scope", /one of key, team/],
  [{ ...ofWeb("rps") }, "limit", /one of rpm/],
  [{ ...ofWeb("rpd"), name: "wbe" }, "name", /no .*|has rpd of key "wbe".*"web"/],
  [{ ...ofWeb("tpm") }, "name", /has tpm of key "web"/],
  [{ ...circuit, provider: "bda" }, "provider", /"bad"/],
  [{ ...circuit, model: 1 }, "model", /a string/],
  [{ ...circuit, scope: "key" }, "scope", /no field/],
  [{ ...circuit, reason: "x".repeat(501) }, "reason", /500/],
])("%j is refused at %s", async (body, param, says) => {
  expect(await reset(body)).toEqual({ status: 400, body: refusal("invalid_request", says, param) });
});
