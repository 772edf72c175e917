import { describe, expect, test } from "bun:test";
import { type Average, averageAt, sampled } from "../../src/resilience/averages.ts";

const start = Date.UTC(2026, 10, 21);
const after = (samples: readonly (readonly [atMs: number, ttftMs: number])[]): Average | null =>
  samples.reduce<Average | null>((average, [atMs, ttftMs]) => sampled(average, ttftMs, start + atMs), null);

describe("the average time to first output", () => {
  test.each([
    { name: "is unknown at first", samples: [], atMs: 0, expected: null },
    { name: "is the first sample", samples: [[0, 400]], atMs: 1, expected: 400 },
    {
      name: "moves towards newer samples",
      samples: [
        [0, 400],
        [10, 900],
      ],
      atMs: 11,
      expected: 500,
    },
    { name: "is known for 5 minutes", samples: [[0, 400]], atMs: 299_999, expected: 400 },
    { name: "and unknown after that", samples: [[0, 400]], atMs: 300_000, expected: null },
    {
      name: "begins anew after a gap",
      samples: [
        [0, 400],
        [300_000, 90],
      ],
      atMs: 300_001,
      expected: 90,
    },
  ] as const)("$name", ({ samples, atMs, expected }) => {
    expect(averageAt(after(samples), start + atMs)).toBe(expected);
  });
});
