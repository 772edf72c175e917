// biome-ignore-all lint/suspicious/noTemplateCurlyInString: ${NAME} is a word of routes.yaml here.
import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { run } from "../../src/cli/run.ts";
import { formats } from "../../src/cli/validate/formats.ts";
import { type Child, runChild } from "../cli/child.ts";
import { keptShell } from "../cli/shell.ts";
import { chat } from "../support/gateway.ts";
import { until } from "../support/until.ts";
import { json, startUpstream, type Upstream } from "../support/upstream.ts";
import { behaviours, told } from "./telltale.ts";

setDefaultTimeout(20_000);

/** In every secret; wherever it turns up, one of them has leaked. */
const canary = "CaNaRy7f3a91";
const secret = {
  client: `ck-${canary}-client-0123456789`,
  clientFile: `ck-${canary}-file-0123456789`,
  provider: `sk-${canary}-provider-0123456789`,
  providerFile: `sk-${canary}-providerfile-0123456789`,
  quoted: `sk-"${canary}"\\quoted\\0123456789`,
  admin: `ak-${canary}-admin-0123456789`,
  header: `hk-${canary}-header-0123456789`,
  token: `tk-${canary}-token-0123456789`,
  literal: `sk-${canary}-literal-0123456789`,
};

const variables = {
  CLIENT_KEY: secret.client,
  PROVIDER_KEY: secret.provider,
  QUOTED_KEY: secret.quoted,
  VIEWER_KEY: "viewer",
  TENANT: secret.header,
  TENANT_USER: `user-${canary}`,
  ADMIN_KEY: secret.admin,
};

const directory = mkdtempSync(join(tmpdir(), "switchyard-canary-"));
const secretsDir = join(directory, "secrets");
let upstream: Upstream;
let gateway: Child;
let url: string;
/** Everything that a client was shown and that was no provider's successful answer. */
const shown: string[] = [];

/** How each kind of provider comes to its credential. Each behaviour is a provider of its own, so that none is set aside for another. */
const providers = {
  by_env: 'api_key: env:PROVIDER_KEY, headers: { X-Tenant: "${TENANT}" }',
  by_file: "api_key: file:provider",
  by_quoted: "api_key: [{ id: q, key: env:QUOTED_KEY }]",
  by_header: "api_key: env:PROVIDER_KEY, api_key_header: x-own-key",
  by_login: 'login: { url: "LOGIN/token", body: { user: env:TENANT_USER, pass: env:PROVIDER_KEY } }',
} as const;
type Kind = keyof typeof providers;
const kinds = Object.keys(providers) as readonly Kind[];
const each = (names: readonly string[], write: (kind: Kind, name: string) => string): string =>
  kinds.flatMap((kind) => names.map((name) => `  ${write(kind, name)}`)).join("\n");
const file = (names: readonly string[] = Object.keys(behaviours)) => `version: 1
logging: { interactions: full }
attribution: { user: ["header:x-user-id"], labels: { project: "header:x-project" } }
auth:
  keys:
    - { id: by-env, secret: env:CLIENT_KEY, limits: { rpm: 10k } }
    - { id: by-file, secret: file:client }
    - { id: viewer, secret: [env:VIEWER_KEY, "file:client-next"], role: viewer }
providers:
${each(names, (kind, name) => `${kind}_${name}: { kind: ${kind === "by_login" ? "request" : "openai"}, base_url: "${upstream.url}/${kind}/${name}", ${providers[kind].replace("LOGIN", upstream.url)} }`)}
  gone: { kind: openai, base_url: "http://127.0.0.1:1/v1", api_key: env:PROVIDER_KEY }
  denied: { kind: request, base_url: "${upstream.url}/denied", login: { url: "${upstream.url}/deny", body: { pass: env:PROVIDER_KEY } } }
models:
  gone: { targets: [gone/x] }
  denied: { targets: [denied/x] }
${each(names, (kind, name) => `${kind}-${name}: { targets: [${kind}_${name}/${name}] }`)}
failover: { default: { retries: 0, backoff: { base: 1ms, max: 1ms }, breaker: { failures: 1000, within: 30s, open_for: 1ms } } }
`;

beforeAll(async () => {
  upstream = startUpstream((request) => {
    if (request.path === "/v1/token") return json({ token: secret.token, you: request.body });
    if (request.path === "/v1/deny") return json({ message: `no: ${JSON.stringify(request.body)}` }, 403);
    return behaviours[String(request.body["model"])]?.(request);
  });
  mkdirSync(secretsDir);
  for (const [name, value] of [
    ["client", secret.clientFile],
    ["client-next", `${secret.clientFile}-next`],
    ["provider", secret.providerFile],
  ] as const)
    writeFileSync(join(secretsDir, name), `${value}\n`);
  writeFileSync(join(directory, "routes.yaml"), file());
  const flags = ["--port", "0", "--log-level", "trace", "--secrets-dir", "secrets"];
  gateway = runChild(directory, flags, variables);
  url = await gateway.serving();
});

