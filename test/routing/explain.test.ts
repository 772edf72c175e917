import { describe, expect, setDefaultTimeout, test } from "bun:test";
import fc from "fast-check";
import { failureKinds } from "../../src/domain/failure.ts";
import { translate } from "../../src/gateway/upstream/translate.ts";
import { VirtualClock } from "../../src/simulate/clock.ts";
import { playing } from "../../src/simulate/explain/fault.ts";
import { asked, type Question } from "../../src/simulate/explain/question.ts";
import { readQuestion } from "../../src/simulate/explain/read.ts";
import { type Explanation, explain } from "../../src/simulate/explain.ts";
import { impatient } from "../../src/simulate/patience.ts";
import { type Oracle, runAlone } from "../../src/simulate/run.ts";
import { enter } from "../../src/simulate/scenario/door.ts";
import { scriptedBy } from "../../src/simulate/scenario/outcome.ts";
import { type WorldOptions, worldOf } from "../../src/simulate/world.ts";
import { noon } from "../support/scene.ts";
import { snapshotOf } from "../support/snapshot.ts";

setDefaultTimeout(20_000);

const file = `version: 1
auth:
  teams:
    search: { models: [chat, small, auto, "!vendor/secret*"], any_tag: [eu], limits: { rpm: 3k }, budget: { usd: 10, per: day } }
  keys:
    - { id: web, secret: env:WEB, team: search, limits: { rpm: 2, tpr: 2000 } }
    - { id: old, secret: env:OLD, expires: 2020-01-01 }
    - { id: seer, secret: env:SEER, role: viewer }
    - { id: picky, secret: env:PICKY, models: ["!small"] }
    - { id: poor, secret: env:POOR, budget: { usd: 0.001, per: month } }
attribution: { user: "header:x-user" }
providers:
  pool:
    kind: openai
    api_key: [env:A, { id: spare, key: env:B, limits: { tpm: 3k } }]
    tags: [us]
    overrides: { store: false, user: null }
    limits: { rpm: 500, tpr: 128k, concurrency: 64 }
    models: { "*": { price: { input: 2.5, output: 10 }, context: 16k, limits: { rpm: 10k } } }
  local: { kind: openai, base_url: "http://127.0.0.1:1/v1", tags: [eu], models: { "*": { price: free } } }
  claude: { kind: anthropic, api_key: env:C, tags: [eu, us], models: { "*": { price: { input: 3, output: 15 } } }, defaults: { top_k: 5 } }
models:
  chat:
    strategy: weighted
    stick_to: user
    targets:
      - { provider: pool, model: gpt-4o, weight: 3, limits: { rpm: 100 }, defaults: { temperature: 0.2 } }
      - { provider: local, model: llama }
      - { provider: claude, model: sonnet, enabled: false }
    defaults: { temperature: 0.7, max_tokens: 1000 }
    overrides: { seed: 7 }
    max: { max_tokens: 150 }
    failover: brave
    fallbacks: { any: [off, small], context_window: [long] }
  off: { targets: [local/x], enabled: false }
  small: { targets: [claude/haiku, pool/mini, local/tiny], strategy: cost }
  long: { targets: [claude/long], visible: false }
  going: { targets: [local/y], deprecated: { use: small, after: 2099-12-31 } }
  gone: { targets: [local/y], deprecated: { after: 2020-12-31 } }
  both: { targets: [pool/a, claude/b] }
  "vendor/*": { targets: ["pool/*"] }
aliases: { gpt-4: { to: chat, deprecated: { after: 2099-01-01 } }, best: gpt-4 }
auto: { models: [small, chat, off, going], strategy: cost }
default_model: small
failover:
  brave:
    { max_attempts: 6, retries: 2, backoff: { base: 100ms, max: 1s }, deadline: 30s, breaker: { failures: 2, within: 30s, open_for: 10s }, on: [server, rate_limited, timeout, auth] }
`;
const snapshot = snapshotOf(file);
const lines = file.split("\n");

const world = (options: Partial<WorldOptions> = {}) =>
  worldOf(snapshot, { clock: new VirtualClock(noon), ...options });

