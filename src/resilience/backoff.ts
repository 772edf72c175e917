import type { DurationMs, Share } from "../core/units.ts";
import type { FailoverPolicy } from "../domain/snapshot.ts";

/**
 * How long to wait before retry `retryNumber` (1 is the first) on the same target: full jitter, anything from nothing to
 * the doubled base, so that clients that failed together do not come back together. `chance` is drawn by the caller.
 */
export function backoff(
  { baseMs, maxMs }: FailoverPolicy["backoff"],
  retryNumber: number,
  chance: Share,
): DurationMs {
  const doublings = Math.min(Math.max(0, retryNumber - 1), 52);
  return Math.floor(Math.min(maxMs, baseMs * 2 ** doublings) * chance);
}
