import { describe, expect, test } from "bun:test";
import { digestOf } from "../../src/config/digest.ts";
import { mutantsOf, mutate } from "../../src/simulate/mutate.ts";
import { snapshotOf } from "../support/snapshot.ts";
import { testing } from "./scene.ts";

const mutants = async (text: string) => (await mutantsOf(snapshotOf(text))).map(({ says }) => says);
const provider = (name: string, more = "") =>
  `${name}: { kind: openai, base_url: "http://${name}.test/v1", models: { "*": { price: free } }${more} }`;
const two = `providers:\n  ${provider("a")}\n  ${provider("b")}\n`;

describe("one rule is changed at a time", () => {
  test.each<readonly [string, string, readonly string[]]>([
    [
      "targets and their order",
      `${two}models: { m: { targets: [a/x, b/y] } }`,
      ["m without its target a/x", "m without its target b/y", "m with its target b/y before a/x"],
    ],
    [
      "weights, what they stick to, and the strategy",
      `${two}models: { m: { strategy: weighted, stick_to: key, targets: [{ provider: a, model: x, weight: 3 }, { provider: b, model: y, weight: 0 }] } }`,
      [
        "m by priority instead of weighted",
        "m sticking to nothing instead of the key",
        "m without its target a/x",
        "m with weight 0 instead of 3 for a/x",
        "m without its target b/y",
        "m with weight 1 instead of 0 for b/y",
      ],
    ],
    [
      "fallbacks, by cause",
      `${two}models: { m: { targets: [a/x], fallbacks: { any: [n, o], context_window: [n] } }, n: { visible: false, targets: [b/y] }, o: { visible: false, targets: [b/z] } }`,
      [
        "m without its target a/x",
        "m without its fallback n",
        "m without its fallback o",
        "m with its fallback o before n",
        "m without its fallback n for context_window",
        "n visible",
        "n without its target b/y",
        "o visible",
        "o without its target b/z",
      ],
    ],
    [
      "what is switched off",
      `providers:\n  ${provider("a")}\n  ${provider("b", ", enabled: false")}\nmodels: { m: { targets: [a/x, { provider: a, model: y, enabled: false }, b/z] }, n: { enabled: false, targets: [a/x] } }`,
      [
        "provider b switched on",
        "m without its target a/x",
        "m with its target a/y switched on",
        "n switched on",
      ],
    ],
    [
      "defaults, overrides and bounds",
      `providers:\n  ${provider("a", ", defaults: { top_p: 1 }, overrides: { store: false }")}\nmodels: { m: { targets: [{ provider: a, model: x, defaults: { top_k: 5 } }], defaults: { temperature: 1 }, overrides: { seed: 7 }, max: { max_tokens: 100 } } }`,
      [
        "provider a without its default top_p",
        "provider a without its override store",
        "m without its target a/x",
        "m at a/x without its default top_k",
        "m without its default temperature",
        "m without its override seed",
        "m with a max max_tokens of 200 instead of 100",
      ],
    ],
    [
      "limits, budgets, prices and contexts",
      `auth: { keys: [{ id: k, secret: env:K, limits: { rpm: 3 }, budget: { usd: 5, per: week } }] }
providers: { a: { kind: openai, limits: { rpm: 9 }, models: { "x": { price: { input: 1, output: 2 }, context: 8k, limits: { rpm: 7 } }, "*": { price: free, context: 4k } } } }
models: { m: { targets: [{ provider: a, model: x, limits: { rpm: 5 } }, a/y] } }`,
      [
        "key k with rpm 6 instead of 3",
        "key k with budget_week 10 instead of 5",
        "provider a with rpm 18 instead of 9",
        "a/x at twice its price",
        "a/x with a context of 16000 instead of 8000",
        "a/* with a context of 8000 instead of 4000",
        "m without its target a/x",
        "target a/x of m with rpm 10 instead of 5",
        "m without its target a/y",
        "m with its target a/y before a/x",
      ],
    ],
    [
      "who may ask for what",
      `auth: { teams: { t: { models: ["m", "!n"] , any_tag: [eu] } }, keys: [{ id: k, secret: env:K, team: t, models: ["*", "!m"], expires: 2027-12-31 }, { id: eye, secret: env:E, role: viewer, models: [m] }] }
providers:\n  ${provider("a", ", tags: [eu, fast]")}\n  ${provider("b")}\nmodels: { m: { targets: [a/x] }, n: { targets: [b/y] } }`,
      [
        "team t without its tags",
        "key k without !m",
        "key k without its last day",
        "provider a without the tag eu",
        "provider a without the tag fast",
        "m without its target a/x",
        "n without its target b/y",
      ],
    ],
    [
      "names",
      `${two}models: { m: { targets: [a/x], deprecated: { after: 2027-12-31 } }, n: { targets: [b/y] } }
aliases: { old: { to: m, deprecated: { after: 2027-06-30 } }, short: n }
auto: { models: [m, n], strategy: cost }
default_model: n`,
      [
        "m without its target a/x",
        "m without its last day",
        "n without its target b/y",
        "no alias old",
        "the alias old without its last day",
        "no alias short",
        "auto without m",
        "auto without n",
        "auto by priority instead of cost",
        "no default_model",
      ],
    ],
    [
      "policies",
      `${two}models: { m: { targets: [a/x, b/y], failover: shy } }
failover: { shy: { on: [server, network], max_attempts: 3, retries: 1 } }`,
      [
        "m without its target a/x",
        "m without its target b/y",
        "m with its target b/y before a/x",
        "policy shy with rate_limited, overloaded, timeout, auth, quota, not_found, malformed added to on",
        "policy shy with max_attempts 4 instead of 3",
        "policy shy with retries 2 instead of 1",
      ],
    ],
  ])("%s", async (_, text, says) => {
    expect(await mutants(text)).toEqual([...says]);
  });
});

