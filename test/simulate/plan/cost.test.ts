import { expect, test } from "bun:test";
import type { Mix } from "../../../src/metrics/mix.ts";
import { costChange } from "../../../src/simulate/plan/cost.ts";
import { listPriceOf } from "../../../src/simulate/plan/prices.ts";
import { snapshotOf } from "../../support/snapshot.ts";

const providers = (input: number) => `providers:
  a: { kind: openai, models: { x: { price: { input: ${input}, output: 10, cached_input: 1 } }, y: { price: { input: 1, output: 2, request: 0.01 } } } }
  b: { kind: openai, models: { "*": { price: { input: 8, output: 20 } } } }
  c: { kind: openai, enabled: false, models: { "*": { price: free } } }
  d: { kind: openai }
`;
const of = (models: string, rest = "", input = 4) =>
  snapshotOf(`${providers(input)}models: { ${models} }\n${rest}`);
const price = (models: string, rest = "", name = "m") => {
  const found = listPriceOf(of(models, rest), name);
  return found === null ? null : [found.input, found.output];
};

test.each([
  ["a priority model by its first target", "m: { targets: [a/x, b/x] }", [4, 10]],
  ["the first that is enabled", "m: { targets: [c/x, b/x, a/x] }", [8, 20]],
  [
    "a weighted one by its weights",
    "m: { strategy: weighted, targets: [{ provider: a, model: x, weight: 3 }, b/x] }",
    [5, 12.5],
  ],
  ["one by headroom evenly", "m: { strategy: headroom, targets: [a/x, b/x] }", [6, 15]],
  ["one by cost by the cheapest", "m: { strategy: cost, targets: [b/x, d/x, a/y] }", [1, 2]],
  [
    "its fallback where it has no target left",
    "m: { targets: [c/x], fallbacks: [n] }, n: { targets: [a/y] }",
    [1, 2],
  ],
  ["nothing while a price is not known", "m: { strategy: headroom, targets: [a/x, d/x] }", null],
  ["nothing where nobody can ask", "m: { targets: [a/x], enabled: false }", null],
])("the price is that of %s", (_, models, expected) => {
  expect(price(models)).toEqual(expected);
});

test("names lead to prices as they lead to models", () => {
  const models =
    'chat: { targets: [a/x] }, small: { targets: [a/y] }, "b/*": { targets: ["b/*"] }, "a/*": { targets: ["a/*"] }';
  const rest = "aliases: { gpt: small }\nauto: { models: [chat, small], strategy: cost }\n";
  expect(["gpt", "b/any", "a/x", "auto", "none"].map((name) => price(models, rest, name))).toEqual([
    [1, 2],
    [8, 20],
    [4, 10],
    [1, 2],
    null,
  ]);
});

test("without traffic the names are told whose price is another, and the targets that are", () => {
  const models = "chat: { targets: [a/x, b/x] }, small: { targets: [b/x, a/x] }, tiny: { targets: [a/y] }";
  const rest = "aliases: { gpt: chat }\n";
  const target = { target: "a/x", before: { input: 4, output: 10 }, after: { input: 5, output: 10 } };
  expect(costChange(of(models, rest), of(models, rest, 5), null)).toEqual({
    prices: [
      { model: "chat", before: { input: 4, output: 10 }, after: { input: 5, output: 10 }, targets: [target] },
      {
        model: "small",
        before: { input: 8, output: 20 },
        after: { input: 8, output: 20 },
        targets: [target],
      },
      { model: "gpt", before: { input: 4, output: 10 }, after: { input: 5, output: 10 }, targets: [] },
    ],
    traffic: null,
  });
});

test("with a day's traffic its tokens are paid at both prices", () => {
  const row = { requests: 10, prompt: 1_000_000, completion: 500_000, cached: 200_000, cacheWrite: 0 };
  const mix: Mix = {
    from: 0,
    until: 1,
    rows: [
      { asked: "chat", ...row },
      { asked: null, ...row, cached: 0 },
      { asked: "gone", ...row },
    ],
  };
  const models = "chat: { targets: [a/x] }, small: { targets: [a/y] }";
  const { traffic } = costChange(
    of(`${models}, gone: { targets: [a/y] }`, "default_model: small\n"),
    of(models, "default_model: chat\n", 5),
    mix,
  );
  // chat: 0.8 M fresh at 4 (5), 0.2 M cached at 1, 0.5 M out at 10. No name: small at 1, 2 and 0.01 a call, then chat.
  expect(traffic).toEqual({
    from: 0,
    until: 1,
    models: [
      { model: "chat", requests: 10, tokens: 1_500_000, before: 8.4, after: 9.2 },
      { model: null, requests: 10, tokens: 1_500_000, before: 2.1, after: 10 },
      { model: "gone", requests: 10, tokens: 1_500_000, before: 2.1, after: null },
    ],
    before: 10.5,
    after: 19.2,
    per_million: { before: 3.5, after: 6.4 },
    unpriced: 10,
  });
});

test("a day without a token has no price per million", () => {
  const { traffic } = costChange(of("m: { targets: [a/x] }"), of("m: { targets: [a/x] }"), {
    from: 0,
    until: 1,
    rows: [],
  });
  expect(traffic).toMatchObject({ models: [], before: 0, after: 0, per_million: null, unpriced: 0 });
});
