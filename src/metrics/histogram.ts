import type { Sample } from "./exposition.ts";

/** Counts of values up to each bound. */
export interface Histogram {
  /** Upper bounds, ascending; what lies above the last is counted in `counts` alone. */
  readonly bounds: readonly number[];
  /** Per bound, and one more for what is above all; not yet cumulative. */
  readonly counts: number[];
  sum: number;
}

/** Starts at zero. */
export const histogram = (bounds: readonly number[]): Histogram => ({
  bounds,
  counts: new Array<number>(bounds.length + 1).fill(0),
  sum: 0,
});

/** Counts one value. */
export function observeIn(into: Histogram, value: number): void {
  let at = 0;
  while (at < into.bounds.length && value > (into.bounds[at] ?? 0)) at += 1;
  into.counts[at] = (into.counts[at] ?? 0) + 1;
  into.sum += value;
}

/** The cumulative buckets, the sum and the count. */
export function histogramSamples(of: Histogram): readonly Sample[] {
  let below = 0;
  const buckets = of.counts.map((count, at): Sample => {
    below += count;
    return { suffix: "_bucket", labels: { le: bound(of.bounds[at]) }, value: below };
  });
  return [
    ...buckets,
    { suffix: "_sum", labels: {}, value: of.sum },
    { suffix: "_count", labels: {}, value: below },
  ];
}

/** `1.0`, as OpenMetrics wants it, and both formats the same. */
function bound(value: number | undefined): string {
  if (value === undefined) return "+Inf";
  return Number.isInteger(value) ? `${value}.0` : String(value);
}