describe("a change that can make no difference is no mutant", () => {
  const one = `providers:\n  ${provider("a")}\nmodels:\n`;
  test.each<readonly [string, string, string]>([
    [
      "a default below another",
      `${one}  m: { targets: [{ provider: a, model: x, defaults: { top_p: 1 } }], defaults: { top_p: 0.5 } }`,
      "m without its default top_p",
    ],
    [
      "a default below an override",
      `${one}  m: { targets: [a/x], defaults: { seed: 1 }, overrides: { seed: 7 } }`,
      "m without its default seed",
    ],
    [
      "a bound below an override",
      `${one}  m: { targets: [a/x], overrides: { max_tokens: 10 }, max: { max_tokens: 100 } }`,
      "m with a max max_tokens of 200 instead of 100",
    ],
    [
      "a chat default of an embedding model",
      `${one}  e: { targets: [a/text-embedding-3-small], defaults: { temperature: 1 } }`,
      "e without its default temperature",
    ],
    [
      "more attempts than there are targets",
      `${one}  m: { targets: [a/x], failover: p }\nfailover: { p: { max_attempts: 4 } }`,
      "policy p with max_attempts 5 instead of 4",
    ],
    [
      "a policy that nobody follows",
      `${one}  m: { targets: [a/x] }\nfailover: { p: { max_attempts: 1 } }`,
      "policy p with max_attempts 2 instead of 1",
    ],
    [
      "a glob that allows everything",
      `auth: { keys: [{ id: k, secret: env:K, models: ["*"] }] }\n${one}  m: { targets: [a/x] }`,
      "key k allowed every model",
    ],
    [
      "the order of equal prices",
      `${one}  m: { strategy: cost, targets: [a/x, a/y] }`,
      "m with its target a/y before a/x",
    ],
    [
      "the strategy of one target",
      `${one}  m: { strategy: cost, targets: [a/x] }`,
      "m by priority instead of cost",
    ],
  ])("%s", async (_, text, says) => {
    const all = await mutants(text);
    expect(all.length).toBeGreaterThan(0);
    expect(all).not.toContain(says);
  });
});

test("every mutant is another configuration, and the original stays as it is", async () => {
  const snapshot =
    snapshotOf(`auth: { teams: { t: { limits: { rpm: 9 } } }, keys: [{ id: k, secret: env:K, team: t, limits: { tpm: 9k } }] }
providers:\n  ${provider("a", ", tags: [eu], limits: { rpm: 5 }")}
models: { m: { targets: [a/x, a/y], fallbacks: [n], defaults: { seed: 1 } }, n: { targets: [a/z] }, "p/*": { targets: ["a/*"] } }
aliases: { o: m }\ndefault_model: o`);
  const { digest, lines: _, ...before } = snapshot;
  const all = await mutantsOf(snapshot);
  const digests = all.map(({ make }) => digestOf(make()));
  expect(new Set([digest, ...digests]).size).toBe(all.length + 1);
  expect(digestOf(before)).toBe(digest);
});

describe("a mutant survives", () => {
  const routes = `${two}models: { m: { targets: [a/x, b/y], defaults: { seed: 1 } } }`;
  const survivors = async (...cases: readonly string[]) => {
    const list = cases
      .map((each, index) => `  - { name: "${index}", send: { model: m }, ${each} }`)
      .join("\n");
    const { results } = await testing(routes, `tests:\n${list}`);
    const { total, survivors: left } = await mutate(snapshotOf(routes), results);
    expect(total).toBe(4);
    return left.map(({ says, at }) => `${at.line}:${at.column} ${says}`);
  };

  test("when no case notices it, in the order of the file", async () => {
    expect(await survivors("expect: { status: 200 }")).toEqual([
      "5:26 m without its target a/x",
      "5:31 m without its target b/y",
      "5:31 m with its target b/y before a/x",
      "5:49 m without its default seed",
    ]);
  });

  test("no longer than until one does", async () => {
    expect(await survivors("expect: { provider: a }")).toEqual([
      "5:31 m without its target b/y",
      "5:49 m without its default seed",
    ]);
    expect(
      await survivors(
        "expect: { provider: a, params: { seed: 1 } }",
        "given: { providers: { a: [auth] } }, expect: { provider: b }",
      ),
    ).toEqual([]);
  });

  test("a case that fails already", async () => {
    expect(await survivors("expect: { provider: b }")).toHaveLength(4);
  });
});
