import { expect, test } from "bun:test";
import { resilienceOf } from "../../../src/simulate/plan/resilience.ts";
import { planChange } from "../../../src/simulate/plan.ts";
import { snapshotOf } from "../../support/snapshot.ts";

const of = (models: string, names = ["a", "b"]) => {
  const providers = names.map((name) => `${name}: { kind: openai, models: { "*": { price: free } } }`);
  return snapshotOf(`providers: { ${providers.join(", ")} }\nmodels: { ${models} }`);
};

test("resilience is both matrices, and the cells in which they differ", async () => {
  expect(
    await resilienceOf(of("m: { targets: [a/x, b/x] }"), of("m: { targets: [b/x] }, n: { targets: [a/x] }")),
  ).toEqual({
    before: { m: { "(none)": "a/x", a: "b/x", b: "a/x" } },
    after: { m: { "(none)": "b/x", a: "b/x", b: null }, n: { "(none)": "a/x", a: null, b: "a/x" } },
    changes: [
      { model: "m", outage: null, before: "a/x", after: "b/x" },
      { model: "m", outage: "b", before: "a/x", after: null },
      { model: "n", outage: null, after: "a/x" },
      { model: "n", outage: "a", after: null },
      { model: "n", outage: "b", after: "a/x" },
    ],
  });
});

test("a provider that is not there is not missed", async () => {
  const { changes } = await resilienceOf(
    of("m: { targets: [a/x, b/x] }"),
    of("m: { targets: [a/x, c/x] }", ["a", "c"]),
  );
  // While b is down a answers, as before; while c is, too.
  expect(changes).toEqual([{ model: "m", outage: "a", before: "b/x", after: "c/x" }]);
});

test("a configuration against itself is an empty plan", async () => {
  const side = { snapshot: of("m: { targets: [a/x, b/x] }"), files: [] };
  const report = await planChange(side, side, { mix: null, guards: [] });
  expect(report).toMatchObject({
    has_changes: false,
    changes: [],
    access: [],
    resilience: { changes: [] },
    cost: { prices: [], traffic: null },
  });
  expect(
    report.capacity.map(({ model, before, after }) => [
      model,
      before === after || Bun.deepEquals(before, after),
    ]),
  ).toEqual([["m", true]]);
});
