import { afterAll, beforeAll, expect, test } from "bun:test";
import { chat, type Running, startGateway } from "../../support/gateway.ts";

const env = { ADMIN_KEY: "admin-key-of-a-test", WEB: "key-of-web" };
const yaml = `
auth: { keys: [{ id: web, secret: env:WEB, limits: { rpm: 4 } }] }
providers:
  bad: { kind: simulated, fail: [{ kind: overloaded, rate: 100% }] }
  good: { kind: simulated }
models:
  down: { targets: [bad/x] }
  up: { targets: [bad/y, good/z] }
failover: { default: { retries: 0, backoff: { base: 1ms, max: 2ms } } }
`;

let gateway: Running;
let failedId: string | null;
beforeAll(async () => {
  gateway = await startGateway(yaml, { env });
  const ask = (model: string) => gateway.post("/v1/chat/completions", chat(model), as(env.WEB));
  failedId = (await ask("down")).headers.get("x-request-id");
  for (const model of ["up", "typo", "up", "up", "up"]) await ask(model);
});
afterAll(() => gateway.stop());

const as = (token: string) => ({ authorization: `Bearer ${token}` });
const get = async (query = "", headers: Record<string, string> = as(env.ADMIN_KEY)) => {
  const response = await fetch(`${gateway.url}/admin/api/errors${query}`, { headers });
  return { status: response.status, body: await response.json() };
};

test("nobody but administrators sees them", async () => {
  expect([(await get("", {})).status, (await get("", as(env.WEB))).status]).toEqual([401, 403]);
});

test("what failed is told with its attempts, what was refused with its rule; what was answered after all is neither", async () => {
  const { body } = await get();
  expect(body.errors.map(({ model, asked, code }: Record<string, unknown>) => [model, asked, code])).toEqual([
    ["up", "up", "rate_limit_exceeded"],
    [null, "typo", "model_not_found"],
    ["down", "down", "upstream_error"],
  ]);
  expect(body.errors.at(-1)).toMatchObject({
    ...{ request_id: failedId, outcome: "error", status: 502, key: "web", generation: 1 },
    attempts: [{ provider: "bad", upstream: "x", outcome: "overloaded", status: 503 }],
  });
  expect(body.errors[0].rule).toMatch(/^key web rpm routes\.yaml:3:\d+$/);
  expect(body).toMatchObject({ found: 3, complete: true, next: null });
  expect(body.by_provider).toEqual([{ provider: "bad", requests: 1 }]);
});

test("filters and bounds are those of the query", async () => {
  const { body } = await get("?limit=1&outcome=refused");
  expect([body.errors.length, body.found]).toEqual([1, 2]);
  const rest = (await get(`?limit=1&outcome=refused&before=${body.next}`)).body;
  expect(rest.errors.map(({ asked }: { asked: string }) => asked)).toEqual(["typo"]);
  expect((await get("?provider=bad&code=upstream_error")).body.found).toBe(1);
  expect((await get("?provider=good")).body.found).toBe(0);
});

test("a wrong query is refused, by the name of its parameter", async () => {
  expect(await get("?limit=1000")).toMatchObject({
    status: 400,
    body: { error: { code: "invalid_request", param: "limit" } },
  });
});
