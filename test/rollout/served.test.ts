import { expect, test } from "bun:test";
import { Lessons } from "../../src/limits/learn.ts";
import { Ledger } from "../../src/limits/ledger.ts";
import { checkpointEvery } from "../../src/rollout/checkpoint.ts";
import type { Control } from "../../src/rollout/control.ts";
import type { Checkpoint } from "../../src/rollout/control_store.ts";
import { ServedBy } from "../../src/rollout/served.ts";

test("requests are counted until they are on disk, and no longer", async () => {
  const servedBy = new ServedBy();
  for (const generation of [1, 1, 2]) servedBy.count(generation);
  const written = servedBy.unwritten();
  servedBy.count(1);
  servedBy.written(written);
  expect([servedBy.of(1), servedBy.of(2), servedBy.of(3)]).toEqual([1, 0, 0]);
  expect([...servedBy.unwritten()]).toEqual([[1, 1]]);
});

test.each([
  [null, []],
  ["the disk is full", [[1, 2]]],
] as const)("a checkpoint that ends with %p leaves %j to the next", async (problem, left) => {
  const served = new ServedBy();
  served.count(1);
  served.count(1);
  const told: Checkpoint[] = [];
  const control: Pick<Control, "remembered" | "checkpoint"> = {
    remembered: {
      ...{ lastKnownGood: null, unfinished: null, newestNumber: 0 },
      ...{ goodDigests: [], facts: {}, counters: [], lessons: [] },
    },
    checkpoint: async (checkpoint) => {
      told.push(checkpoint);
      return problem;
    },
  };
  const { stop } = checkpointEvery({
    ledger: new Ledger(),
    lessons: new Lessons(),
    control,
    clock: { now: () => 0, sleep: async () => {} },
    served,
    onProblem: () => {},
  });
  await stop();
  expect(told.map((each) => each.served)).toEqual([[[1, 2]]]);
  expect([...served.unwritten()]).toEqual(left.map(([generation, requests]) => [generation, requests]));
});
