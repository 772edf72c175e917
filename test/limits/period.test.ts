import { describe, expect, setDefaultTimeout, test } from "bun:test";
import fc from "fast-check";
import { endOfPeriod, Period, startOfPeriod } from "../../src/limits/period.ts";

setDefaultTimeout(20_000);

const pers = ["day", "week", "month"] as const;
const at = (text: string) => Date.parse(text);

describe("a calendar period in UTC", () => {
  test.each([
    ["day", "2026-11-27T09:30:00Z", "2026-11-27T00:00:00Z", "2026-11-28T00:00:00Z"],
    ["week", "2026-11-27T09:30:00Z", "2026-11-23T00:00:00Z", "2026-11-30T00:00:00Z"],
    ["week", "2026-11-29T23:59:59.999Z", "2026-11-23T00:00:00Z", "2026-11-30T00:00:00Z"],
    ["week", "2026-11-30T00:00:00Z", "2026-11-30T00:00:00Z", "2026-12-07T00:00:00Z"],
    ["month", "2028-02-29T23:00:00Z", "2028-02-01T00:00:00Z", "2028-03-01T00:00:00Z"],
    ["month", "2026-12-31T23:59:59Z", "2026-12-01T00:00:00Z", "2027-01-01T00:00:00Z"],
  ] as const)("of a %s, %s lies between %s and %s", (per, now, start, end) => {
    expect(startOfPeriod(per, at(now))).toBe(at(start));
    expect(endOfPeriod(per, at(now))).toBe(at(end));
  });

  test("every moment lies in exactly one", () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...pers),
        fc.integer({ min: 0, max: at("2100-01-01T00:00:00Z") }),
        (per, now) => {
          const [start, end] = [startOfPeriod(per, now), endOfPeriod(per, now)];
          expect(start <= now && now < end).toBe(true);
          expect(startOfPeriod(per, end)).toBe(end);
          expect(endOfPeriod(per, end - 1)).toBe(end);
        },
      ),
    );
  });
});

test("what was spent is the sum of what was booked in the period that runs, whatever was given back", () => {
  const hour = 3_600_000;
  const step = fc.record({ after: fc.nat(40 * hour), amount: fc.nat(100), back: fc.nat(100) });
  fc.assert(
    fc.property(fc.constantFrom(...pers), fc.array(step, { maxLength: 40 }), (per, steps) => {
      const period = new Period(per);
      const bookings: { at: number; amount: number }[] = [];
      let now = at("2026-11-20T00:00:00Z");
      for (const { after, amount, back } of steps) {
        now += after;
        const slot = period.take(amount, now);
        period.give(slot, Math.min(back, amount));
        bookings.push({ at: now, amount: amount - Math.min(back, amount) });
        const counting = bookings.filter((booking) => booking.at >= startOfPeriod(per, now));
        expect(period.used(now)).toBe(counting.reduce((sum, booking) => sum + booking.amount, 0));
        expect(period.waitFor(1_000_000, 10, now)).toBe(Number.POSITIVE_INFINITY);
        const copy = new Period(per);
        copy.restore(period.booked(now), now);
        expect(copy.used(now)).toBe(period.used(now));
      }
    }),
  );
});

test("a budget waits for the end of its period, and no longer", () => {
  const period = new Period("day");
  const noon = at("2026-11-27T12:00:00Z");
  period.take(8, noon);
  expect(period.waitFor(2, 10, noon)).toBe(0);
  expect(period.waitFor(3, 10, noon)).toBe(12 * 3_600_000);
  expect(period.waitFor(3, 10, noon + 12 * 3_600_000)).toBe(0);
});

test("a clock that was set back renews nothing", () => {
  const period = new Period("day");
  period.take(8, at("2026-11-27T01:00:00Z"));
  expect(period.used(at("2026-11-26T23:00:00Z"))).toBe(8);
  period.take(1, at("2026-11-26T23:00:00Z"));
  expect(period.used(at("2026-11-27T02:00:00Z"))).toBe(9);
});

test("what an older period had spent is not restored", () => {
  const period = new Period("month");
  period.restore([at("2026-10-01T00:00:00Z"), 50], at("2026-11-01T00:00:00Z"));
  expect(period.used(at("2026-11-01T00:00:00Z"))).toBe(0);
});
