import { describe, expect, test } from "bun:test";
import { brief, testing, unlike } from "./scene.ts";

const routes = `
auth:
  teams: { crew: { limits: { rpm: 4 } } }
  keys:
    - { id: web, secret: env:WEB, models: [chat, small], limits: { rpm: 3, tpm: 1k } }
    - { id: old, secret: env:OLD, expires: 2025-12-31 }
    - { id: eye, secret: env:EYE, role: viewer }
    - { id: eu, secret: env:EU, any_tag: [eu] }
    - { id: rich, secret: env:RICH, team: crew, budget: { usd: 5, per: day } }
attribution: { user: "body:user" }
providers:
  a: { kind: openai, base_url: "http://a.test/v1", tags: [us], limits: { rpm: 5, concurrency: 2, tpr: 5k }, models: { "*": { price: { input: 1, output: 2 } } } }
  b: { kind: anthropic, base_url: "http://b.test/v1", tags: [eu], models: { "*": { price: { input: 3, output: 6 } } } }
  c: { kind: openai, base_url: "http://c.test/v1", tags: [eu, us], unsupported: refuse, models: { "*": { price: free } } }
models:
  chat: { targets: [a/one, b/two], defaults: { temperature: 0.5 }, overrides: { seed: 7 }, max: { max_tokens: 100 }, fallbacks: [small] }
  small: { targets: [c/three] }
  one: { targets: [a/one] }
  two: { targets: [b/two] }
  dice: { strategy: weighted, targets: [a/one, b/two, c/three] }
  same: { strategy: weighted, stick_to: user, targets: [a/one, b/two, c/three] }
  embed: { targets: [c/text-embedding-3-small] }
  gone: { deprecated: { use: chat, after: 2026-06-30 }, targets: [c/three] }
  "eu/*": { targets: ["b/*"] }
aliases: { gpt: chat }
default_model: small
failover:
  default: { retries: 1, backoff: { base: 1s, max: 1s } }
`;
const on = (...lines: readonly string[]) => unlike(routes, ...lines);

