import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { chat, type Running, startGateway } from "../support/gateway.ts";
import { until } from "../support/until.ts";
import { json, type Received, startUpstream, type Upstream } from "../support/upstream.ts";

setDefaultTimeout(20_000);

/** What the provider does with requests for an upstream model; replaced by each test, by name. */
const does = new Map<string, (received: Received) => Response | undefined>();
const refused = [401, 402, 403] as const;

let upstream: Upstream;
let gateway: Running;
let secrets: string;

beforeAll(async () => {
  secrets = mkdtempSync(join(tmpdir(), "switchyard-secrets-"));
  writeFileSync(join(secrets, "rotating"), "old");
  upstream = startUpstream((received) => does.get(String(received.body["model"]))?.(received));
  const pool = (name: string, members: string) =>
    `  ${name}: { kind: openai, base_url: "${upstream.url}/${name}", api_key: ${members} }`;
  const names = [...refused.map((status) => `refused-${status}`), "resting", "even", "rotating"];
  gateway = await startGateway(
    `
providers:
${refused.map((status) => pool(`refused-${status}`, "[env:BAD, env:GOOD]")).join("\n")}
${pool("resting", "[env:ONE, env:TWO]")}
${pool("even", "[{ id: one, key: env:ONE, limits: { rpm: 10 } }, { id: two, key: env:TWO, limits: { rpm: 10 } }]")}
${pool("rotating", '"file:rotating"')}
models:
${names.map((name) => `  ${name}: { targets: [${name}/${name}] }`).join("\n")}
`,
    {
      env: { BAD: "sk-bad", GOOD: "sk-good", ONE: "sk-one", TWO: "sk-two" },
      args: ["--secrets-dir", secrets],
    },
  );
});

afterAll(async () => {
  await gateway.stop();
  await upstream.stop();
  rmSync(secrets, { recursive: true });
});

const callsOf = (model: string) => upstream.requests.filter(({ body }) => body["model"] === model);
const credentialOf = ({ headers }: Received) => headers.get("authorization")?.replace("Bearer sk-", "");
const ask = (model: string) => gateway.post("/v1/chat/completions", chat(model));
const limitedWith = (headers: Record<string, string>) =>
  json({ error: { message: "slow down" } }, 429, headers);

describe("a pool of keys", () => {
  test.each(refused)("sets a member that is refused (%p) aside and uses the other", async (status) => {
    const model = `refused-${status}`;
    does.set(model, (received) =>
      credentialOf(received) === "bad" ? json({ error: { message: "no" } }, status) : undefined,
    );
    for (let round = 0; round < 25; round++) expect((await ask(model)).status).toBe(200);
    const credentials = callsOf(model).map(credentialOf);
    expect(credentials.filter((one) => one === "bad")).toHaveLength(1);
    expect(credentials.filter((one) => one === "good")).toHaveLength(25);
  });

  test("lets a member that said 429 rest for as long as it asked, and never waits for it", async () => {
    let restsUntil = 0;
    does.set("resting", (received) => {
      if (credentialOf(received) !== "one" || restsUntil > 0) return undefined;
      restsUntil = performance.now() + 200;
      return limitedWith({ "retry-after-ms": "200" });
    });
    await until(async () => {
      expect((await ask("resting")).status).toBe(200);
      return (
        restsUntil > 0 &&
        performance.now() > restsUntil &&
        callsOf("resting").some(({ at }) => at > restsUntil)
      );
    }, "calls after the rest");
    await until(async () => {
      await ask("resting");
      return callsOf("resting").filter((call) => credentialOf(call) === "one").length > 1;
    }, "the rested member at work again");
    const early = callsOf("resting").filter((call) => credentialOf(call) === "one" && call.at < restsUntil);
    expect(early).toHaveLength(1);
  });

  test("rotates by headroom", async () => {
    for (let round = 0; round < 20; round++) expect((await ask("even")).status).toBe(200);
    const credentials = callsOf("even").map(credentialOf);
    for (const one of ["one", "two"]) expect(credentials.filter((other) => other === one)).toHaveLength(10);
    const full = await ask("even");
    expect(full.status).toBe(429);
    expect((await full.json()).error.message).toMatch(/API key "even\/(one|two)" is over its rpm of 10/);
  });

  test("takes a refused member back when the file of its secret changes", async () => {
    does.set("rotating", (received) =>
      received.headers.get("authorization") === "Bearer old"
        ? json({ error: { message: "no" } }, 401)
        : undefined,
    );
    const first = await ask("rotating");
    expect([first.status, (await first.json()).error.code]).toEqual([502, "upstream_credentials"]);
    expect((await ask("rotating")).status).toBe(503);
    expect(callsOf("rotating")).toHaveLength(1);
    writeFileSync(join(secrets, "rotating"), "new value");
    await until(async () => (await ask("rotating")).status === 200, "the new value at work");
    expect(callsOf("rotating")).toHaveLength(2);
  });
});
