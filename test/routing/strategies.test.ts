import { describe, expect, setDefaultTimeout, test } from "bun:test";
import fc from "fast-check";
import type { Strategy } from "../../src/domain/snapshot.ts";
import { orderings, type Rankable } from "../../src/routing/strategies.ts";

setDefaultTimeout(20_000);

interface Item extends Rankable {
  readonly id: string;
}

const item = (
  id: string,
  {
    weight = 1,
    room = 1,
    ttft = null,
    price = null,
  }: { weight?: number; room?: number; ttft?: number | null; price?: number | null } = {},
): Item => ({
  id,
  weight,
  headroom: () => room,
  latencyMs: () => ttft,
  price: () => price,
});

const order = (strategy: Strategy, items: readonly Item[], chance = 0.5) =>
  orderings[strategy](items, chance).map(({ id }) => id);

describe("orderings", () => {
  test("priority is file order", () => {
    expect(order("priority", [item("a"), item("b")])).toEqual(["a", "b"]);
  });

  test("headroom puts the most remaining share first, ties in file order", () => {
    expect(
      order("headroom", [item("a", { room: 0.2 }), item("b"), item("c", { room: 0.6 }), item("d")]),
    ).toEqual(["b", "d", "c", "a"]);
  });

  test("latency puts the fastest first and the unmeasured last, but for one request in twenty", () => {
    const items = [item("new"), item("slow", { ttft: 900 }), item("fast", { ttft: 90 })];
    expect(order("latency", items, 0.05)).toEqual(["fast", "slow", "new"]);
    expect(order("latency", items, 0.049)).toEqual(["new", "fast", "slow"]);
  });

  test("cost puts the cheapest first and the unknown last", () => {
    expect(order("cost", [item("unknown"), item("dear", { price: 2 }), item("cheap", { price: 1 })])).toEqual(
      ["cheap", "dear", "unknown"],
    );
  });

  test("a weight of zero comes last", () => {
    expect(order("weighted", [item("never", { weight: 0 }), item("b"), item("c")], 0.99).at(-1)).toBe(
      "never",
    );
  });

  test("weighted shares stay within statistical bounds, for the first and for the second place", () => {
    const items = [item("a", { weight: 5 }), item("b", { weight: 3 }), item("c", { weight: 2 })];
    const draws = 100_000;
    const counts = { first: new Map<string, number>(), second: new Map<string, number>() };
    let chance = 0.123;
    for (let draw = 0; draw < draws; draw++) {
      chance = (chance + 0.618_033_988_749_894_9) % 1;
      const [first = "", second = ""] = order("weighted", items, chance);
      counts.first.set(first, (counts.first.get(first) ?? 0) + 1);
      if (first === "a") counts.second.set(second, (counts.second.get(second) ?? 0) + 1);
    }
    for (const [id, share] of [
      ["a", 0.5],
      ["b", 0.3],
      ["c", 0.2],
    ] as const) {
      expect(Math.abs((counts.first.get(id) ?? 0) / draws - share)).toBeLessThan(0.005);
    }
    const afterA = counts.first.get("a") ?? 1;
    expect(Math.abs((counts.second.get("b") ?? 0) / afterA - 0.6)).toBeLessThan(0.01);
  });

  test("every strategy keeps every item exactly once", () => {
    const arbitrary = fc.array(
      fc.record({
        weight: fc.integer({ min: 0, max: 9 }),
        room: fc.double({ min: 0, max: 1, noNaN: true }),
        ttft: fc.option(fc.integer({ min: 1, max: 9_999 })),
        price: fc.option(fc.integer({ min: 0, max: 99 })),
      }),
      { maxLength: 8 },
    );
    fc.assert(
      fc.property(
        arbitrary,
        fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }),
        (specs, chance) => {
          const items = specs.map((spec, index) => item(String(index), spec));
          for (const strategy of ["priority", "weighted", "headroom", "latency", "cost"] as const) {
            expect([...order(strategy, items, chance)].sort()).toEqual(items.map(({ id }) => id).sort());
          }
        },
      ),
      { seed: 7, numRuns: 300 },
    );
  });
});
