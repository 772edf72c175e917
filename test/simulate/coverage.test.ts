import { describe, expect, test } from "bun:test";
import { coverageOf, showPercent } from "../../src/simulate/coverage.ts";
import { snapshotOf } from "../support/snapshot.ts";
import { testing } from "./scene.ts";

const routes = `
auth:
  keys: [{ id: web, secret: env:WEB, limits: { rpm: 3 }, budget: { usd: 1, per: day } }]
providers:
  a: { kind: openai, base_url: "http://a.test/v1", limits: { rpm: 5 }, models: { "*": { price: { input: 1, output: 2 } } } }
  b: { kind: openai, base_url: "http://b.test/v1", models: { "*": { price: free } } }
models:
  chat: { targets: [a/one, b/two], fallbacks: { any: [small], context_window: [long] }, failover: brave }
  small: { targets: [b/three] }
  long: { visible: false, targets: [b/four] }
aliases: { gpt: chat }
failover: { brave: { max_attempts: 3 } }
`;
const all = [
  "model chat",
  "model small",
  "model long",
  "target a/one of chat",
  "target b/two of chat",
  "target b/three of small",
  "target b/four of long",
  "fallback small of chat",
  "fallback long of chat (context_window)",
  "alias gpt",
  "rpm 3 of key web",
  "budget_day 1 of key web",
  "rpm 5 of provider a",
  "policy brave",
];

/** What these cases cover, each given without its name. */
async function covered(...cases: readonly string[]): Promise<readonly string[]> {
  const list = cases.map((each, index) => `  - { name: "${index}", ${each} }`).join("\n");
  const { results, diagnostics } = await testing(
    routes,
    cases.length === 0 ? "tests: []" : `tests:\n${list}`,
  );
  expect(diagnostics.map(({ message }) => message)).toEqual([]);
  const { uncovered, total } = await coverageOf(snapshotOf(routes), results);
  expect(total).toBe(all.length);
  const missing = uncovered.map(({ name }) => name);
  return all.filter((name) => !missing.includes(name));
}

describe("a case covers what it would fail without", () => {
  test.each<readonly [string, string, readonly string[]]>([
    [
      "only the model, when any answer will do",
      "send: { model: chat }, expect: { status: 200 }",
      ["model chat"],
    ],
    [
      "the target that has to answer",
      "send: { model: chat }, expect: { provider: a }",
      ["model chat", "target a/one of chat"],
    ],
    [
      "a sole target, when any answer will do",
      "send: { model: small }, expect: { status: 200 }",
      ["model small", "target b/three of small"],
    ],
    ["an alias by its name", "send: { model: gpt }, expect: { status: 200 }", ["model chat", "alias gpt"]],
    [
      "a policy, when somebody else answers",
      "given: { providers: { a: [auth] } }, send: { model: chat }, expect: { status: 200 }",
      ["model chat", "policy brave"],
    ],
    [
      "a fallback and what answers there",
      "given: { disabled: [target a/one, target b/two] }, send: { model: chat }, expect: { model: small }",
      ["model chat", "model small", "target b/three of small", "fallback small of chat"],
    ],
    [
      "a fallback by its cause",
      "given: { providers: { a: [context_window] } }, send: { model: chat }, expect: { model: long }",
      [
        "model chat",
        "model long",
        "target a/one of chat",
        "target b/four of long",
        "fallback long of chat (context_window)",
        "policy brave",
      ],
    ],
    [
      "a limit at its edge",
      "send: { model: small, key: web, repeat: 4 }, expect: { accepted: 3 }",
      ["model small", "target b/three of small", "rpm 3 of key web"],
    ],
    [
      "no limit below its edge",
      "send: { model: small, key: web, repeat: 3 }, expect: { accepted: 3 }",
      ["model small", "target b/three of small"],
    ],
    [
      "a limit that sends requests elsewhere",
      "send: { model: chat, repeat: 6 }, expect: { provider: b }",
      ["model chat", "rpm 5 of provider a"],
    ],
    [
      "a budget",
      "given: { spent: { web: 1 } }, send: { model: chat, key: web }, expect: { provider: b }",
      ["model chat", "budget_day 1 of key web"],
    ],
    [
      "a target without which another one is used",
      "send: { model: chat }, expect: { not_used: [b] }",
      ["target a/one of chat"],
    ],
    ["nothing, when nothing can be wrong", 'send: { model: chat }, expect: { attempts: ">=0" }', []],
  ])("%s", async (_, scene, names) => {
    expect(await covered(scene)).toEqual(names);
  });

  test("together as much as each of them", async () => {
    expect(
      await covered(
        "send: { model: small }, expect: { status: 200 }",
        "send: { model: gpt }, expect: { provider: a }",
      ),
    ).toEqual(["model chat", "model small", "target a/one of chat", "target b/three of small", "alias gpt"]);
  });

  test("and without any cases nothing is covered", async () => {
    expect(await covered()).toEqual([]);
  });
});

test("a case that fails covers nothing", async () => {
  const { results } = await testing(
    routes,
    "tests: [{ name: it, send: { model: small }, expect: { provider: a } }]",
  );
  expect((await coverageOf(snapshotOf(routes), results)).covered).toBe(0);
});