function questionOf(body: Readonly<Record<string, unknown>>): Question {
  const question = readQuestion(snapshot, body);
  if (!question.ok) throw new Error(`${question.error.param} has to be ${question.error.wants}`);
  return question.value;
}

/** Each step with what stands in the file where it points, as `text @ rpm: 500`. */
const told = ({ steps }: Explanation): readonly string[] =>
  steps.map(({ text, line, column }) => {
    const written =
      line === null || column === null
        ? ""
        : (lines[line - 1]?.slice(column - 1, column + 13) ?? "?").trimEnd();
    return `${text} @ ${written}`;
  });

const ask = async (body: Readonly<Record<string, unknown>>, options?: Partial<WorldOptions>) =>
  told(await explain(world(options), questionOf(body)));

describe("an explanation tells, at its line,", () => {
  test.each<[string, Record<string, unknown>, readonly string[]]>([
    [
      "aliases, the model and what is going away",
      { model: "best" },
      [
        "best is an alias of gpt-4 @ best: gpt-4 }",
        "gpt-4 is an alias of chat @ gpt-4: { to: c",
        "chat is served by pool/gpt-4o, local/llama, claude/sonnet @ chat:",
        "gpt-4 is deprecated, served until 2099-01-01 @ deprecated: {",
      ],
    ],
    ["patterns", { model: "vendor/x" }, ['vendor/* takes vendor/x and is served by pool/* @ "vendor/*": {']],
    ["names that lead nowhere", { model: "nobody" }, ["no model, alias or pattern is called nobody @"]],
    ["models that are off", { model: "off" }, ["off is off @ enabled: false"]],
    ["models for fallbacks", { model: "long" }, ["long is for fallbacks only @ visible: false"]],
    [
      "models that are gone",
      { model: "gone" },
      ["gone is deprecated, served until 2020-12-31 @ deprecated: {"],
    ],
    [
      "which glob let a key and its team in",
      { model: "chat", key: "web" },
      ['team search may use chat: "chat" allows it @ chat, small, a'],
    ],
    [
      "which glob kept a key out",
      { model: "small", key: "picky" },
      ['key picky may not use small: "!small" denies it @ "!small"] }', "403 model_not_allowed"],
    ],
    [
      "that no glob allows a name",
      { model: "both", key: "web" },
      ["team search may not use both: none of chat, small, auto, !vendor/secret* allows it @ models: [chat,"],
    ],
    [
      "that a key has expired",
      { model: "chat", key: "old" },
      ["key old has expired: its last day was 2020-01-01 @ expires: 2020-", "401 invalid_api_key"],
    ],
    [
      "that a role may not ask",
      { model: "chat", key: "seer" },
      ["key seer has the role viewer, which asks nothing of models @ role: viewer ", "403 role_not_allowed"],
    ],
    ["that no key's rules apply", { model: "small" }, ["asked without a key, so no key's rules apply @"]],
    [
      "what auto stands for, and who comes first",
      { model: "auto", key: "web", tokens: 100, max_tokens: 10 },
      [
        "auto stands for small, chat, off, going @ auto: { models",
        'team search may use going: "auto" allows it @ auto, "!vendor',
        "off is off @ enabled: false",
        "cost puts first who is cheapest for this request (small $0.00, chat $0.00, going $0.00): small, then chat, then going @ auto: { models",
        "small is served by claude/haiku, pool/mini, local/tiny @ small: { targe",
      ],
    ],
    [
      "tags that a target bears, and lacks",
      { model: "chat", key: "web" },
      [
        "pool/gpt-4o is passed over: provider pool bears none of the tags eu @ any_tag: [eu],",
        "provider local bears the tag eu, as team search asks @ any_tag: [eu],",
      ],
    ],
    [
      "targets that are off",
      { model: "chat" },
      ["claude/sonnet is passed over: the target is disabled in the file @ enabled: false"],
    ],
    [
      "the order of a strategy and its figures",
      { model: "small", tokens: 1000, max_tokens: 100 },
      [
        "cost puts first who is cheapest for this request (claude/haiku $0.0045, pool/mini $0.0035, local/tiny $0.00): local/tiny, then pool/mini, then claude/haiku @ strategy: cost",
      ],
    ],
    [
      "every limit on the way, with its numbers",
      { model: "vendor/x", tokens: 1000, max_tokens: 100 },
      [
        "pool/x has a context of 16,000: about 1,100 tokens fit @ context: 16k,",
        "provider pool rpm: 0 used + 1 ≤ 500 @ rpm: 500, tpr:",
        "provider pool tpr: 1,100 ≤ 128,000 @ tpr: 128k, con",
        "provider pool concurrency: 0 used + 1 ≤ 64 @ concurrency: 6",
        "upstream model pool/* rpm: 0 used + 1 ≤ 10,000 @ rpm: 10k } } }",
        "pool/x at $2.50 in, $10.00 out per million tokens: about $0.0035 for an estimated 1,000 + 100 tokens @ price: { input",
        "pool/x at $2.50 in, $10.00 out per million tokens: $0.0026 for 1,000 + 10 tokens @ price: { input",
      ],
    ],
    [
      "limits of who asks",
      { model: "chat", key: "web", tokens: 100 },
      [
        "key web rpm: 0 used + 1 ≤ 2 @ rpm: 2, tpr: 2",
        "key web tpr: 250 ≤ 2,000 @ tpr: 2000 } }",
        "team search rpm: 0 used + 1 ≤ 3,000 @ rpm: 3k }, bud",
        "team search budget_day: $0.00 used + $0.00 ≤ $10.00 @ usd: 10, per:",
      ],
    ],
    [
      "the limit that refuses, once",
      { model: "small", key: "web", tokens: 5000 },
      [
        "key web tpr: 5,000 > 2,000: it can never fit @ tpr: 2000 } }",
        '429 rate_limit_exceeded: Key "web" allows 2000 tokens per request (tpr) and this one may take 5000, set at routes.yaml:6:67. It can never fit: make the request smaller. @ tpr: 2000 } }',
      ],
    ],
    [
      "a context that is too small",
      { model: "vendor/x", tokens: 20_000 },
      [
        "pool/x is passed over: about 20000 tokens do not fit a context of 16000 @ context: 16k,",
        "503 no_target_available",
      ],
    ],
    [
      "retries, backoff, an open circuit, the next target and the fallback",
      { model: "chat", fail: { pool: "server", local: "rate_limited,retry_after=20s,latency=2s" }, seed: 3 },
      [
        "attempt 1: local/llama → rate_limited (429, Retry-After 20 s, scripted, after 2 s) @ { provider: lo",
        "goes on: policy brave does so after rate_limited @ on: [server, r",
        "local/llama is passed over: provider local is cooling down after a 429, for another 20 s @ local: { kind:",
        "asks pool again: retry 1 of 2 that policy brave allows a target @ retries: 2, ba",
        "the circuit opens for 10 s: 2 failures within 30 s @ breaker: { fai",
        "goes on with another API key: policy brave does so after server @ on: [server, r",
        "the fallback off is passed over: it is off @ off, small], c",
        "chat falls back to small @ small], contex",
        "local/tiny is passed over: provider local is cooling down after a 429, for another 19.8 s @ local: { kind:",
        "attempt 5: pool/mini by API key spare → server (500, scripted) @ pool/mini, loc",
        "stops: policy brave makes at most 6 attempts @ max_attempts:",
      ],
    ],
    [
      "fallbacks by cause",
      { model: "chat", fail: { pool: "context_window", local: "context_window" } },
      [
        "goes on: context_window has fallbacks of its own @ fallbacks: { a",
        "chat falls back to long @ long] }",
      ],
    ],
    [
      "what a policy does not go on after",
      { model: "chat", fail: { pool: "not_found", local: "not_found" } },
      ["stops: policy brave does not go on after not_found @ on: [server, r"],
    ],
    [
      "the caller's own fault",
      { model: "both", fail: { pool: "bad_request" } },
      ["stops: bad_request is the request's own doing, and would be met elsewhere too @", "400:"],
    ],
    [
      "the most attempts",
      { model: "chat", fail: { pool: "server", local: "server", claude: "server" } },
      ["stops: policy brave makes at most 6 attempts @ max_attempts:"],
    ],
    [
      "the deadline",
      { model: "chat", fail: { pool: "server,latency=40s", local: "server,latency=40s" } },
      ["stops: another attempt would begin after the deadline of 30 s (policy brave) @ deadline: 30s,"],
    ],
    [
      "that nobody is left",
      { model: "vendor/x", fail: { pool: "auth" } },
      ["stops: nobody is left to ask @", "502 upstream_credentials"],
    ],
    [
      "a Retry-After that is waited for",
      { model: "going", fail: { local: "rate_limited:1,retry_after=3s" } },
      [
        "asks local again: retry 1 of 1 that the built-in policy allows a target @",
        "waits 3 s, as its Retry-After asks @",
        "nobody else is free, so local is asked again @",
        "attempt 2: local/y answers as going @ local/y], depr",
      ],
    ],
    [
      "who set each parameter, and what was sent",
      { model: "chat", max_tokens: 500, fail: { local: "auth" } },
      [
        "temperature 0.2 comes from defaults of the target pool/gpt-4o @ temperature: 0",
        "max_tokens is lowered to 150 by max of chat @ max_tokens: 15",
        "store false comes from overrides of provider pool @ store: false,",
        "user is removed by overrides of provider pool @ user: null }",
        "seed 7 comes from overrides of chat @ seed: 7 }",
        'sent to https://api.openai.com/v1/chat/completions: { "temperature": 0.2, "messages": [ { "role": "user", "content": "…" } ], "max_tokens": 150, "store": false, "seed": 7, "model": "gpt-4o" } @ { provider: po',
      ],
    ],
    [
      "what a provider cannot take",
      { model: "chat", fail: { pool: "auth", local: "auth" } },
      ["seed dropped: Anthropic has no counterpart @"],
    ],
    [
      "the keys of a pool",
      { model: "vendor/x", tokens: 5000 },
      ['passed over: API key "pool/spare"', "API key A of pool is used @ env:A, { id: s"],
    ],
    [
      "embeddings",
      { model: "small", endpoint: "embeddings" },
      ["claude/haiku is passed over: kind anthropic has no embeddings @ claude: { kind"],
    ],
    ["prices that are free", { model: "going" }, ["local/y is free @ price: free }"]],
  ])("%s", async (_, body, wanted) => {
    const steps = await ask(body);
    // Every wanted step is there, in this order.
    let from = 0;
    for (const want of wanted) {
      const at = steps.findIndex((step, index) => index >= from && step.startsWith(want));
      if (at === -1) expect(steps).toContain(want);
      from = at + 1;
    }
  });

  test("what people took away by hand", async () => {
    const overrides = (taken: string) => ({
      overrides: ({ kind, name }: { kind: string; name: string }) =>
        `${kind} ${name}` === taken ? { reason: "it smells" } : null,
    });
    expect(await ask({ model: "small" }, overrides("provider local"))).toContain(
      "local/tiny is passed over: provider local was taken away by hand: it smells @ local/tiny], s",
    );
    expect(await ask({ model: "small" }, overrides("model small"))).toContain(
      "small was taken away by hand: it smells @ ",
    );
    expect(await ask({ model: "small", key: "poor" }, overrides("key poor"))).toContain(
      "key poor was taken away by hand @ ",
    );
  });

  test("that a file reads no end user", async () => {
    const without = snapshotOf(file.replace(/^attribution.*$/m, ""));
    const question = questionOf({ model: "small", user: "ann" });
    const { steps } = await explain(worldOf(without, { clock: new VirtualClock(noon) }), question);
    expect(steps[0]?.text).toContain("attribution.user");
  });

  test("a model that no request names", async () => {
    const steps = told(await explain(world(), { ...questionOf({ model: "x" }), model: null }));
    expect(steps[0]).toBe("the request names no model: default_model is small @ default_model:");
  });
});

