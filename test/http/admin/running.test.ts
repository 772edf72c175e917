import { afterAll, beforeAll, expect, test } from "bun:test";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Running, startGateway } from "../../support/gateway.ts";

const yaml = `version: 1
auth:
  keys:
    - { id: boss, secret: env:BOSS, role: admin }
    - { id: seer, secret: env:SEER, role: viewer }
    - { id: web, secret: env:WEB }
providers: { demo: { kind: simulated, models: { "*": { price: free } } } }
models: { m: { targets: [demo/x] } }
`;
const tests = "version: 1\ntests: []\n";
const env = {
  ADMIN_KEY: "admin-key-of-a-test",
  BOSS: "key-of-the-boss",
  SEER: "key-of-the-seer",
  WEB: "key-of-web",
};
const open = yaml.replace(/auth:\n(.*\n){4}/, "");

const directory = mkdtempSync(join(tmpdir(), "switchyard-running-"));
let gateway: Running;
beforeAll(async () => {
  writeFileSync(join(directory, "routes.test.yaml"), tests);
  gateway = await startGateway(yaml, { env, directory });
});
afterAll(async () => {
  await gateway.stop();
  rmSync(directory, { recursive: true, force: true });
});

const ask = (of: Running, token?: string, headers: Record<string, string> = {}) =>
  fetch(`${of.url}/admin/api/config`, {
    headers: { ...headers, ...(token === undefined ? {} : { authorization: `Bearer ${token}` }) },
  });

test.each([
  ["ADMIN_KEY", env.ADMIN_KEY, 200],
  ["a key of role admin", env.BOSS, 200],
  ["a viewer", env.SEER, 403],
  ["a client", env.WEB, 403],
  ["a key that nobody knows", "wrong", 401],
  ["nobody", undefined, 401],
])("%s", async (_, token, status) => {
  const response = await ask(gateway, token);
  expect(response.status).toBe(status);
  if (status !== 200) expect(await response.text()).not.toContain("providers");
});

test("what serves is told as it was written, with its tests", async () => {
  const response = await ask(gateway, env.ADMIN_KEY);
  expect(response.headers.get("cache-control")).toBe("no-store");
  expect<unknown>(await response.json()).toEqual({
    generation: 1,
    digest: expect.stringMatching(/^[0-9a-f]{64}$/),
    git_sha: null,
    files: [{ name: join(directory, "routes.yaml"), text: yaml }],
    tests: { name: join(directory, "routes.test.yaml"), text: tests },
  });
});

test("a file that was refused is not what serves", async () => {
  await gateway.write(`${yaml}modles: {}\n`);
  const told: unknown = await (await ask(gateway, env.ADMIN_KEY)).json();
  expect(told).toMatchObject({ generation: 1, files: [{ text: yaml }] });
});

test("a page of another origin is refused, and so is everybody where nobody may", async () => {
  expect((await ask(gateway, env.ADMIN_KEY, { origin: "https://evil.example" })).status).toBe(403);
  const nobody = await startGateway(open);
  const response = await ask(nobody, "anything");
  expect(response.status).toBe(403);
  expect(await response.text()).toContain("ADMIN_KEY");
  await nobody.stop();
});