afterAll(async () => {
  gateway.signal("SIGKILL");
  await gateway.exited;
  await upstream.stop();
  rmSync(directory, { recursive: true, force: true });
});

async function send(
  path: string,
  body: unknown,
  token: string,
  headers: Record<string, string> = {},
): Promise<Response> {
  return fetch(url + path, {
    method: body === null ? "GET" : "POST",
    headers: {
      authorization: `Bearer ${token}`,
      "content-type": "application/json",
      "x-user-id": "ann",
      "x-project": "p",
      ...headers,
    },
    ...(body === null ? {} : { body: typeof body === "string" ? body : JSON.stringify(body) }),
  });
}

/** Notes what a client was shown. */
async function note(response: Response): Promise<string> {
  const text = await response.text();
  shown.push([...response.headers].map((pair) => pair.join(": ")).join("\n"), text);
  return text;
}

/** After these a credential is set aside: once is all there is. */
const once = ["s401", "s429"];
const cases = kinds.flatMap((kind) =>
  Object.keys(behaviours).flatMap((name) =>
    (once.includes(name) ? [true] : [true, false]).map((stream) => [kind, name, stream] as const),
  ),
);

describe.serial("a provider that repeats what it was told", () => {
  test.each(cases)("%s, %s, streamed: %p", async (kind, name, stream) => {
    const seen = upstream.requests.length;
    const token = kind === "by_file" ? secret.clientFile : secret.client;
    const response = await send("/v1/chat/completions", chat(`${kind}-${name}`, { stream }), token);
    const asked = upstream.requests.slice(seen).find(({ path }) => path !== "/v1/token");
    // Otherwise this proves nothing: it was asked, and it had a secret to tell.
    expect(asked === undefined ? "never asked" : told(asked)).toContain(canary);
    if (name === "success") expect(await response.text()).toContain(canary);
    else expect(await note(response)).not.toContain(canary);
  });

  test("an auth server that does", async () => {
    const denied = await note(await send("/v1/chat/completions", chat("denied"), secret.client));
    expect(denied).toContain("the login was refused with 403: no: ");
    expect(denied).toContain("[secret]");
  });

  test("other failures", async () => {
    for (const token of [
      secret.client,
      secret.clientFile,
      secret.admin,
      secret.provider,
      `${secret.client}x`,
    ]) {
      await note(await send("/v1/chat/completions", chat("gone"), token));
      await note(await send("/v1/chat/completions", "{", token));
      await note(await send("/v1/embeddings", { model: "by_env-success", input: [1, "x"] }, token));
      await note(await send("/nowhere", null, token));
      await note(await send("/v1/models/none", null, token, { "x-request-id": "mine" }));
    }
    await note(
      await send("/v1/models", null, secret.client, {
        authorization: `Bearer ${secret.client}, Bearer ${secret.admin}`,
      }),
    );
  });
});

const literals: Readonly<Record<string, (good: string) => string>> = {
  "in api_key": (good) => good.replace("api_key: env:PROVIDER_KEY", `api_key: ${secret.literal}`),
  "in a pool": (good) => good.replace("key: env:QUOTED_KEY", `key: ${secret.literal}`),
  "in a client's secret": (good) => good.replace("secret: env:CLIENT_KEY", `secret: ${secret.literal}`),
  "in a list of secrets": (good) => good.replace("env:VIEWER_KEY", secret.literal),
  "behind a prefix of our own": (good) =>
    good.replace("env:PROVIDER_KEY", `"env:PROVIDER_KEY:-${secret.literal}"`),
  "in a base_url": (good) =>
    good.replace("http://127.0.0.1:1/v1", `http://user:${secret.literal}@127.0.0.1:1/v1`),
  "in the query of a base_url": (good) =>
    good.replace("http://127.0.0.1:1/v1", `http://127.0.0.1:1/v1?key=${secret.literal}`),
  "with a broken quote": (good) => good.replace("api_key: env:PROVIDER_KEY", `api_key: "${secret.literal}`),
  "of a wrong type": (good) =>
    good.replace("api_key: env:PROVIDER_KEY", `api_key: { key: [${secret.literal}] }`),
  "as a second of its kind": (good) =>
    good.replace("secret: env:CLIENT_KEY", `secret: env:CLIENT_KEY, secret: ${secret.literal}`),
  "under a misspelt name": (good) => good.replace("api_key: env:PROVIDER_KEY", `api_kee: ${secret.literal}`),
  "with a tag": (good) => good.replace("api_key: env:PROVIDER_KEY", `api_key: !secret ${secret.literal}`),
  "from a setting": (good) => good.replace("env:PROVIDER_KEY", "env:ADMIN_KEY"),
  "from an open variable": (good) => good.replace("api_key: env:PROVIDER_KEY", "api_key: env:TENANT"),
};

