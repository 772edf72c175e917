import { describe, expect, test } from "bun:test";
import { loginName } from "../../src/domain/service.ts";
import { base, brief, compileText, snapshotOf } from "./helpers.ts";

describe("targets", () => {
  test("short and long form mean the same, and the model defaults to the public name", () => {
    const { models } = snapshotOf(
      `${base}  gpt-x: { targets: [{ provider: one }, "two/claude/with/slashes"] }\n`,
    );
    expect(models.get("gpt-x")?.targets).toMatchObject([
      { provider: { name: "one" }, model: "gpt-x", weight: 1, enabled: true },
      { provider: { name: "two" }, model: "claude/with/slashes", weight: 1 },
    ]);
  });

  test("know their own place and that of each of their rules", () => {
    const { models } = snapshotOf(
      `${base}  small:\n    targets:\n      - provider: one\n        limits:\n          tpm: 2k\n          rpm: 10\n`,
    );
    expect(models.get("small")?.at).toEqual({ file: "routes.yaml", line: 7, column: 3 });
    expect(models.get("small")?.targets[0]).toMatchObject({
      at: { line: 9, column: 9 },
      limits: [
        { limit: "rpm", of: 10, at: { file: "routes.yaml", line: 12, column: 11 } },
        { limit: "tpm", of: 2000, at: { file: "routes.yaml", line: 11, column: 11 } },
      ],
    });
  });

  test("a * in a target needs one in the public name", () => {
    expect(snapshotOf(`${base}  "one/*": { targets: ["one/*"] }\n`).patterns[0]?.targets[0]?.model).toBe("*");
    expect(brief(compileText(`${base}  small: { targets: ["one/*", one/a] }\n`).diagnostics)).toContain(
      "7:22 wrong_type",
    );
  });
});

describe("providers", () => {
  test("have their kind's address, no slash at the end, and a pool whose members are named by their source", () => {
    const { providers } = snapshotOf(`version: 1
providers:
  a: { kind: mistral, api_key: ["\${SOME_KEY}", "file:keys/second", { id: third, key: env:THIRD, limits: { rpm: 5 } }] }
  b: { kind: openai, base_url: "http://127.0.0.1:11434/v1/", api_key_header: X-Api-Key }
models:
  chat: { targets: [a/x, b/y] }
`);
    expect(providers.get("a")?.baseUrl).toBe("https://api.mistral.ai/v1");
    expect(providers.get("a")?.pool).toMatchObject([
      { id: "SOME_KEY", ref: { kind: "env", name: "SOME_KEY" } },
      { id: "second", ref: { kind: "file", path: "keys/second" } },
      { id: "third", ref: { kind: "env", name: "THIRD" }, limits: [{ limit: "rpm", of: 5 }] },
    ]);
    expect(providers.get("b")).toMatchObject({
      baseUrl: "http://127.0.0.1:11434/v1",
      apiKeyHeader: "x-api-key",
      pool: [],
    });
  });

  test("order facts from exact names to ever shorter patterns", () => {
    const { providers } = snapshotOf(
      base.replace(
        '{ "*": { price: free } }',
        '{ "*": { context: 1k }, "gpt-*": {}, gpt-4o: { context: 128k }, "gpt-4*": { price: { input: 1, output: 2, request: 0.01 } } }',
      ),
    );
    const facts = providers.get("one")?.facts ?? [];
    expect(facts.map(({ model }) => model)).toEqual(["gpt-4o", "gpt-4*", "gpt-*", "*"]);
    expect(facts[0]).toMatchObject({ context: 128_000, price: null, limits: null });
    expect(facts[1]?.price).toEqual({
      input: 1,
      output: 2,
      cached_input: null,
      cache_write: null,
      request: 0.01,
    });
  });

  test("simulated ones behave as written", () => {
    const { providers } = snapshotOf(`version: 1
providers:
  demo: { kind: simulated, latency: 50ms, tokens_per_second: 200, fail: [{ kind: rate_limited, rate: 5% }] }
models:
  chat: { targets: [demo/x] }
`);
    expect(providers.get("demo")).toMatchObject({
      simulation: { latencyMs: 50, tokensPerSecond: 200, fail: [{ kind: "rate_limited", rate: 0.05 }] },
    });
  });

  test("private services keep their templates as written and their secrets as references", () => {
    const service = serviceOf(`
    login: { url: "https://llm.example.com/login", body: { user: env:U, pass: "\${P}" }, token: /t, cache: 30m }
    request: { path: /run, body: { input: $prompt, deep: [{ max: $max_tokens }] } }`);
    expect(service?.login).toMatchObject({
      url: "https://llm.example.com/login",
      body: { user: { kind: "env", name: "U" }, pass: { kind: "env", name: "P" } },
      token: "/t",
      expiresIn: null,
      cacheMs: 1_800_000,
    });
    expect(service?.templates).toEqual({
      path: "/run",
      body: { input: "$prompt", deep: [{ max: "$max_tokens" }] },
      answer: null,
      stream: null,
    });
  });

  test("what a private service's templates do not place is where OpenAI has it", () => {
    expect(serviceOf("\n    answer: { error: /fault }\n    stream: { text: /delta }")?.templates).toEqual({
      path: "/chat/completions",
      body: null,
      answer: {
        text: "/choices/0/message/content",
        promptTokens: "/usage/prompt_tokens",
        completionTokens: "/usage/completion_tokens",
        error: "/fault",
      },
      stream: { text: "/delta", done: "[DONE]" },
    });
    expect(serviceOf("")).toEqual({ login: null, templates: null });
  });

  test("the short login of a private service is a login like any other", () => {
    const url = '"https://llm.example.com/auth"';
    expect(
      serviceOf(`\n    auth_url: ${url}\n    username: ops\n    password: env:P\n    token_cache_hours: 0.5`)
        ?.login,
    ).toMatchObject({
      url: "https://llm.example.com/auth",
      body: { username: "ops", password: { kind: "env", name: "P" } },
      token: null,
      expiresIn: null,
      cacheMs: 1_800_000,
    });
    const short = serviceOf(`\n    auth_url: ${url}\n    username: env:U\n    password: env:P`)?.login;
    const long = serviceOf(
      `\n    login: { url: ${url}, body: { password: env:P, username: env:U }, cache: 8h }`,
    )?.login;
    expect(short && loginName(short)).toBe((long && loginName(long)) ?? "");
  });

  test("the fixed token of a private service is a pool of one", () => {
    const { providers } = snapshotOf(inhouse('\n    token: "file:tokens/llm"'));
    expect(providers.get("inhouse")?.pool).toMatchObject([
      { id: "llm", ref: { kind: "file", path: "tokens/llm" }, limits: [] },
    ]);
  });
});