describe("a case holds", () => {
  test.each<readonly [string, readonly string[]]>([
    [
      "for the first target",
      ["send: { model: chat }", "expect: { status: 200, provider: a, model: chat, attempts: 1 }"],
    ],
    ["for an alias", ["send: { model: gpt }", "expect: { provider: a, model: chat }"]],
    ["for the default model", ["send: {}", "expect: { provider: c, model: small }"]],
    ["for a pattern, by any of its names", ["send: { model: eu/x }", "expect: { provider: b, model: eu/x }"]],
    ["for a pattern, by its own name", ["send: { model: eu/x }", 'expect: { model: "eu/*" }']],
    ["for an upstream model", ["send: { model: chat }", "expect: { model: a/one }"]],
    ["for embeddings", ["send: { model: embed, tokens: 40 }", "expect: { provider: c, cost_usd: 0 }"]],
    ["for a stream", ["send: { model: chat, stream: true }", "expect: { params: { stream: true } }"]],
    [
      "for outcomes in order, provider by provider",
      [
        "given: { providers: { a: [server, timeout], b: [auth] } }",
        "send: { model: chat }",
        "expect: { provider: c, model: small, fallback_from: chat, attempts: 4 }",
      ],
    ],
    [
      "for defaults, overrides and max",
      [
        "send: { model: chat, max_tokens: 500, params: { seed: 1, top_p: 0.9, stop: [a, b] } }",
        "expect: { params: { temperature: 0.5, seed: 7, max_tokens: 100, top_p: '>0.8', stop: [a, b], user: null }, warnings: 'max_tokens lowered from 500 to 100' }",
      ],
    ],
    [
      "for what a provider cannot take",
      [
        "given: { disabled: [provider a] }",
        "send: { model: chat, params: { logit_bias: { '5': 1 } } }",
        "expect: { provider: b, warnings: [logit_bias, seed] }",
      ],
    ],
    ["for no warnings", ["send: { model: small }", "expect: { warnings: [] }"]],
    [
      "for tools and images",
      [
        "send: { model: two, tools: true, images: true, tokens: 1k }",
        "expect: { provider: b, params: { tools: [{ type: function }] } }",
      ],
    ],
    [
      "for headers, whatever their case",
      [
        "send: { model: chat, key: web }",
        "expect: { headers: { X-Gateway-Provider: a, x-gateway-attempts: 1, x-ratelimit-limit-requests: 3, x-ratelimit-remaining-requests: 2, x-ratelimit-remaining-tokens: '<1000', x-gateway-fallback: null } }",
      ],
    ],
    [
      "for a deprecation",
      [
        "send: { model: gone }",
        "expect: { headers: { deprecation: true, sunset: 'Wed, 01 Jul 2026 00:00:00 GMT' } }",
      ],
    ],
    [
      "after a deprecation's date",
      [
        "given: { at: 2026-07-01 }",
        "send: { model: gone }",
        "expect: { status: 410, code: model_deprecated }",
      ],
    ],
    ["for a cost", ["send: { model: chat, tokens: 1000 }", "expect: { cost_usd: 0.00102 }"]],
    [
      "for tokens that the script says",
      [
        "given: { providers: { a: [{ tokens: { prompt: 2M, completion: 1M } }] } }",
        "send: { model: chat }",
        "expect: { cost_usd: '>=4' }",
      ],
    ],
    [
      "for a name that is not there",
      ["send: { model: nothing }", "expect: { status: 404, code: model_not_found }"],
    ],
    ["for a key that is not there", ["send: { model: chat, key: nobody }", "expect: { status: 401 }"]],
    ["for a key that has expired", ["send: { model: chat, key: old }", "expect: { code: invalid_api_key }"]],
    [
      "for a key before it expires",
      ["given: { at: 2025-12-31T23:59:59Z }", "send: { model: chat, key: old }", "expect: { status: 200 }"],
    ],
    ["for a role", ["send: { model: chat, key: eye }", "expect: { status: 403, code: role_not_allowed }"]],
    [
      "for a key's globs",
      ["send: { model: one, key: web }", "expect: { code: model_not_allowed, attempts: 0 }"],
    ],
    [
      "for a key's tags",
      ["send: { model: chat, key: eu }", "expect: { provider: b, not_used: [a, c/three], any_tag: [eu] }"],
    ],
    [
      "for a key that was taken away",
      ["given: { disabled: [key web] }", "send: { model: chat, key: web }", "expect: { status: 401 }"],
    ],
    [
      "for a model that was taken away",
      ["given: { disabled: [model chat] }", "send: { model: chat }", "expect: { status: 404 }"],
    ],
    [
      "for a target that was taken away",
      [
        "given: { disabled: [target a/one] }",
        "send: { model: chat }",
        "expect: { provider: b, not_used: [a] }",
      ],
    ],
    [
      "for nothing that is left",
      [
        "given: { disabled: [provider a] }",
        "send: { model: one }",
        "expect: { status: 503, code: no_target_available, attempts: 0 }",
      ],
    ],
    [
      "for a body that is wrong",
      ["send: { model: chat, params: { n: 0 } }", "expect: { status: 400, code: invalid_request }"],
    ],
    [
      "for what a provider refuses",
      ["send: { model: small, params: { logit_bias: {} } }", "expect: { status: 200 }"],
    ],
    [
      "for an upstream's own refusal",
      [
        "given: { providers: { a: [{ kind: bad_request, status: 422 }] } }",
        "send: { model: chat }",
        "expect: { status: 422, attempts: 1 }",
      ],
    ],
    [
      "for a status in place of a kind",
      [
        "given: { providers: { a: [{ status: 429, retry_after: 1h }] } }",
        "send: { model: chat }",
        "expect: { provider: b, attempts: 2 }",
      ],
    ],
    [
      "for Retry-After where nobody else is free",
      [
        "given: { providers: { b: [{ kind: rate_limited, retry_after: 20s }] } }",
        "send: { model: two }",
        "expect: { provider: b, attempts: 2, headers: { server-timing: 'gateway;dur=0, upstream;dur=20000' } }",
      ],
    ],
    [
      "for a Retry-After that is too long",
      [
        "given: { providers: { b: [{ kind: rate_limited, retry_after: 2m }] } }",
        "send: { model: two }",
        "expect: { status: 429, refused: { count: 1, retry_after: 2m }, headers: { retry-after: 120, x-should-retry: false } }",
      ],
    ],
    [
      "for a latency beyond the timeout",
      [
        "given: { providers: { b: [{ latency: 6m }] } }",
        "send: { model: two }",
        "expect: { status: 504, attempts: 1 }",
      ],
    ],
    [
      "for a stream whose first output comes too late",
      [
        "given: { providers: { b: [{ latency: 2m, ttft: 61s }] } }",
        "send: { model: two, stream: true }",
        "expect: { attempts: 2 }",
      ],
    ],
    [
      "for a stream that goes on for long",
      [
        "given: { providers: { b: [{ latency: 9m, ttft: 1s }] } }",
        "send: { model: two, stream: true }",
        "expect: { attempts: 1 }",
      ],
    ],
    ["for chance, by the seed", ["send: { model: dice, seed: 1 }", "expect: { provider: c }"]],
    [
      "for a budget that is spent",
      [
        "given: { spent: { rich: 5 } }",
        "send: { model: one, key: rich }",
        "expect: { code: budget_exceeded, limit: budget, refused: { retry_after: 24h } }",
      ],
    ],
    [
      "for a budget with room",
      ["given: { spent: { rich: 4.9 } }", "send: { model: chat, key: rich }", "expect: { status: 200 }"],
    ],
    [
      "for the tightest tokens per request",
      [
        "send: { model: one, tokens: 5001 }",
        "expect: { code: rate_limit_exceeded, limit: tpr, headers: { x-should-retry: false, retry-after: null } }",
      ],
    ],
  ])("%s", async (_, lines) => {
    expect(await on(...lines)).toEqual([]);
  });
});