describe.serial("a bad file with a secret in it", () => {
  const refused = () => gateway.stdout().split("the configuration was refused").length - 1;

  test.each(Object.keys(literals))("%s, for the commands", async (name) => {
    const good = file(["plain"]);
    const bad = literals[name]?.(good) ?? "";
    expect([name, bad !== "" && bad !== good]).toEqual([name, true]);
    writeFileSync(join(directory, "bad.yaml"), bad);
    for (const command of commands) {
      const told = await toldBy(command);
      expect([command, told]).toEqual([command, expect.stringContaining("bad.yaml")]);
      expect([command, told]).toEqual([command, expect.not.stringContaining(canary)]);
    }
  });

  // One of each way to be refused: the log's own pace makes each of them slow.
  const kindsOfMistake = [
    "in api_key",
    "in a base_url",
    "with a broken quote",
    "of a wrong type",
    "from a setting",
  ];
  test.each(kindsOfMistake)("%s, for the gateway", async (name) => {
    const bad = literals[name]?.(file()) ?? "";
    const before = refused();
    writeFileSync(join(directory, "routes.yaml"), bad);
    gateway.signal("SIGHUP");
    await until(() => refused() > before, "refused");
    await note(await fetch(`${url}/health`));
  });

  test("is forgotten once it is good again", async () => {
    writeFileSync(join(directory, "routes.yaml"), file());
    gateway.signal("SIGHUP");
    await until(async () => (await (await fetch(`${url}/health`)).json()).status === "ok", "taken again");
  });
});

/** What reads a routing file, in every format that shows its mistakes. */
const commands: readonly (readonly string[])[] = [
  ...formats.map((format) => ["validate", "bad.yaml", "--format", format]),
  ["fmt", "bad.yaml", "--check"],
  ["plan", "routes.yaml", "bad.yaml"],
  ["plan", "bad.yaml", "routes.yaml"],
  ["test", "bad.yaml"],
  ["route", "gone", "--config", "bad.yaml"],
  ["models", "--config", "bad.yaml"],
  ["probe", "gone", "--config", "bad.yaml"],
  ["chat", "gone", "Hello", "--config", "bad.yaml"],
];

/** All that a command prints, and what it adds to the summary of a step. */
async function toldBy([name = "", ...words]: readonly string[]): Promise<string> {
  const summary = join(directory, "summary.md");
  writeFileSync(summary, "");
  const { shell, out, err } = keptShell({ env: { ...variables, GITHUB_STEP_SUMMARY: summary } });
  await run([name, ...words.map((word) => (word.endsWith(".yaml") ? join(directory, word) : word))], shell);
  return [out(), err(), readFileSync(summary, "utf8")].join("\n");
}

describe.serial("nothing of it", () => {
  test("is in any answer of ours", async () => {
    for (const path of [
      "/health",
      "/v1/health",
      "/v1/models",
      "/models",
      "/metrics",
      "/metrics/models",
      "/metrics/trends?group_by=key",
      "/docs",
      "/docs/json",
      "/admin",
      "/admin/api/status",
      "/admin/api/history",
      "/admin/api/generations/1",
      "/admin/api/diff?from=1",
      "/admin/api/audit",
    ]) {
      for (const token of [secret.client, secret.admin]) {
        await note(await send(path, null, token));
        await note(await send(path, null, token, { accept: "text/plain" }));
      }
    }
    expect(shown.length).toBeGreaterThan(200);
    expect(shown.filter((text) => text.includes(canary))).toEqual([]);
  });

  test("is in a log, a database or on a screen, while it runs and once it has ended", async () => {
    expectClean();
    gateway.signal("SIGTERM");
    expect(await gateway.exited).toBe(0);
    expectClean();
    const interactions = filesOf(join(directory, "logs")).filter((path) => path.includes("interactions"));
    // Full interactions were written: what is not there was taken out.
    expect(interactions.map((path) => readFileSync(path, "utf8")).join("")).toContain("[secret]");
    expect([gateway.stdout(), gateway.stderr()].join("")).toContain("literal_secret");
  });
});

function expectClean(): void {
  const files = [...filesOf(join(directory, "data")), ...filesOf(join(directory, "logs"))];
  expect(files.some((path) => path.endsWith("switchyard.sqlite"))).toBe(true);
  expect(files.some((path) => path.endsWith("state.sqlite"))).toBe(true);
  expect(files.filter((path) => readFileSync(path).includes(canary))).toEqual([]);
  expect(gateway.stderr()).not.toContain(canary);
  expect(gateway.stdout()).not.toContain(canary);
}

const filesOf = (folder: string): readonly string[] =>
  readdirSync(folder, { recursive: true, encoding: "utf8" })
    .map((name) => join(folder, name))
    .filter((path) => statSync(path).isFile());
