import type { DurationMs, EpochMs } from "../core/units.ts";
import { ceilTo, floorTo, widths } from "./rollup/levels.ts";

/** The clock of a place. */
export interface Zone {
  /** By how much it is ahead of UTC at that moment. */
  readonly offsetAt: (ms: EpochMs) => DurationMs;
}

/** Coordinated universal time, which never changes. */
export const utc: Zone = { offsetAt: () => 0 };

/** The zone of an IANA name such as Europe/Berlin; null when there is none. */
export function zoneOf(name: string): Zone | null {
  const format = formatFor(name);
  if (format === null) return null;
  return {
    offsetAt: (ms) => {
      const shown = format.formatToParts(ms).find(({ type }) => type === "timeZoneName")?.value ?? "GMT";
      const [, sign, hours, minutes, seconds] = /^GMT([+-])(\d\d):(\d\d)(?::(\d\d))?$/.exec(shown) ?? [];
      const ahead = Number(hours ?? 0) * 3_600 + Number(minutes ?? 0) * 60 + Number(seconds ?? 0);
      return (sign === "-" ? -ahead : ahead) * 1_000;
    },
  };
}

/** A time in which the clock of a zone is not changed. */
interface Stretch {
  readonly from: EpochMs;
  readonly until: EpochMs;
  readonly offset: DurationMs;
}

/**
 * The moments from the bucket of `from` on, and before `until`, at which an hour or a day begins in a zone. A day of 23 or 25
 * hours is one; an hour that comes twice is two.
 */
export function startsIn(zone: Zone, width: DurationMs, from: EpochMs, until: EpochMs): readonly EpochMs[] {
  const starts: EpochMs[] = [];
  let last = Number.NEGATIVE_INFINITY;
  // far enough back for the bucket that `from` lies in to begin
  for (const { from: begin, until: end, offset } of stretches(zone, from - 2 * widths.day, until)) {
    const day = (ms: EpochMs): number => Math.floor((ms + offset) / widths.day);
    // where midnight was left out, the day begins with the first moment after it
    if (width === widths.day && last !== Number.NEGATIVE_INFINITY && day(begin) > last) {
      starts.push(begin);
      last = day(begin);
    }
    for (let next = ceilTo(begin + offset, width) - offset; next < end; next += width) {
      if (width === widths.day && day(next) <= last) continue;
      starts.push(next);
      last = day(next);
    }
  }
  const first = starts.findLastIndex((start) => start <= from);
  return starts.slice(Math.max(first, 0));
}

/** How often a clock is looked at; what is changed and changed back in between goes unseen. */
const lookEvery: DurationMs = 7 * widths.day;

function stretches(zone: Zone, from: EpochMs, until: EpochMs): readonly Stretch[] {
  const found: Stretch[] = [];
  let begin = from;
  let offset = zone.offsetAt(from);
  for (let at = from; at < until; at += lookEvery) {
    const next = Math.min(at + lookEvery, until);
    const then = zone.offsetAt(next);
    if (then === offset) continue;
    const change = changeBetween(zone, at, next, offset);
    found.push({ from: begin, until: change, offset });
    [begin, offset] = [change, then];
  }
  return [...found, { from: begin, until, offset }];
}

/** The first moment at which the clock is no longer what it was; clocks are changed on a whole minute. */
function changeBetween(zone: Zone, from: EpochMs, until: EpochMs, offset: DurationMs): EpochMs {
  let [low, high] = [floorTo(from, widths.minute), ceilTo(until, widths.minute)];
  while (high - low > widths.minute) {
    const middle = floorTo((low + high) / 2, widths.minute);
    if (zone.offsetAt(middle) === offset) low = middle;
    else high = middle;
  }
  return high;
}

function formatFor(timeZone: string): Intl.DateTimeFormat | null {
  try {
    return new Intl.DateTimeFormat("en-US", { timeZone, timeZoneName: "longOffset" });
  } catch {
    return null;
  }
}
