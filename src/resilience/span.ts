import type { DurationMs, EpochMs } from "../core/units.ts";

/** A stretch of time, `until` left out. */
export interface Span {
  readonly since: EpochMs;
  readonly until: EpochMs;
}

/** Readers of one clock may be this far apart. */
const toleranceMs: DurationMs = 1_000;

/** Whether `now` falls into the span. A clock that was set back to before its beginning ends it, so that nobody waits for the lost hours. */
export const covers = ({ since, until }: Span, now: EpochMs): boolean =>
  now < until && now >= since - toleranceMs;
