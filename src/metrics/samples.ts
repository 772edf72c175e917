import type { DurationMs } from "../core/units.ts";

/** Percentiles in milliseconds; null when there was nothing to measure. */
export interface Quantiles {
  readonly p50: DurationMs | null;
  readonly p95: DurationMs | null;
  readonly p99: DurationMs | null;
}

/**
 * Durations of which percentiles are wanted, as counts of what fell into buckets that grow by 2 % each. Two of them add up
 * to what one would have been, in any order.
 */
export interface Samples {
  /** The buckets that have something in them, ascending (see {@link bucketOf}), and how much; the first `used` count. */
  readonly buckets: number[];
  readonly counts: number[];
  used: number;
  /** Of all buckets. */
  count: number;
  min: DurationMs;
  max: DurationMs;
}

/** How samples are stored: pairs of bucket and count. */
export interface StoredSamples {
  readonly buckets: readonly (readonly [number, number])[];
  readonly min: DurationMs;
  readonly max: DurationMs;
}

/** The ratio of two neighbouring buckets: a bucket's middle is within 1 % of all in it. */
const growth = Math.log(1.02);
const smallestMs = 0.001;
const longestMs = 1e12;

/** Nothing measured yet. */
export const noSamples = (): Samples => ({
  buckets: [],
  counts: [],
  used: 0,
  count: 0,
  min: Number.POSITIVE_INFINITY,
  max: 0,
});

/** Adds one duration. */
export function addSample(samples: Samples, ms: DurationMs): void {
  addBucket(samples, bucketOf(ms), 1);
  stretch(samples, ms, ms);
}

/**
 * Adds `count` durations of one bucket and returns its place; a caller that adds in ascending order gives the last one back
 * as `after`. {@link stretch} is told of their extremes.
 */
export function addBucket(samples: Samples, bucket: number, count: number, after = 0): number {
  const { buckets, counts, used } = samples;
  samples.count += count;
  const isLast = used === 0 || bucket > (buckets[used - 1] ?? 0);
  const at = isLast ? used : placeOf(samples, bucket, after);
  if (!isLast && buckets[at] === bucket) {
    counts[at] = (counts[at] ?? 0) + count;
    return at;
  }
  for (let to = used; to > at; to -= 1) {
    buckets[to] = buckets[to - 1] ?? 0;
    counts[to] = counts[to - 1] ?? 0;
  }
  buckets[at] = bucket;
  counts[at] = count;
  samples.used += 1;
  return at;
}

/** Takes note of the shortest and the longest of some durations. */
export function stretch(samples: Samples, min: DurationMs, max: DurationMs): void {
  if (min < samples.min) samples.min = min;
  if (max > samples.max) samples.max = max;
}

/** Adds all of `from`. */
export function mergeSamples(into: Samples, from: Samples): void {
  let place = 0;
  for (let at = 0; at < from.used; at += 1)
    place = addBucket(into, from.buckets[at] ?? 0, from.counts[at] ?? 0, place);
  if (from.used > 0) stretch(into, from.min, from.max);
}

/** Forgets everything, and keeps the room. */
export function clearSamples(samples: Samples): void {
  samples.used = 0;
  samples.count = 0;
  samples.min = Number.POSITIVE_INFINITY;
  samples.max = 0;
}

/** The 50th, 95th and 99th percentile by nearest rank, within 1 %. */
export function quantiles(samples: Samples): Quantiles {
  if (samples.count === 0) return { p50: null, p95: null, p99: null };
  const { buckets, counts, used, count } = samples;
  let at = -1;
  let seen = 0;
  const read = (share: number): DurationMs => {
    const rank = Math.ceil(share * count);
    while (seen < rank && at < used - 1) {
      at += 1;
      seen += counts[at] ?? 0;
    }
    return middleOf(samples, buckets[at] ?? 0);
  };
  return { p50: read(0.5), p95: read(0.95), p99: read(0.99) };
}

/** What {@link loadSamples} reads back. */
export const storeSamples = (samples: Samples): StoredSamples => ({
  buckets: samples.buckets.slice(0, samples.used).map((bucket, at) => [bucket, samples.counts[at] ?? 0]),
  min: samples.count === 0 ? 0 : samples.min,
  max: samples.max,
});

/** Samples as they were stored. */
export function loadSamples(stored: StoredSamples): Samples {
  const samples = noSamples();
  for (const [bucket, count] of stored.buckets) addBucket(samples, bucket, count);
  if (samples.count > 0) stretch(samples, stored.min, stored.max);
  return samples;
}

/** The bucket of a duration: a whole number, below zero under a millisecond, and never under {@link lowestBucket}. */
const bucketOf = (ms: DurationMs): number =>
  Math.round(Math.log(ms > smallestMs ? Math.min(ms, longestMs) : smallestMs) / growth);

/** The bucket of everything that is too short to be told apart. */
export const lowestBucket = bucketOf(smallestMs);

/** Where a bucket is, or would be, at or after a place; most are not far from it. */
function placeOf({ buckets, used }: Samples, bucket: number, after: number): number {
  let low = after;
  for (const near = Math.min(used, after + 8); low < near; low += 1)
    if ((buckets[low] ?? 0) >= bucket) return low;
  let high = used;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((buckets[middle] ?? 0) < bucket) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** Of one value alone, that value; to the microsecond. */
function middleOf(samples: Samples, bucket: number): DurationMs {
  const middle = Math.min(samples.max, Math.max(samples.min, Math.exp(bucket * growth)));
  return Math.round(middle * 1_000) / 1_000;
}
