import { describe, expect, setDefaultTimeout, test } from "bun:test";
import fc from "fast-check";
import { Window } from "../../src/limits/window.ts";
import { ExactLog } from "./exact_log.ts";

setDefaultTimeout(20_000);

const minute = { windowMs: 60_000, slots: 60 };
const day = { windowMs: 86_400_000, slots: 96 };
const start = Date.UTC(2026, 10, 21, 8, 30) + 123;

/** Admits like the ledger does. */
function admit(window: Window, amount: number, of: number, now: number): boolean {
  window.advance(now);
  if (window.waitFor(amount, of, now) > 0) return false;
  window.take(amount, now);
  return true;
}

/** Steps that mix bursts, lulls and long pauses. */
const steps = (windowMs: number) =>
  fc.array(
    fc.record({
      after: fc.oneof(
        { weight: 6, arbitrary: fc.nat(40) },
        { weight: 4, arbitrary: fc.nat(Math.floor(windowMs / 20)) },
        { weight: 1, arbitrary: fc.nat(windowMs * 2) },
      ),
      amount: fc.integer({ min: 1, max: 9 }),
      burst: fc.integer({ min: 1, max: 30 }),
    }),
    { minLength: 20, maxLength: 120 },
  );

describe.each([
  ["a minute in 60 sub-windows", minute],
  ["a day in 96 sub-windows", day],
] as const)("%s", (_name, { windowMs, slots }) => {
  test("never holds more than its limit in any real window, nor refuses what was free one sub-window ago", () => {
    fc.assert(
      fc.property(steps(windowMs), fc.integer({ min: 9, max: 60 }), (script, of) => {
        const window = new Window(windowMs, slots);
        const log = new ExactLog(windowMs);
        let now = start;
        for (const { after, amount, burst } of script) {
          now += after;
          for (let index = 0; index < burst; index++) {
            if (admit(window, amount, of, now)) log.add(now, amount);
            else
              expect(log.used(now) + amount + older(log, now, windowMs, windowMs / slots)).toBeGreaterThan(
                of,
              );
          }
        }
        expect(log.worst()).toBeLessThanOrEqual(of);
      }),
      { seed: 1, numRuns: 60 },
    );
  });

  test("gives away at most 2 % against an exact log under steady pressure", () => {
    for (const everyMs of [windowMs / 1_700, windowMs / 997, windowMs / 333]) {
      for (const of of [50, 100, 240]) {
        const window = new Window(windowMs, slots);
        const exact = new ExactLog(windowMs);
        let admitted = 0;
        for (let now = start; now < start + 12 * windowMs; now += everyMs) {
          if (admit(window, 1, of, now)) admitted++;
          if (exact.used(now) < of) exact.add(now, 1);
          while ((exact.entries[0]?.at ?? now) <= now - windowMs) exact.entries.shift();
        }
        expect(admitted).toBeGreaterThanOrEqual(12 * of * 0.98);
      }
    }
  });

  test("names the exact moment at which an amount fits", () => {
    fc.assert(
      fc.property(steps(windowMs), fc.integer({ min: 9, max: 60 }), (script, of) => {
        const window = new Window(windowMs, slots);
        let now = start;
        for (const { after, amount, burst } of script) {
          now += after;
          for (let index = 0; index < burst; index++) admit(window, amount, of, now);
          const waitMs = window.waitFor(amount, of, now);
          if (waitMs === 0) continue;
          expect(waitMs).toBeLessThanOrEqual(windowMs);
          expect(window.waitFor(amount, of, now + waitMs - 1)).toBe(1);
          expect(window.waitFor(amount, of, now + waitMs)).toBe(0);
        }
      }),
      { seed: 2, numRuns: 40 },
    );
  });
});

/** What an exact log would already have let go, and a sub-window that counts whole may still hold. */
function older(log: ExactLog, now: number, windowMs: number, slotMs: number): number {
  return log.entries
    .filter(({ at }) => at <= now - windowMs && at > now - windowMs - slotMs)
    .reduce((sum, { amount }) => sum + amount, 0);
}

