import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { type Running, startGateway } from "../../support/gateway.ts";

const yaml = `
auth:
  keys:
    - { id: boss, secret: env:BOSS, role: admin }
    - { id: seer, secret: env:SEER, role: viewer }
    - { id: web, secret: env:WEB }
providers: { demo: { kind: simulated, models: { "*": { price: free } } } }
models: { m: { targets: [demo/x] } }
`;
const open = yaml.replace(/auth:\n(.*\n){4}/, "");
const env = { ADMIN_KEY: "the-admin-key", BOSS: "the-boss", SEER: "the-seer", WEB: "the-web" };

let gateway: Running;
beforeAll(async () => {
  gateway = await startGateway(yaml, {
    env,
    args: ["--allowed-hosts", "admin.example.com, other.example.com"],
  });
});
afterAll(() => gateway.stop());

const call = (to: Running, headers: Record<string, string>) =>
  to.post("/admin/api/explain", { model: "m" }, headers);
const bearer = (token: string) => ({ authorization: `Bearer ${token}` });
const codeOf = async (response: Response) => {
  const body = await response.json();
  return [response.status, body.error?.code ?? null];
};

describe("the admin API lets in", () => {
  test.each([
    ["ADMIN_KEY", bearer(env.ADMIN_KEY), 200, null],
    ["a key of role admin", bearer(env.BOSS), 200, null],
    ["no viewer", bearer(env.SEER), 403, "role_not_allowed"],
    ["no client", bearer(env.WEB), 403, "role_not_allowed"],
    ["no unknown key", bearer("guess"), 401, "invalid_api_key"],
    ["nobody without a key", {}, 401, "invalid_api_key"],
  ])("%s", async (_, headers, status, code) => {
    expect(await codeOf(await call(gateway, headers))).toEqual([status, code]);
  });

  test.each([
    ["its own page", {}, 200],
    ["its own page by name", { host: "localhost:8728", origin: "http://localhost:8728" }, 200],
    ["an address of this machine", { host: "[::1]:8728" }, 200],
    ["a name that ALLOWED_HOSTS has", { host: "admin.example.com" }, 200],
    ["its page behind TLS", { host: "Other.Example.com", origin: "https://other.example.com" }, 200],
    ["no foreign Host", { host: "evil.example.com" }, 403],
    ["no Host that only begins like its own", { host: "localhost.evil.example.com" }, 403],
    ["no page of a foreign origin", { origin: "https://evil.example.com" }, 403],
    ["no page of another port", { host: "localhost:8728", origin: "http://localhost:3000" }, 403],
    ["no page without an origin", { origin: "null" }, 403],
  ])("%s", async (_, headers, status) => {
    const response = await call(gateway, { ...bearer(env.ADMIN_KEY), ...headers });
    expect([response.status, (await response.json()).error?.code ?? null]).toEqual([
      status,
      status === 200 ? null : "role_not_allowed",
    ]);
  });
});

test("an open file lets nobody in without ADMIN_KEY, and only that with it", async () => {
  const nobody = await startGateway(open);
  const refused = await (await call(nobody, bearer("anything"))).json();
  expect(refused.error).toMatchObject({
    code: "role_not_allowed",
    message: expect.stringContaining("ADMIN_KEY"),
  });
  await nobody.stop();

  const keyed = await startGateway(open, { env });
  expect(await codeOf(await call(keyed, {}))).toEqual([401, "invalid_api_key"]);
  expect(await codeOf(await call(keyed, bearer(env.ADMIN_KEY)))).toEqual([200, null]);
  await keyed.stop();
});
