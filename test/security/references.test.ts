import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { start } from "../../src/server.ts";
import { readSettings } from "../../src/settings.ts";
import { chat, type Running, startGateway } from "../support/gateway.ts";
import { until } from "../support/until.ts";

setDefaultTimeout(20_000);

const root = mkdtempSync(join(tmpdir(), "switchyard-references-"));
const secretsDir = join(root, "secrets");
const secretFile = (name: string, value: string) => writeFileSync(join(secretsDir, name), value);
beforeAll(() => mkdirSync(secretsDir));
afterAll(() => rmSync(root, { recursive: true, force: true }));

const ask = (key: string, model: string, on: Running) =>
  on.post("/v1/chat/completions", chat(model), { authorization: `Bearer ${key}` });

/** Starts, and says which diagnostics kept it from it. */
async function codesOf(
  text: string,
  { env = {}, args = [] }: { env?: Record<string, string>; args?: readonly string[] },
) {
  const directory = mkdtempSync(join(root, "start-"));
  writeFileSync(join(directory, "routes.yaml"), `version: 1\n${text}`);
  const flags = ["--config", join(directory, "routes.yaml"), "--port", "0", "--log-level", "silent"];
  const places = ["--data-dir", join(directory, "data"), "--log-dir", join(directory, "logs")];
  const settings = readSettings([...flags, ...places, "--secrets-dir", secretsDir, ...args], env);
  if (!settings.ok) throw new Error(settings.error);
  const started = await start(settings.value, env);
  if (started.ok) {
    await started.value.stop(0);
    return "serves";
  }
  return started.error
    .filter(({ severity }) => severity === "error")
    .map(({ code }) => code)
    .join(" ");
}

const open = "providers: { s: { kind: simulated } }\nmodels: { chat: { targets: [s/x] } }";
const keyed = `${open}\nauth: { keys: [{ id: k, secret: env:K }] }`;

describe("an address that others can reach", () => {
  test.each<[string, string, Record<string, string>, string]>([
    ["0.0.0.0 without keys", open, { HOST: "0.0.0.0" }, "missing_key"],
    [":: without keys", open, { HOST: "::" }, "missing_key"],
    ["0.0.0.0 without keys, ALLOW_OPEN=false", open, { HOST: "0.0.0.0", ALLOW_OPEN: "false" }, "missing_key"],
    ["0.0.0.0 without keys, ALLOW_OPEN=true", open, { HOST: "0.0.0.0", ALLOW_OPEN: "true" }, "serves"],
    ["0.0.0.0 with keys", keyed, { HOST: "0.0.0.0", K: "k" }, "serves"],
    ["0.0.0.0 with a key that is not set", keyed, { HOST: "0.0.0.0" }, "unset_reference"],
    ["0.0.0.0 with an empty list of keys", `${open}\nauth: { keys: [] }`, { HOST: "0.0.0.0" }, "missing_key"],
    ["127.0.0.1 without keys", open, { HOST: "127.0.0.1" }, "serves"],
    ["localhost without keys", open, { HOST: "localhost" }, "serves"],
    ["127.0.0.2 without keys", open, { HOST: "127.0.0.2" }, "serves"],
  ])("%s", async (_, text, env, expected) => {
    expect(await codesOf(text, { env })).toBe(expected);
  });

  test("keeps its keys: a file that loses them is refused", async () => {
    const own = await startGateway(keyed, { env: { K: "k", HOST: "0.0.0.0" } });
    await own.write(open);
    expect(own.server.rollout.deployment.attempted).toMatchObject({
      state: "rejected",
      diagnostics: [{ code: "missing_key" }],
    });
    expect((await fetch(`http://127.0.0.1:${own.server.port}/v1/models`)).status).toBe(401);
    await own.stop();
  });
});

