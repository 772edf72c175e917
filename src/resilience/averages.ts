import type { DurationMs, EpochMs } from "../core/units.ts";

/** Without a sample for this long nothing is known. */
export const staleAfterMs: DurationMs = 300_000;
/** What the newest sample weighs. */
const weight = 0.2;

/** Time to first output of one endpoint, newer samples weighing more. */
export interface Average {
  readonly meanMs: DurationMs;
  /** Of the newest sample. */
  readonly at: EpochMs;
}

/** The average with one more sample; after a gap it begins anew. */
export function sampled(average: Average | null, ttftMs: DurationMs, now: EpochMs): Average {
  const mean = averageAt(average, now);
  return { meanMs: mean === null ? ttftMs : mean + weight * (ttftMs - mean), at: now };
}

/** Null without a sample in the last 5 minutes. */
export const averageAt = (average: Average | null, now: EpochMs): DurationMs | null =>
  average === null || now - average.at >= staleAfterMs ? null : average.meanMs;
