import { afterAll, beforeAll, expect, setDefaultTimeout, test } from "bun:test";
import { chat, type Running, startGateway } from "../../support/gateway.ts";
import { until } from "../../support/until.ts";

setDefaultTimeout(20_000);

const env = {
  WEB: "secret-of-web-app",
  BATCH: "secret-of-batch",
  BOSS: "secret-of-boss",
  ADMIN_KEY: "the-admin-key",
};
const bearer = (token: string) => ({ authorization: `Bearer ${token}` });
let gateway: Running;

beforeAll(async () => {
  gateway = await startGateway(
    `
auth:
  teams: { search: { models: [dear], budget: { usd: 100, per: month } }, idle: {} }
  keys:
    - { id: web-app, secret: env:WEB, team: search, budget: [{ usd: 5, per: day }, { usd: 50, per: month }], labels: { project: shop } }
    - { id: batch, secret: env:BATCH }
    - { id: boss, secret: env:BOSS, role: admin }
attribution: { user: ["header:x-user-id"] }
providers: { p: { kind: simulated, models: { priced: { price: { input: 1000, output: 2000 } } } } }
models: { dear: { targets: [p/priced] }, unknown: { targets: [p/unpriced] } }
`,
    { env },
  );
  const ask = async (model: string, key: string, more: Record<string, string> = {}) =>
    (await gateway.post("/v1/chat/completions", chat(model), { ...bearer(key), ...more })).json();
  await ask("dear", env.WEB, { "x-user-id": "ann" });
  await ask("dear", env.WEB, { "x-user-id": "bob" });
  await ask("unknown", env.BATCH);
  await until(async () => (await usage("")).total?.requests === 3, "three requests");
});
afterAll(() => gateway.stop());

const get = (query: string, token = env.ADMIN_KEY) =>
  fetch(`${gateway.url}/admin/api/usage?${query}`, { headers: bearer(token) });
const usage = async (query: string) => (await get(query)).json();

test("by key: what each used and cost, with its budgets, also for those that used nothing", async () => {
  const report = await usage("");
  expect(Object.keys(report)).toEqual(["from", "to", "by", "total", "usage"]);
  expect([report.by, report.total.requests, report.total.unpriced]).toEqual(["key", 3, 1]);
  expect(
    report.usage.map(({ group, requests }: { group: string; requests: number }) => [group, requests]),
  ).toEqual([
    ["web-app", 2],
    ["batch", 1],
    ["boss", 0],
  ]);
  const [web, batch] = report.usage;
  expect(web).toMatchObject({ errors: 0, unpriced: 0, cost_usd: report.total.cost_usd });
  expect(web.cost_usd).toBeGreaterThan(0);
  expect(web.tokens.total).toBe(web.tokens.prompt + web.tokens.completion);
  expect(batch).toMatchObject({ unpriced: 1, cost_usd: null, budgets: [] });
  const midnight = new Date(new Date().toISOString().slice(0, 10)).toISOString();
  expect(web.budgets).toEqual([
    { per: "day", spent_usd: web.cost_usd, of_usd: 5, from: midnight, until: expect.any(String) },
    { per: "month", spent_usd: web.cost_usd, of_usd: 50, from: report.from, until: expect.any(String) },
  ]);
  expect(Date.parse(web.budgets[0].until) - Date.parse(midnight)).toBe(86_400_000);
});

test.each([
  [
    "by=team",
    [
      ["search", 2],
      [null, 1],
      ["idle", 0],
    ],
  ],
  [
    "by=project",
    [
      ["shop", 2],
      [null, 1],
    ],
  ],
  [
    "by=model",
    [
      ["dear", 2],
      ["unknown", 1],
    ],
  ],
  ["by=target&key=batch", [["p/unpriced", 1]]],
  ["by=key&model=dear", [["web-app", 2]]],
  [
    "by=team&period=week",
    [
      ["search", 2],
      [null, 1],
      ["idle", 0],
    ],
  ],
  ["by=key&key=batch&hours=1", [["batch", 1]]],
  ["by=key&model=none&from=2020-01-01T00:00:00Z&to=2020-02-01T00:00:00Z", []],
] as const)("%s gives %j", async (query, expected) => {
  const { usage: entries } = await usage(query);
  expect(
    entries.map(({ group, requests }: { group: string; requests: number }) => [group, requests]),
  ).toEqual(expected.map((entry) => [...entry]));
});

test("by user: no name, only what it is stored as", async () => {
  const { usage: entries } = await usage("by=user");
  expect(entries.map(({ requests }: { requests: number }) => requests)).toEqual([1, 1, 1]);
  expect(JSON.stringify(entries)).not.toMatch(/ann|bob/);
});

test.each([
  ["by=shoe_size", "by"],
  ["period=year", "period"],
  ["period=day&hours=2", "period"],
  ["hours=0", "hours"],
  ["colour=red", "colour"],
  ["outcome=fine", "outcome"],
])("%s is refused at %s", async (query, param) => {
  const response = await get(query);
  expect([response.status, (await response.json()).error]).toMatchObject([
    400,
    { code: "invalid_request", param },
  ]);
});

test("it is for admins", async () => {
  expect((await get("", env.BOSS)).status).toBe(200);
  expect((await get("", env.WEB)).status).toBe(403);
  expect((await get("", "guess")).status).toBe(401);
});
