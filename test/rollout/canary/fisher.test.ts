import { describe, expect, setDefaultTimeout, test } from "bun:test";
import fc from "fast-check";
import { fisher } from "../../../src/rollout/canary/fisher.ts";

setDefaultTimeout(20_000);

/** Pascal's triangle, exact. */
function choose(n: number, k: number): bigint {
  if (k < 0 || k > n) return 0n;
  let found = 1n;
  for (let at = 1; at <= k; at++) found = (found * BigInt(n - k + at)) / BigInt(at);
  return found;
}

/** Every table with the same margins, counted. */
function counted(hits: number, of: number, otherHits: number, other: number): number {
  const all = choose(of + other, hits + otherHits);
  let worse = 0n;
  for (let count = hits; count <= of; count++)
    worse += choose(of, count) * choose(other, hits + otherHits - count);
  return Number((worse * 10n ** 300n) / all) / 1e300;
}

/** Two portions, each with at most as many hits as it has members. */
const portion = (most: number) =>
  fc
    .integer({ min: 0, max: most })
    .chain((of) => fc.record({ of: fc.constant(of), hits: fc.integer({ min: 0, max: of }) }));

describe("fisher", () => {
  test("is what counting every table gives", () => {
    fc.assert(
      fc.property(portion(60), portion(60), (suspect, other) => {
        const exact = counted(suspect.hits, suspect.of, other.hits, other.of);
        expect(Math.abs(fisher(suspect, other) - exact)).toBeLessThanOrEqual(1e-10 * exact + 1e-13);
      }),
      { seed: 1, numRuns: 500 },
    );
  });

  test.each([
    // The lady who tastes tea: 3 of 4 right.
    [3, 4, 1, 4, 17 / 70],
    [4, 4, 0, 4, 1 / 70],
    [0, 100, 50, 100, 1],
    [5, 5, 0, 0, 1],
    [0, 0, 5, 5, 1],
  ])("%d of %d against %d of %d is %d", (hits, of, otherHits, other, p) => {
    expect(fisher({ hits, of }, { hits: otherHits, of: other })).toBeCloseTo(p, 12);
  });

  test("keeps its digits where tables are too large to count", () => {
    const p = fisher({ hits: 200, of: 1_000 }, { hits: 40, of: 9_000 });
    expect(Math.abs(p / counted(200, 1_000, 40, 9_000) - 1)).toBeLessThan(1e-9);
    expect(fisher({ hits: 1_000_000, of: 10_000_000 }, { hits: 9_000_000, of: 90_000_000 })).toBeCloseTo(
      0.5,
      3,
    );
    expect(fisher({ hits: 5_000, of: 10_000 }, { hits: 0, of: 90_000 })).toBe(0);
  });

  test("only falls with more hits of the suspect, and only rises with more of the other", () => {
    fc.assert(
      fc.property(portion(2_000), portion(2_000), (suspect, other) => {
        const p = fisher(suspect, other);
        const slack = 1e-9;
        if (suspect.hits < suspect.of)
          expect(fisher({ ...suspect, hits: suspect.hits + 1 }, other)).toBeLessThanOrEqual(p * (1 + slack));
        if (other.hits < other.of)
          expect(fisher(suspect, { ...other, hits: other.hits + 1 })).toBeGreaterThanOrEqual(p * (1 - slack));
      }),
      { seed: 1, numRuns: 300 },
    );
  });
});