/** A file with one private service, its own keys as given. */
const inhouse = (keys: string) => `version: 1
providers:
  inhouse:
    kind: request
    base_url: https://llm.example.com${keys}
models:
  chat: { targets: [inhouse/x] }
`;
const serviceOf = (keys: string) => snapshotOf(inhouse(keys)).providers.get("inhouse")?.service;

describe("models", () => {
  test("parameters take any JSON", () => {
    const { models } = snapshotOf(
      `${base}  small: { targets: [one/x], defaults: { stop: [a, null, { b: 1.5 }] }, overrides: { user: null }, max: { max_tokens: 8k } }\n`,
    );
    expect(models.get("small")).toMatchObject({
      defaults: { stop: ["a", null, { b: 1.5 }] },
      overrides: { user: null },
      max: { max_tokens: 8000 },
    });
  });

  test("fallbacks go by cause", () => {
    const { models } = snapshotOf(
      `${base}  small: { targets: [one/x], fallbacks: [chat] }\n  big: { targets: [one/y], fallbacks: { context_window: [small] } }\n`,
    );
    expect(models.get("small")?.fallbacks).toEqual({ any: ["chat"], context_window: [], content_policy: [] });
    expect(models.get("big")?.fallbacks).toEqual({ any: [], context_window: ["small"], content_policy: [] });
  });

  test("the policy named default stands in for the built-in one", () => {
    const plain = snapshotOf(base).models.get("chat")?.failover;
    expect(plain).toMatchObject({
      maxAttempts: 4,
      retries: 1,
      backoff: { baseMs: 250, maxMs: 4000 },
      deadlineMs: 90_000,
    });
    expect(plain?.on).toHaveLength(9);
    const own = snapshotOf(
      `${base}failover:\n  default: { retries: 0, on: [server, rate_limited] }\n`,
    ).models.get("chat");
    expect(own?.failover).toMatchObject({
      name: "default",
      retries: 0,
      maxAttempts: 4,
      on: ["rate_limited", "server"],
    });
  });

  test("patterns come longest first", () => {
    const { patterns } = snapshotOf(
      `${base}  "g*": { targets: [one/x] }\n  "gpt-4*": { targets: [one/x] }\n  "gpt-*": { targets: [one/x] }\n`,
    );
    expect(patterns.map(({ name }) => name)).toEqual(["gpt-4*", "gpt-*", "g*"]);
  });

  test("a name that a pattern matches may be referred to", () => {
    const { models, defaultModel } = snapshotOf(
      `${base}  "one/*": { targets: ["one/*"] }\n  small: { targets: [two/x], fallbacks: [one/anything] }\ndefault_model: one/else\n`,
    );
    expect(models.get("small")?.fallbacks.any).toEqual(["one/anything"]);
    expect(defaultModel).toBe("one/else");
  });
});