describe("an explanation", () => {
  const kind = fc.constantFrom("ok", ...failureKinds.filter((each) => each !== "cancelled"));
  const fault = fc.tuple(
    kind,
    fc.constantFrom("", ":1", ":2"),
    fc.constantFrom("", ",retry_after=2s", ",latency=20s"),
  );
  const faults = fc.array(
    fault.map((parts) => parts.join("")),
    { maxLength: 3 },
  );
  const question = fc.record({
    model: fc.constantFrom(
      "chat",
      "small",
      "both",
      "auto",
      "best",
      "going",
      "gone",
      "long",
      "off",
      "vendor/x",
      "vendor/secret1",
      "nobody",
    ),
    key: fc.constantFrom(null, "web", "old", "seer", "picky", "poor"),
    user: fc.constantFrom(null, "ann", "bob"),
    tokens: fc.constantFrom(0, 10, 1_900, 3_100, 20_000),
    max_tokens: fc.constantFrom(null, 1, 140, 9_000),
    stream: fc.boolean(),
    endpoint: fc.constantFrom(null, "chat", "completions", "embeddings"),
    seed: fc.nat(50),
    fail: fc.record({ pool: faults, local: faults, claude: faults }),
  });

  test("comes to what the failover loop comes to without it", async () => {
    await fc.assert(
      fc.asyncProperty(question, async (body) => {
        const asks = questionOf(body);
        const explanation = await explain(world(), asks);
        const { steps, status, code, provider, model, upstream, attempts } = explanation;

        const fresh = world();
        const door = enter(fresh, asks.key, noon);
        if (!door.ok) {
          expect([status, code, attempts]).toEqual([door.error.status, door.error.code, 0]);
          return;
        }
        const next = playing(asks.script);
        const { request, saying } = asked(fresh, asks, door.value);
        const oracle: Oracle = (decision, _, now) => {
          const translated = translate(decision, saying, now);
          return translated.ok
            ? scriptedBy(next(decision.target.provider.name), decision, request, asks.tokens)
            : { kind: "failed", latencyMs: 0, failure: translated.failure };
        };
        const ran = await runAlone(fresh, request, impatient(oracle));
        expect(attempts).toBe(ran.tried.length);
        const texts = steps.map(({ text }) => text);
        const tried = texts
          .filter((text) => /^attempt \d+: /.test(text))
          .map((text) => text.replace(/ by API key \S+| \(.*| as .*/g, ""));
        expect(tried).toEqual(
          ran.tried.map(({ decision, failure }, index) => {
            const target = `attempt ${index + 1}: ${decision.target.provider.name}/${decision.upstream}`;
            return failure === null ? `${target} answers` : `${target} → ${failure.kind}`;
          }),
        );
        if (ran.ok) {
          const { target, serving } = ran.decision;
          expect([status, provider, model, upstream]).toEqual([
            200,
            target.provider.name,
            serving.name,
            ran.decision.upstream,
          ]);
        } else {
          expect([status, code, provider]).toEqual([ran.refusal.status, ran.refusal.code, null]);
          expect(texts.at(-1)).toContain(ran.refusal.message);
          for (const { at } of ran.objections)
            expect(steps).toContainEqual(expect.objectContaining({ line: at.line }));
        }
      }),
      { numRuns: 300 },
    );
  });

  test("says nothing twice, and points into the file", async () => {
    await fc.assert(
      fc.asyncProperty(question, async (body) => {
        const { steps } = await explain(world(), questionOf(body));
        const texts = steps.map(({ text, line, column }) => `${text} ${line} ${column}`);
        const again = texts.filter((text, index) => texts.indexOf(text) !== index);
        // After each attempt anew: two targets may be of one provider.
        expect(again.filter((text) => !/^(waits|goes on|asks \S+ again)/.test(text))).toEqual([]);
        for (const { file: name, line, column } of steps) {
          if (line === null || column === null) expect([name, line, column]).toEqual([null, null, null]);
          else expect(lines[line - 1]?.slice(column - 1, column)).toMatch(/^\S$/);
        }
      }),
      { numRuns: 100 },
    );
  });
});
