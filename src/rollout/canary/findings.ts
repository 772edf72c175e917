import type { DurationMs, Usd } from "../../core/units.ts";
import type { Rollout } from "../../domain/snapshot.ts";
import { quantiles, type Samples, storeSamples } from "../../metrics/samples.ts";
import type { Cluster } from "./clusters.ts";
import { chanceOfDraw, drawnOf, type Measure } from "./draw.ts";
import type { ArmFigures } from "./figures.ts";
import { fisher } from "./fisher.ts";
import { errorsOfOutlier } from "./outlier.ts";

/** Both arms, and what the stable one's file allows. */
export interface Comparison {
  readonly stable: ArmFigures;
  readonly canary: ArmFigures;
  readonly rules: Rollout;
}

/** Something that is worse in the canary than the rules allow. */
export interface Finding {
  /** A sentence with the figures of both arms. */
  readonly reason: string;
  /** How likely it is when the two configurations do the same. */
  readonly byChance: number;
}

/** Looks for one such thing; null when it is as good as it must be. */
export type Look = (comparison: Comparison) => Finding | null;

/** Errors so many that it need not be known by how much they may rise. */
export const failures: Look = ({ stable, canary }) =>
  canary.errors < 4 ? null : { reason: errorsIn(stable, canary), byChance: errorsByChance(stable, canary) };

/** Errors that rose by more percentage points than allowed. */
export const errors: Look = ({ stable, canary, rules }) =>
  rate(canary.errors, canary.served) - rate(stable.errors, stable.served) > rules.maxErrorIncrease
    ? { reason: errorsIn(stable, canary), byChance: errorsByChance(stable, canary) }
    : null;

/** Refusals, held to what is allowed for errors: to a client a new limit is as bad. */
export const refusals: Look = (comparison) => {
  const { stable, canary, rules } = comparison;
  const rise = rate(canary.refused, canary.ended) - rate(stable.refused, stable.ended);
  if (rise <= rules.maxErrorIncrease) return null;
  return {
    reason:
      `canary refused ${percent(canary.refused, canary.ended)} of ${count(canary.ended)} requests, ` +
      `stable ${percent(stable.refused, stable.ended)} of ${count(stable.ended)}`,
    byChance: byDraw(comparison, refused),
  };
};

/** Nobody who talks to a language model notices less. */
const unnoticedMs: DurationMs = 50;

/** The 95th percentile of the time to the first output; a rise of less than 50 ms is never one. */
export const slowness: Look = (comparison) => {
  const { stable, canary, rules } = comparison;
  const before = quantiles(stable.ttft).p95;
  const now = quantiles(canary.ttft).p95;
  if (before === null || now === null) return null;
  if (now - before < unnoticedMs || now <= before * (1 + rules.maxP95Increase)) return null;
  return {
    reason:
      `canary p95 to the first output ${ms(now)} over ${count(canary.ttft.count)} requests, ` +
      `stable ${ms(before)} over ${count(stable.ttft.count)}`,
    byChance: byDraw(comparison, slowerThan(p95Bucket(stable.ttft, canary.ttft))),
  };
};

/** Cost per request, where it is known. */
export const dearness: Look = (comparison) => {
  const { stable, canary, rules } = comparison;
  const before = stable.costPerRequestUsd;
  const now = canary.costPerRequestUsd;
  if (before === null || now === null || now <= before * (1 + rules.maxCostIncrease)) return null;
  return {
    reason:
      `canary costs ${usd(now)} a request over ${count(canary.priced)} requests, ` +
      `stable ${usd(before)} over ${count(stable.priced)}`,
    byChance: byDraw(comparison, cost),
  };
};

/** The errors of both arms in words. */
export const errorsIn = (stable: ArmFigures, canary: ArmFigures): string =>
  `canary errors ${percent(canary.errors, canary.served)} of ${count(canary.served)} requests, ` +
  `stable ${percent(stable.errors, stable.served)} of ${count(stable.served)}`;

function errorsByChance(stable: ArmFigures, canary: ArmFigures): number {
  const outlier = errorsOfOutlier({ stable: stable.clusters, canary: canary.clusters });
  return fisher(
    { hits: canary.errors - outlier, of: canary.served - outlier },
    { hits: stable.errors, of: stable.served },
  );
}

function byDraw({ stable, canary, rules }: Comparison, measure: Measure): number {
  const arms = { stable: stable.clusters, canary: canary.clusters };
  // With all of the traffic there is no draw, only what had begun before.
  return chanceOfDraw(drawnOf(arms, Math.min(rules.canary, 0.99), measure));
}

const refused: Measure = { amount: (cluster) => cluster.refused, base: ({ requests }) => requests };
const cost: Measure = { amount: ({ costUsd }) => costUsd, base: ({ priced }) => priced };

/** The bucket that the 95th percentile of both together is in. */
function p95Bucket(...arms: readonly Samples[]): number {
  const all = arms.flatMap((samples) => storeSamples(samples).buckets).sort(([a], [b]) => b - a);
  let left = 0.05 * arms.reduce((sum, { count }) => sum + count, 0);
  for (const [bucket, count] of all) {
    left -= count;
    if (left < 0) return bucket;
  }
  return Number.NEGATIVE_INFINITY;
}

const slowerThan = (bucket: number): Measure => ({
  amount: ({ ttft }: Cluster) => {
    let slow = 0;
    for (const [at, count] of storeSamples(ttft).buckets) if (at > bucket) slow += count;
    return slow;
  },
  base: ({ ttft }) => ttft.count,
});

const rate = (part: number, of: number): number => (of === 0 ? 0 : part / of);
const percent = (part: number, of: number): string => `${(100 * rate(part, of)).toFixed(1)} %`;
const count = (of: number): string => of.toLocaleString("en-US");
const ms = (of: DurationMs): string => `${count(Math.round(of))} ms`;
const usd = (of: Usd): string => `$${of.toLocaleString("en-US", { maximumSignificantDigits: 3 })}`;
