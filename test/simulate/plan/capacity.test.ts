import { expect, test } from "bun:test";
import { capacities, capacityOf } from "../../../src/simulate/plan/capacity.ts";
import { snapshotOf } from "../../support/snapshot.ts";

const unlimited = { rpm: null, tpm: null, rpd: null, tpr: null, concurrency: null };

const of = (providers: string, models: string, name = "m") => {
  const snapshot = snapshotOf(`providers:\n${providers}\nmodels:\n${models}\n`);
  const model = snapshot.models.get(name) ?? snapshot.patterns.find((each) => each.name === name);
  if (model === undefined) throw new Error(`no model ${name}`);
  return capacityOf(snapshot, model);
};
const limit = (rules: string) => `limits: { ${rules} }`;

test.each([
  [
    "targets at several providers add up",
    `  a: { kind: openai, ${limit("rpm: 100, tpm: 1k")} }\n  b: { kind: openai, ${limit("rpm: 50, tpm: 2k")} }`,
    "  m: { targets: [a/x, b/x] }",
    { rpm: 150, tpm: 3_000 },
  ],
  [
    "one without a limit lifts it",
    `  a: { kind: openai, ${limit("rpm: 100")} }\n  b: { kind: openai }`,
    "  m: { targets: [a/x, b/x] }",
    {},
  ],
  [
    "a provider's window is counted once",
    `  a: { kind: openai, ${limit("rpm: 100")} }`,
    "  m: { targets: [a/x, a/y] }",
    { rpm: 100 },
  ],
  [
    "the narrowest on the way counts",
    `  a: { kind: openai, ${limit("rpm: 100")}, models: { "x*": { ${limit("rpm: 70")} } } }`,
    `  m: { targets: [{ provider: a, model: x1, ${limit("rpm: 60")} }, { provider: a, model: x2, ${limit("rpm: 60")} }] }`,
    { rpm: 70 },
  ],
  [
    "members of a pool add up, below their provider",
    `  a: { kind: openai, ${limit("tpm: 10k")}, api_key: [{ key: env:A, ${limit("rpm: 10, tpm: 8k")} }, { key: env:B, ${limit("rpm: 5, tpm: 8k")} }] }`,
    "  m: { targets: [a/x] }",
    { rpm: 15, tpm: 10_000 },
  ],
  [
    "a member without a limit lifts the pool's",
    `  a: { kind: openai, api_key: [{ key: env:A, ${limit("rpm: 10")} }, env:B] }`,
    "  m: { targets: [a/x] }",
    {},
  ],
  [
    "fallbacks of fallbacks count, those for a cause of its own do not",
    `  a: { kind: openai, ${limit("rpm: 1")} }\n  b: { kind: openai, ${limit("rpm: 2")} }\n  c: { kind: openai, ${limit("rpm: 4")} }\n  d: { kind: openai, ${limit("rpm: 8")} }`,
    "  m: { targets: [a/x], fallbacks: { any: [n], context_window: [p] } }\n  n: { targets: [b/x], fallbacks: [o] }\n  o: { targets: [c/x] }\n  p: { targets: [d/x] }",
    { rpm: 7 },
  ],
  [
    "what is disabled is left out",
    `  a: { kind: openai, ${limit("rpm: 1")} }\n  b: { kind: openai, enabled: false, ${limit("rpm: 2")} }\n  c: { kind: openai, ${limit("rpm: 4")} }`,
    "  m: { targets: [a/x, b/x, { provider: c, model: x, enabled: false }] }",
    { rpm: 1 },
  ],
  [
    "the largest request that fits is no sum",
    `  a: { kind: openai, ${limit("tpr: 10k, concurrency: 2")} }\n  b: { kind: openai, ${limit("tpr: 30k, concurrency: 3")} }`,
    "  m: { targets: [a/x, b/x] }",
    { tpr: 30_000, concurrency: 5 },
  ],
])("%s", (_, providers, models, expected) => {
  expect(of(providers, models)).toEqual({ ...unlimited, ...expected });
});

test("a pattern has that of its provider, and of the entry that covers all of it", () => {
  const providers = `  a: { kind: openai, ${limit("rpm: 9")}, models: { "*": { ${limit("rpd: 5")} }, "x*": { ${limit("rpd: 1")} } } }`;
  expect(of(providers, '  "a/*": { targets: ["a/*"] }', "a/*")).toEqual({ ...unlimited, rpm: 9, rpd: 5 });
});

test("every model of both is there, with nothing where it is not offered", () => {
  const text = (models: string) =>
    snapshotOf(`providers: { a: { kind: openai, ${limit("rpm: 9")} } }\nmodels: { ${models} }`);
  expect(
    capacities(
      text("m: { targets: [a/x] }, old: { targets: [a/x] }"),
      text("m: { targets: [a/x], enabled: false }, new: { targets: [a/x] }"),
    ),
  ).toEqual([
    { model: "m", before: { ...unlimited, rpm: 9 }, after: null },
    { model: "old", before: { ...unlimited, rpm: 9 }, after: null },
    { model: "new", before: null, after: { ...unlimited, rpm: 9 } },
  ]);
});
