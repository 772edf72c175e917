import { describe, expect, setDefaultTimeout, test } from "bun:test";
import fc from "fast-check";
import { cover, type Since } from "../../../src/metrics/rollup/cover.ts";
import { floorTo, type Level, widths } from "../../../src/metrics/rollup/levels.ts";

setDefaultTimeout(20_000);

const at = (text: string): number => Date.parse(`2027-01-${text}Z`);
const everything: Since = { day: 0, hour: 0, minute: 0, requests: 0 };
const shown = (from: number, until: number, unit: Level, since: Since = everything): readonly string[] =>
  cover(from, until, unit, since).map(
    (segment) =>
      `${segment.source} ${new Date(segment.from).toISOString().slice(8, 19)}..${new Date(segment.until).toISOString().slice(8, 19)}`,
  );

describe("a time is divided among", () => {
  test("days, with hours, minutes and requests at its edges", () => {
    expect(shown(at("01T22:58:30"), at("04T01:01:10"), "day")).toEqual([
      "requests 01T22:58:30..01T22:59:00",
      "minute 01T22:59:00..01T23:00:00",
      "hour 01T23:00:00..02T00:00:00",
      "day 02T00:00:00..04T00:00:00",
      "hour 04T00:00:00..04T01:00:00",
      "minute 04T01:00:00..04T01:01:00",
      "requests 04T01:01:00..04T01:01:10",
    ]);
  });

  test("no buckets that are wider than a point", () => {
    expect(shown(at("02T00:00:00"), at("04T00:00:00"), "hour")).toEqual(["hour 02T00:00:00..04T00:00:00"]);
  });

  test("requests alone where that is all there is", () => {
    const none = Number.POSITIVE_INFINITY;
    const since = { day: none, hour: none, minute: none, requests: at("02T12:00:00") };
    expect(shown(at("02T00:00:00"), at("04T00:00:00"), "day", since)).toEqual([
      "requests 02T12:00:00..04T00:00:00",
    ]);
  });

  test("coarser buckets where finer ones are gone, at most up to the next one that begins", () => {
    const since = { ...everything, minute: at("03T10:20:00"), requests: at("03T11:40:30") };
    expect(shown(at("03T08:30:00"), at("03T12:00:00"), "minute", since)).toEqual([
      "hour 03T08:30:00..03T11:00:00",
      "minute 03T11:00:00..03T12:00:00",
    ]);
  });

  test("a bucket of a coarser one once, where finer ones began later than requests are kept", () => {
    const since = { ...everything, minute: at("03T10:01:00"), requests: at("03T10:01:01") };
    expect(shown(at("03T10:00:00"), at("03T12:00:00"), "minute", since)).toEqual([
      "hour 03T10:00:00..03T11:00:00",
      "minute 03T11:00:00..03T12:00:00",
    ]);
  });
});

const hour = widths.hour;
const time = fc.integer({ min: 0, max: 20 * 24 * 60 }).map((minutes) => minutes * widths.minute);
const since = fc.record({
  day: fc.constant(0),
  hour: time.map((ms) => floorTo(ms, hour)),
  minute: fc.oneof(time, fc.constant(Number.POSITIVE_INFINITY)),
  requests: time.map((ms) => ms + 1_234),
});
const window = fc
  .tuple(time, time, fc.nat(59_999))
  .map(([a, b, more]) => [Math.min(a, b), Math.max(a, b) + more] as const);

/** How often something that happened at `ms` is counted. */
function timesCounted(ms: number, segments: ReturnType<typeof cover>): number {
  return segments.filter(({ source, from, until }) => {
    const found = source === "requests" ? ms : floorTo(ms, widths[source]);
    return found >= from && found < until;
  }).length;
}

test("nothing is counted twice, and nothing from outside unless only a coarse bucket knows it", () => {
  fc.assert(
    fc.property(
      window,
      fc.constantFrom("minute", "hour", "day"),
      since,
      time,
      ([from, until], unit, kept, ms) => {
        const counted = timesCounted(ms + 17, cover(from, until, unit, kept));
        expect(counted).toBeLessThanOrEqual(1);
        if (ms + 17 >= until + 24 * hour || ms + 17 < from) expect(counted).toBe(0);
      },
    ),
  );
});

test("whatever retention deleted, whole days are complete", () => {
  fc.assert(
    fc.property(
      window,
      fc.constantFrom("minute", "hour", "day"),
      since,
      time,
      ([from, until], unit, kept, ms) => {
        const [first, last] = [floorTo(from, 24 * hour), floorTo(until, 24 * hour) + 24 * hour];
        const isInside = ms >= first && ms < last;
        expect(timesCounted(ms, cover(first, last, unit, kept))).toBe(isInside ? 1 : 0);
      },
    ),
  );
});

test("nothing is missing where everything is kept", () => {
  fc.assert(
    fc.property(
      window,
      fc.constantFrom("minute", "hour", "day"),
      time,
      fc.nat(59_999),
      ([from, until], unit, ms, more) => {
        const isInside = ms + more >= from && ms + more < until;
        expect(timesCounted(ms + more, cover(from, until, unit, everything))).toBe(isInside ? 1 : 0);
      },
    ),
  );
});
