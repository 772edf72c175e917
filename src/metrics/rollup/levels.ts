import type { DurationMs, EpochMs } from "../../core/units.ts";

/** How wide the buckets of each level are; they lie on whole ones in UTC. */
export const widths = { minute: 60_000, hour: 3_600_000, day: 86_400_000 } as const;
export type Level = keyof typeof widths;

/** From coarse to fine. */
export const levels = ["day", "hour", "minute"] as const satisfies readonly Level[];

/** The start of the bucket that `ms` lies in. */
export const floorTo = (ms: EpochMs, width: DurationMs): EpochMs => Math.floor(ms / width) * width;
/** The first start of a bucket at or after `ms`. */
export const ceilTo = (ms: EpochMs, width: DurationMs): EpochMs => Math.ceil(ms / width) * width;
