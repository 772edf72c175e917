import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { chat, type Running, startGateway } from "../support/gateway.ts";
import { until } from "../support/until.ts";

setDefaultTimeout(20_000);

const env = { ADMIN_KEY: "admin-key-of-a-test", WEB: "key-of-web", BOSS: "key-of-the-boss" };
const file = (comment = "") => `version: 1
${comment}
auth: { keys: [{ id: web, secret: env:WEB }, { id: boss, secret: env:BOSS, role: admin }] }
providers: { alpha: { kind: simulated }, beta: { kind: simulated } }
models:
  both: { targets: [alpha/x, beta/x] }
  other: { targets: [alpha/y], fallbacks: [both] }
  saved: { targets: [alpha/z], fallbacks: [other, both] }
`;

const directory = mkdtempSync(join(tmpdir(), "switchyard-overrides-"));
let gateway: Running;
beforeAll(async () => {
  gateway = await startGateway(file(), { env, directory });
});
afterAll(async () => {
  await gateway.stop();
  rmSync(directory, { recursive: true, force: true });
});

const as = (token: string) => ({ authorization: `Bearer ${token}` });
const order = async (action: string, body: object, token = env.ADMIN_KEY) => {
  const response = await gateway.post(`/admin/api/${action}`, body, as(token));
  expect([response.status, await response.text()]).toEqual([200, expect.any(String)]);
};
const driftNow = async (): Promise<readonly Record<string, unknown>[]> =>
  (await (await fetch(`${gateway.url}/admin/api/status`, { headers: as(env.ADMIN_KEY) })).json()).drift;
/** Who answers, or the code of the refusal. */
const ask = async (model: string, token = env.WEB): Promise<string> => {
  const response = await gateway.post("/v1/chat/completions", chat(model), as(token));
  const body = await response.json();
  return response.ok
    ? `${response.headers.get("x-gateway-provider")} ${response.headers.get("x-gateway-model")}`
    : `${response.status} ${body.error.code}`;
};

describe("what people take away", () => {
  test("a provider, is passed over by every model, at once and until it is given back", async () => {
    expect(await ask("both")).toBe("alpha both");
    await order("disable", { kind: "provider", name: "alpha", reason: "it invents things" });
    expect(await ask("both")).toBe("beta both");
    expect(await ask("other")).toBe("beta both");
    expect(await driftNow()).toEqual([
      { kind: "disabled", what: "provider alpha", reason: "it invents things", until: null },
    ]);
    const { providers } = await (await fetch(`${gateway.url}/health`)).json();
    expect(providers[0]).toMatchObject({ provider: "alpha", healthy: false, reason: "disabled" });
    await order("enable", { kind: "provider", name: "alpha" });
    expect(await ask("both")).toBe("alpha both");
    expect(await driftNow()).toEqual([]);
  });

  test("a target, is passed over wherever it stands, and its provider is not", async () => {
    await order("disable", { kind: "target", name: "alpha/x" });
    expect([await ask("both"), await ask("other")]).toEqual(["beta both", "alpha other"]);
    await order("disable", { kind: "target", name: "beta/x" });
    expect(await ask("both")).toBe("503 no_target_available");
    for (const name of ["alpha/x", "beta/x"]) await order("enable", { kind: "target", name });
    expect(await ask("both")).toBe("alpha both");
  });

  test("a model, is not there for those who ask, and no fallback", async () => {
    await order("disable", { kind: "provider", name: "alpha" });
    await order("disable", { kind: "model", name: "other" });
    expect(await ask("other")).toStartWith("404 ");
    expect(await ask("saved")).toBe("beta both");
    await order("disable", { kind: "model", name: "both" });
    expect(await ask("saved")).toBe("503 no_target_available");
    for (const name of ["other", "both"]) await order("enable", { kind: "model", name });
    await order("enable", { kind: "provider", name: "alpha" });
    expect(await ask("other")).toBe("alpha other");
  });

  test("a key, opens nothing any more, whatever its role, and the reason is told", async () => {
    await order("disable", { kind: "key", name: "web", reason: "it leaked" });
    const response = await gateway.post("/v1/chat/completions", chat("both"), as(env.WEB));
    expect([response.status, (await response.json()).error]).toEqual([
      401,
      expect.objectContaining({
        code: "invalid_api_key",
        message: 'The key "web" is disabled at the moment: it leaked',
      }),
    ]);
    for (const path of ["/v1/models", "/v1/models/both", "/models"])
      expect((await fetch(gateway.url + path, { headers: as(env.WEB) })).status).toBe(401);
    expect(await ask("both", env.BOSS)).toBe("alpha both");

    await order("disable", { kind: "key", name: "boss" }, env.BOSS);
    const takeBack = await gateway.post("/admin/api/enable", { kind: "key", name: "boss" }, as(env.BOSS));
    expect(takeBack.status).toBe(401);
    expect((await fetch(`${gateway.url}/metrics`, { headers: as(env.BOSS) })).status).toBe(401);
    for (const name of ["web", "boss"]) await order("enable", { kind: "key", name });
    expect(await ask("both")).toBe("alpha both");
  });

  test("comes back by itself when its time is over", async () => {
    await order("disable", { kind: "provider", name: "alpha", for: "1s" });
    expect(await ask("both")).toBe("beta both");
    expect(await driftNow()).toEqual([
      expect.objectContaining({ what: "provider alpha", until: expect.stringMatching(/Z$/) }),
    ]);
    await until(async () => (await ask("both")) === "alpha both", "the provider back");
    expect(await driftNow()).toEqual([]);
  });

  test("stays away over a reload and a restart", async () => {
    await order("disable", { kind: "provider", name: "alpha", for: "1h" });
    await order("disable", { kind: "key", name: "boss", reason: "on leave" });
    await gateway.write(file("default_model: both"));
    expect(await ask("both")).toBe("beta both");
    await gateway.stop();
    gateway = await startGateway(file("default_model: both"), { env, directory });
    expect([await ask("both"), await ask("both", env.BOSS)]).toEqual(["beta both", "401 invalid_api_key"]);
    expect((await driftNow()).map(({ what, reason }) => [what, reason])).toEqual([
      ["provider alpha", "no reason given"],
      ["key boss", "on leave"],
    ]);
    await gateway.write(
      `${file()}# without alpha\n`.replaceAll("alpha/", "beta/").replace("alpha: { kind: simulated }, ", ""),
    );
    await order("enable", { kind: "provider", name: "alpha" });
    expect((await driftNow()).map(({ what }) => what)).toEqual(["key boss"]);
  });
});
