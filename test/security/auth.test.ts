import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import { mkdirSync, mkdtempSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { chat, type Running, startGateway } from "../support/gateway.ts";
import { until } from "../support/until.ts";
import { startUpstream, type Upstream } from "../support/upstream.ts";

setDefaultTimeout(20_000);

const root = mkdtempSync(join(tmpdir(), "switchyard-auth-"));
const secretsDir = join(root, "secrets");
const secretFile = (name: string, value: string) => writeFileSync(join(secretsDir, name), value);
const digest = (text: string) => new Bun.CryptoHasher("sha256").update(text).digest("hex");

let upstream: Upstream;
let gateway: Running;
const env = {
  PLAIN: "key-plain",
  FIRST: "key-first",
  EXPIRED: "key-expired",
  LASTING: "key-lasting",
  LASTING_TOO: "key-lasting-too",
  VIEWER: "key-viewer",
  ADMIN: "key-admin",
  TEAM: "key-team",
  GLOBS: "key-globs",
  TAGS: "key-tags",
  SPACED: "key with spaces",
  UPSTREAM: "sk-one",
};

const yaml = () => `
auth:
  teams:
    research: { models: ["gpt-*", "!gpt-secret"], limits: { rpm: 1000 } }
    europe: { any_tag: [eu] }
  keys:
    - { id: plain, secret: env:PLAIN }
    - { id: filed, secret: file:filed }
    - { id: rotating, secret: file:rotating }
    - { id: hashed, secret: "sha256:${digest("key-hashed")}" }
    - { id: several, secret: [env:FIRST, file:second, "sha256:${digest("key-third").toUpperCase()}"] }
    - { id: fleeting, secret: [file:fleeting, env:LASTING_TOO] }
    - { id: expired, secret: env:EXPIRED, expires: 2020-01-31 }
    - { id: lasting, secret: env:LASTING, expires: 2099-12-31 }
    - { id: viewer, secret: env:VIEWER, role: viewer }
    - { id: admin, secret: env:ADMIN, role: admin }
    - { id: team, secret: env:TEAM, team: research, models: ["*", "!gpt-5"] }
    - { id: globs, secret: env:GLOBS, models: ["gpt-*", "vendor/*", "!*-secret", "!vendor/x/*"] }
    - { id: tags, secret: env:TAGS, team: europe }
providers:
  us: { kind: openai, base_url: "${upstream.url}/us", tags: [us] }
  eu: { kind: openai, base_url: "${upstream.url}/eu", tags: [eu, gdpr] }
  filed: { kind: openai, base_url: "${upstream.url}/filed", api_key: file:provider }
models:
  gpt-4: { targets: [us/x] }
  gpt-5: { targets: [us/x] }
  gpt-secret: { targets: [us/x] }
  vendor/x/y: { targets: [us/x] }
  "vendor/*": { targets: [us/x] }
  other: { targets: [us/x] }
  both: { targets: [us/x, eu/x] }
  only-us: { targets: [us/x], fallbacks: [only-eu] }
  only-eu: { targets: [eu/x] }
  filed: { targets: [filed/x] }
aliases: { best: gpt-4, secret-alias: gpt-secret, "gpt-alias": other }
`;

beforeAll(async () => {
  upstream = startUpstream();
  mkdirSync(secretsDir);
  secretFile("filed", "  key-filed\n");
  secretFile("second", "key-second");
  secretFile("fleeting", "key-fleeting");
  secretFile("rotating", "key-old");
  secretFile("provider", "sk-old");
  gateway = await startGateway(yaml(), { env, args: ["--secrets-dir", secretsDir] });
});

afterAll(async () => {
  await gateway.stop();
  await upstream.stop();
  rmSync(root, { recursive: true, force: true });
});

const ask = (key: string, model = "gpt-4", on = gateway) =>
  on.post("/v1/chat/completions", chat(model), { authorization: `Bearer ${key}` });
const outcome = async (response: Response) =>
  response.status === 200 ? 200 : `${response.status} ${(await response.json()).error.code}`;

describe.concurrent("a key", () => {
  test.each(["plain", "filed", "hashed", "first", "second", "third", "lasting", "admin", "team"])(
    "is known by its secret: key-%s",
    async (name) => {
      expect((await ask(`key-${name}`)).status).toBe(200);
    },
  );

  test.each([
    "key-expired",
    "key-plai",
    "key-plain2",
    "KEY-PLAIN",
    "plain",
    "env:PLAIN",
    "file:filed",
    digest("key-hashed"),
    `sha256:${digest("key-hashed")}`,
    digest("key-plain"),
    "undefined",
    "null",
    "[secret]",
    "__proto__",
  ])("is no other text: %s", async (token) => {
    expect(await outcome(await ask(token))).toBe("401 invalid_api_key");
  });

  test("does not tell why it is refused: unknown and expired read alike", async () => {
    const [unknown, expired] = [await ask("key-nobody"), await ask("key-expired")];
    expect(await expired.json()).toEqual(await unknown.json());
  });

  test("in a file is the new one within about a second, with no new generation; the old one is refused", async () => {
    const label = async (key: string) => (await ask(key)).headers.get("x-gateway-config");
    const before = await label("key-old");
    const began = performance.now();
    secretFile("rotating.new", "key-rotated");
    renameSync(join(secretsDir, "rotating.new"), join(secretsDir, "rotating"));
    await until(async () => (await ask("key-rotated")).status === 200, "the new key accepted");
    expect(performance.now() - began).toBeLessThan(2_500);
    expect(await outcome(await ask("key-old"))).toBe("401 invalid_api_key");
    expect(await label("key-rotated")).toBe(before);
  });

  test("of a provider in a file is used within about a second, with no new generation", async () => {
    const used = async () => {
      expect((await ask("key-plain", "filed")).status).toBe(200);
      return upstream.requests
        .findLast(({ path }) => path.startsWith("/v1/filed/"))
        ?.headers.get("authorization");
    };
    expect(await used()).toBe("Bearer sk-old");
    secretFile("provider", "sk-new\n");
    await until(async () => (await used()) === "Bearer sk-new", "the new key sent");
  });

  test("whose file is gone is refused, and the others are not", async () => {
    expect((await ask("key-fleeting")).status).toBe(200);
    rmSync(join(secretsDir, "fleeting"));
    await until(async () => (await ask("key-fleeting")).status === 401, "the key refused");
    expect((await ask("key-lasting-too")).status).toBe(200);
  });
});

describe("a role", () => {
  const table: readonly (readonly [string, string, string | number])[] = [
    ["plain", "/v1/models", 200],
    ["viewer", "/v1/models", "403 role_not_allowed"],
    ["admin", "/v1/models", 200],
    ["plain", "/metrics", "403 role_not_allowed"],
    ["viewer", "/metrics", 200],
    ["admin", "/metrics", 200],
    ["expired", "/metrics", "401 invalid_api_key"],
  ];
  test.each(table)("%s at %s", async (key, path, expected) => {
    const response = await fetch(gateway.url + path, { headers: { authorization: `Bearer key-${key}` } });
    expect(await outcome(response)).toBe(expected);
  });

  test("viewer may not chat", async () => {
    expect(await outcome(await ask("key-viewer"))).toBe("403 role_not_allowed");
  });
});

describe("what a key may use", () => {
  const denied = "403 model_not_allowed";
  test.each<[string, string, string | number]>([
    ["globs", "gpt-4", 200],
    ["globs", "gpt-secret", denied],
    ["globs", "vendor/anything", 200],
    ["globs", "vendor/a/b", 200],
    ["globs", "vendor/x/y", denied],
    ["globs", "vendor/x/z", denied],
    ["globs", "other", denied],
    // Either name is enough: the one asked for, or what it stands for.
    ["globs", "best", 200],
    ["globs", "gpt-alias", 200],
    // And either is enough to deny.
    ["globs", "secret-alias", denied],
    ["globs", "nothing", "404 model_not_found"],
    // Its own rules and its team's.
    ["team", "gpt-4", 200],
    ["team", "gpt-5", denied],
    ["team", "gpt-secret", denied],
    ["team", "other", denied],
    ["team", "vendor/a", denied],
    ["plain", "gpt-secret", 200],
  ])("%s: %s", async (key, model, expected) => {
    expect(await outcome(await ask(`key-${key}`, model))).toBe(expected);
  });

  test.each([
    ["both", "eu"],
    ["only-us", "eu"],
    ["only-eu", "eu"],
  ])("by tags: %s is served by %s", async (model, provider) => {
    const response = await ask("key-tags", model);
    expect([response.status, response.headers.get("x-gateway-provider")]).toEqual([200, provider]);
    expect(upstream.requests.at(-1)?.path).toStartWith(`/v1/${provider}/`);
  });

  test("by tags: without a provider that bears one, 503 and no request", async () => {
    const before = upstream.requests.length;
    const response = await ask("key-tags", "gpt-4");
    expect(await outcome(response)).toBe("503 no_target_available");
    expect(upstream.requests.length).toBe(before);
  });

  test("fallbacks are not checked against its globs", async () => {
    const own = await startGateway(
      `auth: { keys: [{ id: k, secret: env:K, models: [a] }] }
providers: { dead: { kind: openai, base_url: "http://127.0.0.1:1/v1" }, up: { kind: openai, base_url: "${upstream.url}" } }
models: { a: { targets: [dead/x], fallbacks: [b] }, b: { targets: [up/x] } }`,
      { env: { K: "k" } },
    );
    const response = await ask("k", "a", own);
    expect([response.status, response.headers.get("x-gateway-model")]).toEqual([200, "b"]);
    expect((await ask("k", "b", own)).status).toBe(403);
    await own.stop();
  });
});
