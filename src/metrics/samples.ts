import type { DurationMs } from "../core/units.ts";

/** Percentiles in milliseconds; null when there was nothing to measure. */
export interface Quantiles {
  readonly p50: DurationMs | null;
  readonly p95: DurationMs | null;
  readonly p99: DurationMs | null;
}

/** Durations of which percentiles are wanted. Exact while they are few, then within 1 %, so that memory is bounded. */
export interface Samples {
  /** Every value so far; null once they are too many. */
  exact: number[] | null;
  /** How many values fell into each {@link bucketOf}; used once `exact` is null. */
  readonly buckets: Map<number, number>;
  count: number;
  min: number;
  max: number;
}

/** How samples are stored. */
export interface StoredSamples {
  readonly buckets: readonly (readonly [number, number])[];
  readonly min: number;
  readonly max: number;
}

const exactAtMost = 50_000;
/** The ratio of two neighbouring buckets: a bucket's middle is within 1 % of all in it. */
const growth = Math.log(1.02);
const smallestMs = 0.001;

/** Nothing measured yet; `bounded` ones are never exact, which is what can be stored and added up. */
export const noSamples = (kind: "exact" | "bounded" = "exact"): Samples => ({
  exact: kind === "exact" ? [] : null,
  buckets: new Map(),
  count: 0,
  min: Number.POSITIVE_INFINITY,
  max: 0,
});

/** Adds one duration. */
export function addSample(samples: Samples, ms: DurationMs): void {
  samples.count += 1;
  if (ms < samples.min) samples.min = ms;
  if (ms > samples.max) samples.max = ms;
  if (samples.exact === null) {
    bump(samples.buckets, bucketOf(ms), 1);
    return;
  }
  samples.exact.push(ms);
  if (samples.exact.length > exactAtMost) {
    for (const value of samples.exact) bump(samples.buckets, bucketOf(value), 1);
    samples.exact = null;
  }
}

/** The 50th, 95th and 99th percentile by nearest rank, to the microsecond. */
export function quantiles(samples: Samples): Quantiles {
  if (samples.count === 0) return { p50: null, p95: null, p99: null };
  const at = samples.exact === null ? rankInBuckets(samples) : rankInValues(samples.exact);
  const read = (share: number): number => Number(at(Math.ceil(share * samples.count)).toFixed(3));
  return { p50: read(0.5), p95: read(0.95), p99: read(0.99) };
}

/** What {@link loadSamples} reads back. Only for bounded samples. */
export const storeSamples = (samples: Samples): StoredSamples => ({
  buckets: [...samples.buckets],
  min: samples.count === 0 ? 0 : samples.min,
  max: samples.max,
});

/** Bounded samples as they were stored. */
export function loadSamples(stored: StoredSamples): Samples {
  const samples = noSamples("bounded");
  for (const [bucket, count] of stored.buckets) {
    samples.buckets.set(bucket, count);
    samples.count += count;
  }
  if (samples.count > 0) samples.min = stored.min;
  samples.max = stored.max;
  return samples;
}

const bucketOf = (ms: number): number => Math.round(Math.log(Math.max(ms, smallestMs)) / growth);

function bump(buckets: Map<number, number>, bucket: number, by: number): void {
  buckets.set(bucket, (buckets.get(bucket) ?? 0) + by);
}

function rankInValues(values: readonly number[]): (rank: number) => number {
  const sorted = Float64Array.from(values).sort();
  return (rank) => sorted[rank - 1] ?? 0;
}

function rankInBuckets(samples: Samples): (rank: number) => number {
  const sorted = [...samples.buckets].sort(([a], [b]) => a - b);
  return (rank) => {
    let seen = 0;
    for (const [bucket, count] of sorted) {
      seen += count;
      if (seen >= rank) return Math.min(samples.max, Math.max(samples.min, Math.exp(bucket * growth)));
    }
    return samples.max;
  };
}
