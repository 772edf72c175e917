import { describe, expect, setDefaultTimeout, test } from "bun:test";
import fc from "fast-check";
import { fittingSpan, spanOf, ticksOf, timelineOf } from "../../../src/admin/generations/timeline.ts";
import type { HistoryEntry } from "../../../src/rollout/history.ts";

setDefaultTimeout(20_000);

const noon = Date.parse("2027-01-31T12:00:00Z");
const minute = 60_000;
const at = (minutes: number) => new Date(noon + minutes * minute).toISOString();
const entry = (generation: number, more: Partial<HistoryEntry> = {}): HistoryEntry => ({
  ...{ generation, state: "retired", stage: "retired", reason: null, digest: "9f2c", source: "git" },
  ...{ path: null, repo: "r", ref: "main", git_sha: "7be2d10", author: "Ana <a@example.com>", signer: null },
  ...{ seen_at: at(0), active_at: null, retired_at: null, served: [], requests: 0, errors: 0, warnings: 0 },
  ...more,
});
const hour = { from: noon, to: noon + 60 * minute };

describe("the timeline", () => {
  test("has a band for every stretch in which a generation served, in turn", () => {
    const { bands } = timelineOf(
      [
        entry(2, { served: [{ as: "active", from: at(30), to: at(45) }] }),
        entry(1, {
          served: [
            { as: "active", from: at(0), to: at(30) },
            { as: "active", from: at(45), to: null },
          ],
        }),
      ],
      hour,
    );
    expect(bands.map(({ generation, left, width }) => [generation, left, width])).toEqual([
      [1, 0, 0.5],
      [2, 0.5, 0.25],
      [1, 0.75, 0.25],
    ]);
  });

  test("cuts what began before it and leaves out what was over", () => {
    const { bands } = timelineOf(
      [
        entry(3, { served: [{ as: "canary", from: at(15), to: at(30) }] }),
        entry(2, { served: [{ as: "active", from: at(-60), to: at(30) }] }),
        entry(1, { served: [{ as: "active", from: at(-90), to: at(-60) }] }),
      ],
      hour,
    );
    expect(bands.map(({ generation, as, left, width }) => [generation, as, left, width])).toEqual([
      [2, "active", 0, 0.5],
      [3, "canary", 0.25, 0.25],
    ]);
  });

  test("marks what did not come to serve where it was seen, and what was taken back where that was", () => {
    const { marks } = timelineOf(
      [
        entry(4, { state: "held", seen_at: at(45) }),
        entry(3, { state: "quarantined", seen_at: at(6), retired_at: at(30) }),
        entry(2, { state: "rejected", seen_at: at(15) }),
        entry(1, { state: "rejected", seen_at: at(-1) }),
      ],
      hour,
    );
    expect(marks.map(({ generation, what, left }) => [generation, what, left])).toEqual([
      [2, "rejected", 0.25],
      [3, "quarantined", 0.5],
      [4, "held", 0.75],
    ]);
  });

  test("stays in its frame, whatever served when", () => {
    const moments = fc.integer({ min: -1_000, max: 1_000 });
    fc.assert(
      fc.property(moments, fc.option(moments), (from, to) => {
        const served = [
          { as: "active" as const, from: at(from), to: to === null ? null : at(Math.max(from, to)) },
        ];
        for (const { left, width } of timelineOf([entry(1, { served })], hour).bands) {
          expect(left).toBeWithin(0, 1.0001);
          expect(width).toBeGreaterThanOrEqual(0);
          expect(left + width).toBeLessThanOrEqual(1.0001);
        }
      }),
    );
  });
});

test.each([
  [0, 1, "all"],
  [12, 1, "all"],
  [13, 1, "all"],
  [70, 1, "1h"],
  [50, 10, "6h"],
  [50, 60 * 24, "30d"],
  [50, 60 * 24 * 30, "all"],
] as const)("%p generations, one in %p minutes, are drawn over %s", (count, pause, name) => {
  const entries = Array.from({ length: count }, (_, index) =>
    entry(count - index, { seen_at: at(-index * pause) }),
  );
  expect(fittingSpan(entries, noon)).toBe(name);
});

test("all of it begins before the oldest, and is not nothing where there is none", () => {
  const all = spanOf("all", [entry(1, { seen_at: at(-600) })], noon);
  expect([all.from < noon - 600 * minute, all.to]).toEqual([true, noon]);
  expect(spanOf("all", [], noon).from).toBeLessThan(noon);
});

test("round moments are named under a span, in local time, few enough to be read", () => {
  expect(ticksOf(hour, 6, 0).at).toEqual([0, 10, 20, 30, 40, 50, 60].map((each) => noon + each * minute));
  const day = { from: noon, to: noon + 24 * 60 * minute };
  expect(ticksOf(day, 6, 3_600_000).at.map((each) => new Date(each).getUTCHours())).toEqual([17, 23, 5, 11]);
  fc.assert(
    fc.property(fc.integer({ min: minute, max: 20 * 365 * 24 * 60 * minute }), (length) => {
      const { at: ticks } = ticksOf({ from: noon - length, to: noon }, 6, 0);
      expect(ticks.length).toBeLessThanOrEqual(7);
      expect(ticks.every((each) => each >= noon - length && each <= noon)).toBe(true);
    }),
  );
});
