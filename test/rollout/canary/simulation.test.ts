import { describe, expect, setDefaultTimeout, test } from "bun:test";
import { type Effect, none, run, seeded, type Traffic } from "./traffic.ts";

setDefaultTimeout(20_000);

const even: Traffic = { perSecond: 20, clients: null, spread: 0.7, errorRate: 0.01, throttled: 0 };
const everyday: Traffic = { ...even, clients: 60, throttled: 2 };
const short = { forMs: 60_000, minRequests: 50 };

function verdicts(traffic: Traffic, effect: Effect, runs: number): Readonly<Record<string, number>> {
  const chance = seeded(1);
  const kinds: Record<string, number> = { promote: 0, rollback: 0, inconclusive: 0 };
  for (let left = runs; left > 0; left--) {
    const { kind } = run(traffic, effect, chance, short).verdict;
    kinds[kind] = (kinds[kind] ?? 0) + 1;
  }
  return kinds;
}

// `bun run test:canary` has the whole of it.
describe("simulated canaries", () => {
  test.each([
    ["whose requests are drawn one by one", even],
    ["of clients that differ", everyday],
  ])("%s are almost never taken back for nothing", (_, traffic) => {
    expect(verdicts(traffic, none, 150)["rollback"]).toBeLessThanOrEqual(1);
  });

  test("are not missed with 20 % errors", () => {
    expect(verdicts(even, { ...none, errors: 0.2 }, 50)).toEqual({
      rollback: 50,
      promote: 0,
      inconclusive: 0,
    });
  });

  test("with 20 % errors are taken back within 30 seconds, but for one in fifty that errs late", () => {
    const chance = seeded(2);
    const seconds = Array.from(
      { length: 400 },
      () => run({ ...even, errorRate: 0.004 }, { ...none, errors: 0.2 }, chance).afterMs / 1_000,
    ).sort((a, b) => a - b);
    expect(seconds[392]).toBeLessThanOrEqual(30);
    expect(seconds[200]).toBeLessThanOrEqual(15);
  });

  test.each([
    ["slow", { ...none, slower: 4 }],
    ["dear", { ...none, dearer: 4 }],
  ])("that are %s are not missed", (_, effect) => {
    expect(verdicts(even, effect, 10)["rollback"]).toBe(10);
  });
});