test("asking with a later time changes nothing", () => {
  const window = new Window(60_000, 60);
  window.take(5, start);
  expect(window.used(start + 600_000)).toBe(0);
  expect(window.waitFor(5, 5, start + 600_000)).toBe(0);
  expect(window.used(start)).toBe(5);
});

test("an amount over the limit waits for ever", () => {
  expect(new Window(60_000, 60).waitFor(11, 10, start)).toBe(Number.POSITIVE_INFINITY);
});

test("a clock that moves back and forth frees nothing early and locks nobody out for the hours that come twice", () => {
  const move = fc.oneof(fc.integer({ min: -20, max: 200 }), fc.integer({ min: -7_200_000, max: 3_000 }));
  fc.assert(
    fc.property(fc.array(move, { minLength: 10, maxLength: 200 }), (moves) => {
      const window = new Window(60_000, 60);
      const log = new ExactLog(60_000);
      let now = start;
      let elapsed = 0;
      for (const ms of moves) {
        now += ms;
        // Time that certainly passed: what the clock went forward.
        elapsed += Math.max(0, ms);
        expect(window.used(now)).toBeGreaterThanOrEqual(0);
        expect(window.waitFor(1, 5, now)).toBeLessThanOrEqual(70_000);
        if (admit(window, 1, 5, now)) log.add(elapsed, 1);
      }
      expect(log.worst()).toBeLessThanOrEqual(5);
      expect(window.waitFor(5, 5, now + 70_000)).toBe(0);
    }),
    { seed: 3, numRuns: 200 },
  );
});

test("readers of one clock that are seconds late neither free anything early nor add up to a shift", () => {
  const step = fc.record({ after: fc.nat(3_000), lag: fc.nat(9_000) });
  fc.assert(
    fc.property(fc.array(step, { minLength: 50, maxLength: 200 }), (steps) => {
      const window = new Window(60_000, 60);
      const log = new ExactLog(60_000);
      let now = start;
      for (const { after, lag } of steps) {
        now += after;
        window.advance(now);
        if (admit(window, 1, 5, now - lag)) log.add(now, 1);
      }
      expect(log.worst()).toBeLessThanOrEqual(5);
    }),
    { seed: 6, numRuns: 100 },
  );
});

test("a surplus goes back to its own sub-window, and nowhere once that has passed", () => {
  const window = new Window(60_000, 60);
  const early = window.take(100, start);
  window.take(50, start + 30_000);
  window.give(early, 60);
  expect(window.used(start + 30_000)).toBe(90);
  expect(window.used(start + 60_000)).toBe(50);
  window.give(early + 30, 9_999);
  expect(window.used(start + 60_000)).toBe(0);
  // The ring has come round: this sub-window sits where the first one was.
  expect(window.take(30, start + 61_000)).toBe(early + 61);
  window.give(early, 40);
  expect(window.used(start + 61_000)).toBe(30);
});

test("what was booked survives being saved and restored, sub-window by sub-window", () => {
  fc.assert(
    fc.property(steps(60_000), (script) => {
      const window = new Window(60_000, 60);
      let now = start;
      for (const { after, amount } of script) {
        now += after;
        window.take(amount, now);
      }
      const restored = new Window(60_000, 60);
      restored.restore(window.booked(now), now);
      for (const later of [0, 1, 500, 7_300, 30_000, 59_999, 60_000]) {
        expect(restored.used(now + later)).toBe(window.used(now + later));
      }
    }),
    { seed: 4, numRuns: 40 },
  );
});

test("bookings restored from a clock that was ahead count from now", () => {
  const window = new Window(60_000, 60);
  window.restore([start + 3_600_000, 7], start);
  expect(window.used(start)).toBe(7);
  expect(window.waitFor(10, 10, start)).toBe(60_000);
});
