import { describe, expect, setDefaultTimeout, test } from "bun:test";
import fc from "fast-check";
import { type Cluster, Clusters } from "../../../src/rollout/canary/clusters.ts";
import { chanceOfDraw, type Drawn, drawnOf, type Measure } from "../../../src/rollout/canary/draw.ts";

setDefaultTimeout(20_000);

/** Every way in which the arms could have been drawn, each with its probability. */
function enumerated(drawn: readonly Drawn[]): number {
  const had = drawn.reduce((sum, { isInCanary, excess }) => sum + (isInCanary ? excess : 0), 0);
  let asMuch = 0;
  for (let draw = 0; draw < 2 ** drawn.length; draw++) {
    let sum = 0;
    let probability = 1;
    for (const [at, { share, excess }] of drawn.entries()) {
      const isInCanary = ((draw >> at) & 1) === 1;
      if (isInCanary) sum += excess;
      probability *= isInCanary ? share : 1 - share;
    }
    if (sum >= had - 1e-9) asMuch += probability;
  }
  return asMuch;
}

const drawn = fc.record({
  isInCanary: fc.boolean(),
  share: fc.double({ min: 0.02, max: 0.98, noNaN: true }),
  excess: fc.oneof(fc.integer({ min: -20, max: 20 }), fc.constantFrom(0.001, 1_000, -1_000)),
});

const client = (isInCanary: boolean, excess: number): Drawn => ({ isInCanary, share: 0.1, excess });

describe("the chance of a draw", () => {
  test("is never less than what all possible draws amount to", () => {
    fc.assert(
      fc.property(fc.array(drawn, { maxLength: 9 }), (clients) => {
        expect(chanceOfDraw(clients)).toBeGreaterThanOrEqual(enumerated(clients) * (1 - 1e-9));
      }),
      { seed: 1, numRuns: 300 },
    );
  });

  test("is exact where every client of the canary is worse than every other", () => {
    const clients = [...Array(3).fill(client(true, 9)), ...Array(27).fill(client(false, -1))];
    expect(chanceOfDraw(clients) / (0.1 ** 3 * 0.9 ** 27)).toBeCloseTo(1, 3);
  });

  test("of one client, however bad, is its share", () => {
    const others = [...Array(50).fill(client(true, -2)), ...Array(450).fill(client(false, -2))];
    expect(chanceOfDraw([client(true, 1_000), ...others])).toBeCloseTo(0.1, 1);
  });

  test("is no surprise where the canary has less than its part, or nobody differs", () => {
    expect(chanceOfDraw([client(true, -5), client(false, 5)])).toBe(1);
    expect(chanceOfDraw([client(true, 0), client(false, 0)])).toBe(1);
    expect(chanceOfDraw([])).toBe(1);
  });
});

describe("what was drawn", () => {
  const measure: Measure = { amount: ({ refused }) => refused, base: ({ requests }) => requests };
  /** Clusters of so many requests each, half of them refused. */
  function clusters(...requests: readonly (readonly [key: string, user: string | null, count: number])[]) {
    const made = new Clusters();
    for (const [key_id, user_hash, count] of requests) {
      for (let at = 0; at < count; at++) {
        const cluster = made.find({ key_id, user_hash, code: null });
        cluster.requests += 1;
        cluster.refused += at % 2;
      }
    }
    return made.all;
  }
  const shares = (stable: Iterable<Cluster>, canary: Iterable<Cluster>) =>
    drawnOf({ stable, canary }, 0.1, measure).map((each) => [each.isInCanary, each.share] as const);

  test("is a client, however many requests it makes", () => {
    const stable = clusters(["a", null, 300], ["b", "user-1", 50], ["b", "user-2", 50]);
    expect(shares(stable, clusters(["c", null, 100]))).toEqual([
      [false, 0.1],
      [false, 0.1],
      [false, 0.1],
      [true, 0.1],
    ]);
  });

  test("is each part of a key that is in both arms, drawn as often as it is there", () => {
    const parts = shares(clusters(["a", null, 300]), clusters(["a", null, 100]));
    expect(parts).toHaveLength(128);
    expect(new Set(parts.map(([isInCanary, share]) => `${isInCanary} ${share}`))).toEqual(
      new Set(["true 0.25", "false 0.25"]),
    );
  });

  test("does not fall apart for a few requests that had begun before", () => {
    expect(shares(clusters(["a", null, 2]), clusters(["a", null, 500]))).toEqual([[true, 0.1]]);
  });

  test("is one for whoever has no valid key", () => {
    const made = new Clusters();
    for (let at = 0; at < 100; at++) made.find({ key_id: null, user_hash: null, code: "invalid_api_key" });
    expect([...made.all]).toHaveLength(1);
  });

  test("stays within bounds for any number of clients", () => {
    const made = new Clusters();
    for (let at = 0; at < 10_000; at++)
      made.find({ key_id: "a", user_hash: `user-${at}`, code: null }).requests++;
    const all = [...made.all];
    expect(all.length).toBeLessThanOrEqual(1_100);
    expect(all.reduce((sum, { requests }) => sum + requests, 0)).toBe(10_000);
  });
});
