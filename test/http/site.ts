import { expect } from "bun:test";
import { chat, type Running, startGateway } from "../support/gateway.ts";
import { gate } from "../support/until.ts";
import { answer, json, startUpstream, type Upstream } from "../support/upstream.ts";

export const keys = ["all", "narrow", "viewer", "boss", "rpm", "tpr", "conc", "rpd", "auto"] as const;
export type Key = (typeof keys)[number];
export const secretOf = (key: Key) => `secret-of-${key}`;

const said = (message: string, more: object = {}) => ({ error: { message, ...more } });
const longContext = said("too long", { type: "invalid_request_error", code: "context_length_exceeded" });
/** What a provider answers, by the name of the upstream model. */
const behaviours: Readonly<Record<string, () => Response | Promise<Response> | undefined>> = {
  good: () => undefined,
  s400: () => json(said("bad seed", { type: "invalid_request_error", code: "bad_seed", param: "seed" }), 400),
  s413: () => json(said("too big"), 413),
  s422: () => json({ detail: [{ loc: ["body", "top_k"], msg: "not a number" }] }, 422),
  context: () => json(longContext, 400),
  content: () => json(said("not nice", { code: "content_filter" }), 400),
  s401: () => json(said("who are you"), 401),
  s402: () => json(said("pay first"), 402),
  s429: () => json(said("slow down"), 429, { "retry-after": "7" }),
  s429late: () => json(said("slow down"), 429, { "retry-after": "600" }),
  s500: () => json(said("broken"), 500),
  silent: () => new Promise(() => {}),
};

/** A gateway with a model for everything that can go right or wrong, and who may ask it. */
export interface Site {
  readonly gateway: Running;
  readonly upstream: Upstream;
  readonly ask: (
    model: string,
    key?: Key,
    more?: object,
    headers?: Readonly<Record<string, string>>,
  ) => Promise<Response>;
  readonly post: (body: string | object, headers?: Record<string, string>) => Promise<Response>;
  readonly get: (path: string, headers?: Record<string, string>) => Promise<Response>;
  /** Lets the model `held` answer. */
  readonly release: () => void;
  readonly stop: () => Promise<void>;
}

export async function startSite(): Promise<Site> {
  const held = gate();
  const upstream = startUpstream(({ body }) =>
    body["model"] === "held" ? held.opened.then(() => answer(body)) : behaviours[String(body["model"])]?.(),
  );
  const gateway = await startGateway(
    `
http: { cors_origins: ["https://app.example.com"], max_body: 64KiB }
timeouts: { answer: 300ms }
auth:
  teams:
    people: { models: ["*", "!secret-*"] }
  keys:
    - { id: all, secret: env:ALL }
    - { id: narrow, secret: env:NARROW, team: people, models: ["good", "al*", "secret-*"] }
    - { id: viewer, secret: env:VIEWER, role: viewer }
    - { id: boss, secret: env:BOSS, role: admin }
    - id: rpm
      secret: env:RPM
      limits:
        rpm: 1 # the rule
        tpm: 100k
    - { id: tpr, secret: env:TPR, limits: { tpr: 10 } }
    - { id: auto, secret: env:AUTO, models: [auto] }
    - { id: conc, secret: env:CONC, limits: { concurrency: 1 } }
    - { id: rpd, secret: env:RPD, limits: { rpd: 1 } }
providers:
${["up", "bad", "poor", "late", "gone"].map((name) => `  ${name}: { kind: openai, base_url: "${upstream.url}/${name}", api_key: env:UPSTREAM }`).join("\n")}
  limited: { kind: openai, base_url: "${upstream.url}/limited", limits: { rpm: 40, tpm: 1M } }
  off: { kind: openai, base_url: "${upstream.url}", enabled: false }
models:
  good: { targets: [up/good], max: { max_tokens: 100 } }
  secret-plan: { targets: [up/good] }
  other: { targets: [up/good] }
  vendor/model: { targets: [up/good] }
  "wild-*": { targets: [up/good] }
  limited: { targets: [limited/good] }
  saved: { targets: [up/s500], fallbacks: [good] }
  hidden: { targets: [up/good], visible: false }
  switched-off: { targets: [up/good], enabled: false }
  unavailable: { targets: [off/good] }
  leaving: { targets: [up/good], deprecated: { use: good, after: 2099-12-31 } }
  left: { targets: [up/good], deprecated: { use: good, after: 2020-12-31 } }
  held: { targets: [{ provider: up, model: held, timeouts: { answer: 20s } }] }
  s429: { targets: [late/s429] }
  s429late: { targets: [gone/s429late] }
${["s400", "s413", "s422", "context", "content", "s500", "silent"].map((name) => `  ${name}: { targets: [up/${name}] }`).join("\n")}
  s401: { targets: [bad/s401] }
  s402: { targets: [poor/s402] }
aliases: { alias: good, leaving-alias: { to: good, deprecated: { after: 2099-06-30 } }, left-alias: { to: good, deprecated: { after: 2020-06-30 } }, secret-alias: other }
auto: { models: [good, other] }
failover: { default: { retries: 0, backoff: { base: 1ms, max: 2ms }, breaker: { failures: 1000, within: 30s, open_for: 1ms } } }
`,
    {
      env: {
        UPSTREAM: "sk-of-the-provider",
        ADMIN_KEY: "the-admin-key",
        ...Object.fromEntries(keys.map((key) => [key.toUpperCase(), secretOf(key)])),
      },
    },
  );
  const path = "/v1/chat/completions";
  return {
    gateway,
    upstream,
    ask: (model, key = "all", more = {}, headers = {}) =>
      gateway.post(path, chat(model, more), { ...as(key), ...headers }),
    post: (body, headers = as("all")) => gateway.post(path, body, headers),
    get: (to, headers = as("all")) => fetch(gateway.url + to, { headers }),
    release: held.open,
    stop: async () => {
      held.open();
      await gateway.stop();
      await upstream.stop();
    },
  };
}

export const bearer = (token: string) => ({ authorization: `Bearer ${token}` });
export const as = (key: Key) => bearer(secretOf(key));

export const requestId = /^req-[0-9a-f-]{36}$/;
export const config = /^1-[0-9a-f]{8}$/;

/** What a refusal has to be, to the letter. */
export interface Refused {
  readonly status: number;
  readonly code: string | null;
  readonly type: string;
  readonly param?: string;
  readonly message?: RegExp;
  /** Null: must not be there. */
  readonly headers?: Readonly<Record<string, string | RegExp | null>>;
}

export async function expectRefusal(response: Response, row: Refused): Promise<void> {
  const text = await response.text();
  const body = JSON.parse(text);
  expect([response.status, body]).toEqual([
    row.status,
    {
      error: {
        message: row.message === undefined ? expect.any(String) : expect.stringMatching(row.message),
        type: row.type,
        code: row.code,
        param: row.param ?? null,
      },
    },
  ]);
  expect(Object.keys(body.error)).toEqual(["message", "type", "code", "param"]);
  expect(response.headers.get("content-type")).toBe("application/json");
  expect(response.headers.get("x-request-id")).toMatch(requestId);
  for (const [name, value] of Object.entries(row.headers ?? {})) {
    const found = response.headers.get(name);
    if (value instanceof RegExp) expect(found ?? `no ${name}`).toMatch(value);
    else expect([name, found]).toEqual([name, value]);
  }
}