describe("many requests", () => {
  test.each<readonly [string, readonly string[]]>([
    [
      "meet the window of a key",
      [
        "send: { model: chat, key: web, repeat: 4, every: 1s }",
        "expect: { accepted: 3, refused: { count: 1, limit: rpm, code: rate_limit_exceeded, retry_after: '<=60s' } }",
      ],
    ],
    [
      "find a window that has moved on",
      [
        "send: { model: chat, key: web, repeat: 5, every: 20s }",
        "expect: { accepted: 5, refused: { count: 0 } }",
      ],
    ],
    [
      "meet the limits of a team",
      [
        "send: { model: small, key: rich, repeat: 6, every: 1s }",
        "expect: { accepted: 4, refused: { count: 2, limit: rpm } }",
      ],
    ],
    [
      "are counted as tokens",
      [
        "send: { model: small, key: web, tokens: 400, max_tokens: 100, repeat: 3, every: 1s }",
        "expect: { accepted: 2, refused: { limit: tpm } }",
      ],
    ],
    [
      "move on where a provider is full",
      ["send: { model: chat, repeat: 6, every: 1s }", "expect: { provider: b, accepted: 6 }"],
    ],
    [
      "overlap while answers take longer than they are apart",
      [
        "given: { providers: { a: [{ latency: 10s }, { latency: 10s }, { latency: 10s }] } }",
        "send: { model: one, repeat: 3, every: 1s }",
        "expect: { accepted: 2, limit: concurrency, headers: { retry-after: 1 } }",
      ],
    ],
    [
      "do not overlap while they are not",
      [
        "given: { providers: { a: [{ latency: 900ms }, { latency: 900ms }, { latency: 900ms }] } }",
        "send: { model: one, repeat: 3, every: 1s }",
        "expect: { accepted: 3 }",
      ],
    ],
    [
      "spread by chance",
      ["send: { model: dice, repeat: 30, every: 1m }", "expect: { accepted: 30, only_tags: [us, eu] }"],
    ],
    [
      "of one user stay where they are",
      ["send: { model: same, user: bob, repeat: 30, every: 1m }", "expect: { not_used: [a, c] }"],
    ],
  ])("%s", async (_, lines) => {
    expect(await on(...lines)).toEqual([]);
  });
});

describe("for all", () => {
  test("the names that a glob stands for, each outage and none", async () => {
    const { results } = await testing(
      routes,
      'tests: [{ name: all, for_all: { model: "*", outage: any-one-provider }, expect: { status: ">=200" } }]',
    );
    const worlds = results[0]?.played.map(({ variant }) => `${variant.model} ${variant.outage ?? ""}`) ?? [];
    expect(worlds.filter((world) => world.startsWith("chat "))).toEqual(["chat ", "chat a"]);
    expect(worlds).toContain("eu/any b");
    expect(worlds).toContain("gpt a");
  });

  test("tells where it does not hold", async () => {
    const { diagnostics } = await testing(
      routes,
      'tests: [{ name: all, for_all: { model: "*", outage: any-one-provider }, expect: { not_used: [b] } }]',
    );
    expect(diagnostics.map(({ message }) => message)).toEqual([
      expect.stringMatching(
        /^"all" expected not_used no attempt at b, got an attempt at b\/two \(chat while a is down, and \d+ more like it\)\.$/,
      ),
    ]);
  });

  test("one model that the case itself names", async () => {
    expect(
      await on("for_all: { outage: any-one-provider }", "send: { model: chat }", "expect: { status: 200 }"),
    ).toEqual([]);
    expect(
      await on("for_all: { outage: any-one-provider }", "send: { model: two }", "expect: { status: 200 }"),
    ).toEqual([expect.stringMatching(/^status 200: 502 upstream_error/)]);
  });
});