test("timeouts stand where they are set and nowhere else", () => {
  const snapshot = snapshotOf(
    `${base.replace("kind: openai,", "kind: openai, timeouts: { idle: 5s },")}timeouts: { total: 20m }\n`,
  );
  expect(snapshot.timeouts).toEqual({
    connect: 5000,
    first_byte: 60_000,
    idle: 60_000,
    answer: 300_000,
    total: 1_200_000,
  });
  expect(snapshot.providers.get("one")?.timeouts).toEqual({ idle: 5000 });
  expect(snapshot.models.get("chat")?.timeouts).toEqual({});
});

test("a snapshot cannot be changed", () => {
  const snapshot = snapshotOf(base);
  expect(Object.isFrozen(snapshot)).toBe(true);
  expect(Object.isFrozen(snapshot.models.get("chat")?.targets[0]?.provider.facts)).toBe(true);
});

describe("a key with a budget", () => {
  const routes = `version: 1
providers:
  one: { kind: openai, tags: [eu], models: { priced: { price: { input: 1, output: 2 } } } }
models:
  a: { targets: [one/priced] }
  b: { targets: [one/unpriced] }
  c: { targets: [one/priced], fallbacks: [b] }
aliases: { other: b }
`;
  const errors = (rules: string) => {
    const { diagnostics } = compileText(
      `${routes}auth: { keys: [{ id: k, secret: env:K, budget: { usd: 5, per: day }, ${rules} }] }\n`,
    );
    return brief(diagnostics.filter(({ severity }) => severity === "error"));
  };

  test.each([
    ["that may use all", "role: client", true],
    ["that may use the priced model only", "models: [a]", false],
    ["that may ask for it by an alias", "models: [other]", true],
    ["that reaches it through a fallback", "models: [c]", true],
    ["that is denied it", 'models: ["*", "!b", "!c"]', false],
    ["whose tags keep it out", "any_tag: [us]", false],
  ])("%s", (_, rules, refused) => {
    expect(errors(rules)).toEqual(refused ? ["6:18 no_price"] : []);
  });
});

describe("warnings", () => {
  test.each([
    ["one target and no fallback", "  small: { targets: [one/x] }\n", "7:3 single_target"],
    [
      "fallbacks at the same provider",
      "  s: { targets: [one/x], fallbacks: [t] }\n  t: { targets: [one/y, one/z] }\n",
      "7:38 same_provider_fallback",
    ],
    [
      "an rpd that is never reached",
      "  small: { targets: [two/x, { provider: one, limits: { rpm: 1, rpd: 10k } }] }\n",
      "7:64 unreachable_limit",
    ],
    ["a policy nobody names", "failover:\n  spare: { retries: 2 }\n", "8:3 unused"],
    [
      "a default model that is deprecated",
      "  old: { targets: [one/x, two/y], deprecated: { use: chat } }\ndefault_model: old\n",
      "8:16 deprecated_model",
    ],
  ])("%s", (_, text, expected) => {
    const { ok, diagnostics } = compileText(base + text);
    expect(ok).toBe(true);
    expect(brief(diagnostics)).toEqual([expected]);
    expect(diagnostics.every(({ severity }) => severity === "warning")).toBe(true);
  });

  test("a fallback with less room", () => {
    const text = base.replace(
      '{ "*": { price: free } }',
      '{ "*": { price: free }, big: { context: 200k }, little: { context: 8k } }',
    );
    const { diagnostics } = compileText(
      `${text}  a: { targets: [one/big, two/x], fallbacks: [b] }\n  b: { targets: [one/little], fallbacks: [chat] }\n`,
    );
    expect(brief(diagnostics)).toContain("7:47 smaller_context");
  });
});
