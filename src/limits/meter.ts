import type { DurationMs, EpochMs } from "../core/units.ts";

/** What is booked on: a sliding window, or a calendar period. Time in it never runs backwards. */
export interface Meter {
  /** Moves to `now` and frees what has become too old. */
  readonly advance: (now: EpochMs) => void;
  /** Books `amount` whether or not it fits; returns where, for {@link give}. */
  readonly take: (amount: number, now: EpochMs) => number;
  /** Returns some of what was taken to where it was booked; nothing when that has passed. */
  readonly give: (slot: number, amount: number) => void;
  /** What counts at `now`. */
  readonly used: (now: EpochMs) => number;
  /** How long until `amount` fits under `of`: 0 when it does now, Infinity when it never can. */
  readonly waitFor: (amount: number, of: number, now: EpochMs) => DurationMs;
  /** What still counts, as pairs of (time, amount) in a row, oldest first: what {@link restore} takes. */
  readonly booked: (now: EpochMs) => readonly number[];
  /** Books pairs again, into a meter without bookings. */
  readonly restore: (booked: readonly number[], now: EpochMs) => void;
  /** Another one that stands as this one does, and goes its own way. */
  readonly copy: () => Meter;
}