describe("what does not hold is told with what came instead", () => {
  test.each<readonly [string, readonly string[]]>([
    ["expect: { status: 404 }", ["status 404: 200 (chat by a/one)"]],
    [
      "expect: { status: '>=400', code: no_target_available }",
      ["status >=400: 200 (chat by a/one)", "code no_target_available: 200 (chat by a/one)"],
    ],
    ["expect: { limit: rpm }", ["limit rpm: 200 (chat by a/one)"]],
    [
      "expect: { provider: b, model: small, attempts: 2, fallback_from: chat }",
      [
        "provider b: a",
        "model small: chat by a/one",
        "attempts 2: 1 (a ok)",
        "fallback_from chat: no fallback",
      ],
    ],
    [
      "expect: { params: { temperature: 1, seed: null, stop: x } }",
      ["params temperature 1: 0.5", "params seed absent: 7", 'params stop "x": absent'],
    ],
    [
      "expect: { headers: { x-gateway-provider: b, x-nothing: 1 } }",
      ['headers x-gateway-provider "b": a', "headers x-nothing 1: no such header"],
    ],
    ["expect: { warnings: [lost] }", ["warnings lost: no warnings"]],
    ["expect: { cost_usd: '<0.00001' }", ["cost_usd <0.00001: 0.00003"]],
    [
      "expect: { accepted: 2, refused: { count: '>=1', code: x, limit: rpm, retry_after: 1s } }",
      [
        "accepted 2: 1 of 1",
        "refused count >=1: 0 of 1",
        "refused code x: no request was refused",
        "refused limit rpm: no request was refused",
        "refused retry_after 1s: no request was refused",
      ],
    ],
    [
      "expect: { not_used: [b, a, a/one], only_tags: [eu], any_tag: [eu] }",
      [
        "not_used no attempt at a: an attempt at a/one",
        "not_used no attempt at a/one: an attempt at a/one",
        "only_tags eu: an attempt at a, which bears us",
        "any_tag eu: an attempt at a, which bears us",
      ],
    ],
  ])("%s", async (line, told) => {
    expect(await on("send: { model: chat }", line)).toEqual([...told]);
  });

  test("with the reason, where there is no answer", async () => {
    const why =
      'no answer: 404 model_not_found (The model "x" does not exist. GET /v1/models lists those that do.)';
    expect(
      await on(
        "send: { model: x }",
        "expect: { code: model_not_found, provider: a, model: chat, fallback_from: chat, cost_usd: 1, params: { n: 1 }, attempts: 1 }",
      ),
    ).toEqual([
      `provider a: ${why}`,
      `model chat: ${why}`,
      `fallback_from chat: ${why}`,
      "cost_usd 1: no known cost",
      "params n 1: no attempt",
      "attempts 1: 0",
    ]);
  });

  test("at the very value, one diagnostic each", async () => {
    const { diagnostics } = await testing(
      routes,
      `tests:
  - name: it
    send: { model: chat }
    expect:
      params:
        temperature: 0.5
        seed: 8
      not_used: [b, a]
  - name: them
    send: { model: chat, key: web, repeat: 4 }
    expect: { accepted: 4, refused: { count: 0 } }
`,
    );
    expect(
      diagnostics.map(({ line, column, code, message }) => `${line}:${column} ${code} ${message}`),
    ).toEqual([
      '8:15 test_failed "it" expected params seed 8, got 7.',
      '9:21 test_failed "it" expected not_used no attempt at a, got an attempt at a/one.',
      expect.stringMatching(
        /^12:25 test_failed "them" expected accepted 4, got 3 of 4; 1 refused with 429 rate_limit_exceeded \(Key "web" is over its rpm of 3/,
      ),
      expect.stringMatching(/^12:46 test_failed "them" expected refused count 0, got 1 of 4; 1 refused/),
    ]);
  });
});

test("only the cases that are asked for are run, and others have their turn between them", async () => {
  let pauses = 0;
  const tests = `tests:
  - { name: one, send: { model: chat }, expect: { provider: a } }
  - { name: two, send: { model: chat }, expect: { provider: b } }
  - { name: three, send: { model: chat }, expect: { provider: c } }`;
  const { results, diagnostics } = await testing(routes, tests, {
    only: /^t(wo|x)/,
    pause: async () => void pauses++,
  });
  expect(results.map(({ scene }) => scene.name)).toEqual(["two"]);
  expect(brief(diagnostics)).toEqual(["4:61 test_failed"]);
  expect(pauses).toBe(1);
});

test("others have their turn within a case of many requests, too", async () => {
  let pauses = 0;
  const tests = `tests:
  - { name: many, send: { model: chat, repeat: 1000, every: 1ms }, expect: { accepted: 1000 } }`;
  const { results, diagnostics } = await testing(routes, tests, {
    pause: async () => void pauses++,
    forgets: true,
  });
  expect(diagnostics).toEqual([]);
  expect(pauses).toBe(11);
  expect(results.map(({ played }) => played)).toEqual([[]]);
});