test("every rule is told with its line", async () => {
  const { uncovered } = await coverageOf(snapshotOf(routes), []);
  const lines = `version: 1\n${routes}`.split("\n");
  const at = (name: string) => {
    const found = uncovered.find((part) => part.name === name)?.at;
    return lines[(found?.line ?? 0) - 1]?.slice((found?.column ?? 0) - 1);
  };
  expect(at("target b/two of chat")).toStartWith("b/two]");
  expect(at("fallback long of chat (context_window)")).toStartWith("long] }");
  expect(at("rpm 3 of key web")).toStartWith("rpm: 3");
  expect(at("budget_day 1 of key web")).toStartWith("usd: 1");
  expect(at("policy brave")).toStartWith("max_attempts: 3");
  expect(at("alias gpt")).toStartWith("gpt: chat");
});

describe("what no case can meet is left out, with the reason", () => {
  const provider =
    '{ kind: openai, base_url: "http://a.test/v1", models: { "*": { price: { input: 1, output: 1 } } } }';
  test.each<readonly [string, string, readonly string[]]>([
    [
      "switched off",
      `providers: { a: ${provider}, b: { enabled: false, kind: openai, models: { "*": { price: free } } } }
models: { one: { targets: [a/x, { provider: a, model: y, enabled: false }, b/z], fallbacks: [off] }, off: { enabled: false, targets: [a/x] } }`,
      [
        "model off: it is switched off",
        "target a/y of one: it is switched off",
        "target b/z of one: it is switched off",
        "target a/x of off: it is switched off",
        "fallback off of one: it is switched off",
      ],
    ],
    [
      "hidden and led to by nothing",
      `providers: { a: ${provider} }\nmodels: { one: { targets: [a/x] }, lost: { visible: false, targets: [a/x] } }`,
      ["model lost: nothing leads to it"],
    ],
    [
      "a team whose keys are held tighter",
      `auth: { teams: { t: { limits: { rpm: 9 }, budget: { usd: 9, per: day } }, none: { limits: { rpm: 1 } } }, keys: [{ id: k, secret: env:K, team: t, limits: { rpm: 3 }, budget: { usd: 5, per: month } }] }
providers: { a: ${provider} }\nmodels: { one: { targets: [a/x] } }`,
      [
        "rpm 9 of team t: the limits of its keys are tighter",
        "budget_day 9 of team t: the limits of its keys are tighter",
        "rpm 1 of team none: no key of the team asks models",
      ],
    ],
    [
      "a key whose team is held tighter, or that only looks",
      `auth: { teams: { t: { limits: { rpm: 3 } } }, keys: [{ id: k, secret: env:K, team: t, limits: { rpm: 9, tpm: 5k } }, { id: v, secret: env:V, role: viewer, limits: { rpm: 1 } }] }
providers: { a: ${provider} }\nmodels: { one: { targets: [a/x] } }`,
      ["rpm 9 of key k: the limit of team t is tighter", "rpm 1 of key v: the role viewer asks no models"],
    ],
    [
      "a budget that a longer one precedes",
      `auth: { keys: [{ id: k, secret: env:K, budget: [{ usd: 9, per: day }, { usd: 5, per: month }] }] }
providers: { a: ${provider} }\nmodels: { one: { targets: [a/x] } }`,
      ["budget_day 9 of key k: budget_month 5 comes first"],
    ],
    [
      "a provider whose targets are held tighter",
      `providers: { a: { kind: openai, limits: { rpm: 9, concurrency: 4, tpr: 8k }, models: { "x*": { price: free, limits: { rpm: 4, tpr: 4k } } } } }
models: { one: { targets: [a/x, { provider: a, model: xy, limits: { rpm: 7, concurrency: 9, rpd: 5 } }] } }`,
      [
        "rpm 9 of provider a: the limits of its targets are tighter",
        "tpr 8000 of provider a: the limits of its targets are tighter",
        "rpm 7 of target a/xy of one: the limit of its upstream model is tighter",
        "concurrency 9 of target a/xy of one: the limit of provider a is tighter",
      ],
    ],
    [
      "an API key and an upstream model whose provider is held tighter",
      `providers: { a: { kind: openai, api_key: [env:A, { id: spare, key: env:B, limits: { tpm: 9k } }], limits: { tpm: 5k }, models: { "x": { price: free, limits: { tpm: 6k } }, "unused": { price: free, limits: { rpm: 1 } } } } }
models: { one: { targets: [a/x] } }`,
      [
        "tpm 9000 of API key a/spare: the limit of provider a is tighter",
        "tpm 6000 of upstream model a/x: the limit of provider a is tighter",
        "rpm 1 of upstream model a/unused: no target leads to it",
      ],
    ],
    [
      "a provider that nothing leads to, and a policy that nobody follows",
      `providers: { a: ${provider}, b: { kind: openai, limits: { rpm: 1 }, models: { "*": { price: free } } } }
models: { one: { targets: [a/x], fallbacks: [two] }, two: { visible: false, failover: shy, targets: [a/x] } }
failover: { shy: { retries: 0 } }`,
      ["rpm 1 of provider b: no target leads to it", "policy shy: no model that is asked follows it"],
    ],
  ])("%s", async (_, text, told) => {
    const { leftOut } = await coverageOf(snapshotOf(text), []);
    expect(leftOut.map(({ name, shadow }) => `${name}: ${shadow}`)).toEqual([...told]);
  });
});

test.each([
  [100, "100.0"],
  [(100 * 999) / 1000, "99.9"],
  [99.999, "99.9"],
  [(100 * 2) / 3, "66.6"],
  [0, "0.0"],
])("%d is told as %s: only all is all", (percent, shown) => {
  expect(showPercent(percent)).toBe(shown);
});