describe("a pull request cannot read", () => {
  const withKey = (reference: string) =>
    `providers: { p: { kind: openai, base_url: "http://127.0.0.1:1/v1", api_key: "${reference}" } }\nmodels: { chat: { targets: [p/x] } }`;
  const settings = [
    "ADMIN_KEY",
    "GIT_SYNC_WEBHOOK_SECRET",
    "GIT_SYNC_TOKEN_FILE",
    "GIT_SYNC_SSH_KEY",
    "DATA_DIR",
  ];

  test.each(settings)("the setting %s, in any place", async (name) => {
    const env = { [name]: "/tmp/of-the-gateway", UPSTREAM: "x" };
    const args = ["--data-dir", join(root, `data-${name}`)];
    for (const text of [
      withKey(`env:${name}`),
      withKey(`\${${name}}`),
      withKey("env:UPSTREAM").replace("kind: openai", `kind: openai, headers: { X: "\${${name}}" }`),
      withKey("env:UPSTREAM").replace("kind: openai", `kind: openai, query: { x: "\${${name}:-y}" }`),
      withKey("env:UPSTREAM").replace("127.0.0.1:1", `\${${name}}.example.com`),
      `${withKey("env:UPSTREAM")}\nauth: { keys: [{ id: k, secret: env:${name} }] }`,
    ])
      expect([text, await codesOf(text, { env, args })]).toEqual([
        text,
        expect.stringContaining("forbidden_reference"),
      ]);
  });

  beforeAll(() => {
    secretFile("provider", "sk-provider");
    secretFile("filed", "key-filed");
    writeFileSync(join(root, "outside"), "of-somebody-else");
    symlinkSync(join(root, "outside"), join(secretsDir, "leads-out"));
    symlinkSync(root, join(secretsDir, "directory-out"));
    mkdirSync(join(root, "secrets-of-others"));
    writeFileSync(join(root, "secrets-of-others", "key"), "of-others");
    // As Kubernetes mounts them.
    mkdirSync(join(secretsDir, "..2026_11_21"));
    writeFileSync(join(secretsDir, "..2026_11_21", "mounted"), "key-mounted");
    symlinkSync("..2026_11_21", join(secretsDir, "..data"));
    symlinkSync("..data/mounted", join(secretsDir, "mounted"));
    writeFileSync(join(secretsDir, "huge"), "x".repeat(65_537));
    writeFileSync(join(secretsDir, "empty"), "\n");
  });

  test.each([
    ["file:../outside", "forbidden_reference"],
    ["file:../secrets-of-others/key", "forbidden_reference"],
    ["file:leads-out", "forbidden_reference"],
    ["file:directory-out/outside", "forbidden_reference"],
    ["file:directory-out/secrets/filed", "serves"],
    [`file:${join(root, "outside")}`, "forbidden_reference"],
    ["file:/etc/passwd", "forbidden_reference"],
    ["file:/proc/self/environ", "forbidden_reference"],
    ["file:.", "forbidden_reference"],
    ["file:none", "unset_reference"],
    ["file:empty", "unset_reference"],
    ["file:huge", "unreadable_secret"],
    ["file:mounted", "serves"],
    ["file:provider", "serves"],
    [`file:${join(secretsDir, "provider")}`, "serves"],
  ])("%s: %s", async (reference, expected) => {
    expect(await codesOf(withKey(reference), {})).toBe(expected);
  });

  test("a link that is turned outwards while the gateway runs", async () => {
    secretFile("turning", "key-turning");
    const own = await startGateway(`${open}\nauth: { keys: [{ id: k, secret: file:turning }] }`, {
      args: ["--secrets-dir", secretsDir],
    });
    expect((await ask("key-turning", "chat", own)).status).toBe(200);
    rmSync(join(secretsDir, "turning"));
    symlinkSync(join(root, "outside"), join(secretsDir, "turning"));
    await until(async () => (await ask("key-turning", "chat", own)).status === 401, "the old key refused");
    expect((await ask("of-somebody-else", "chat", own)).status).toBe(401);
    await own.stop();
  });
});
