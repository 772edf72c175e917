import type { DurationMs, Share, Usd } from "../core/units.ts";
import type { RequestOutcome } from "../domain/journal.ts";
import { addMoney, addUsd, type Money, noMoney, usdOf } from "./money.ts";
import {
  addSample,
  clearSamples,
  loadSamples,
  mergeSamples,
  noSamples,
  type Quantiles,
  quantiles,
  type StoredSamples,
  storeSamples,
} from "./samples.ts";

/** What happened, in figures: the shape that every metrics route shows. What is unknown is null, never 0. */
export interface Tally {
  readonly requests: number;
  /** Served, and failed. */
  readonly errors: number;
  readonly refused: number;
  readonly cancelled: number;
  /** Answered by another model than the one asked for, aliases followed. */
  readonly fallbacks: number;
  /** Answered at a cost that nobody knows; `cost_usd` is without them. */
  readonly unpriced: number;
  readonly tokens: Tokens;
  readonly cost_usd: Usd | null;
  /** 1 − errors / (requests − refused − cancelled). */
  readonly success_rate: Share | null;
  /** Of served requests, failed ones included. */
  readonly latency_ms: Quantiles;
  readonly ttft_ms: Quantiles;
}

/** Sums of what providers said; null where none said anything. */
export interface Tokens {
  readonly prompt: number | null;
  readonly cached: number | null;
  readonly completion: number | null;
  readonly reasoning: number | null;
  readonly total: number | null;
}

/** What a tally needs to know of one request or attempt, by column name. */
export interface Counted {
  readonly outcome: RequestOutcome;
  readonly model: string | null;
  readonly served_model: string | null;
  /** Null when nobody answered. */
  readonly provider: string | null;
  readonly duration_ms: DurationMs;
  readonly ttft_ms: DurationMs | null;
  readonly prompt_tokens: number | null;
  readonly cached_tokens: number | null;
  readonly completion_tokens: number | null;
  readonly reasoning_tokens: number | null;
  readonly total_tokens: number | null;
  readonly cost_usd: Usd | null;
}

/** A tally in the making. */
export type Count = ReturnType<typeof noCount>;

/** How a count is stored. Older versions kept `cost` as one number. */
export type StoredCount = Omit<Count, "cost" | "latency" | "ttft"> & {
  readonly cost: Money | Usd | null;
  readonly latency: StoredSamples;
  readonly ttft: StoredSamples;
};

/** Nothing counted yet. */
export const noCount = () => ({
  requests: 0,
  errors: 0,
  refused: 0,
  cancelled: 0,
  fallbacks: 0,
  unpriced: 0,
  prompt: null as number | null,
  cached: null as number | null,
  completion: null as number | null,
  reasoning: null as number | null,
  total: null as number | null,
  cost: null as Money | null,
  latency: noSamples(),
  ttft: noSamples(),
});

/** Counts one request or attempt. */
export function addTo(count: Count, row: Counted): void {
  count.requests += 1;
  if (row.outcome === "error") count.errors += 1;
  else if (row.outcome === "refused") count.refused += 1;
  else if (row.outcome === "cancelled") count.cancelled += 1;
  if (row.served_model !== null && row.served_model !== row.model) count.fallbacks += 1;
  if (row.cost_usd === null && row.provider !== null) count.unpriced += 1;

  count.prompt = plus(count.prompt, row.prompt_tokens);
  count.cached = plus(count.cached, row.cached_tokens);
  count.completion = plus(count.completion, row.completion_tokens);
  count.reasoning = plus(count.reasoning, row.reasoning_tokens);
  count.total = plus(count.total, row.total_tokens ?? bothOf(row.prompt_tokens, row.completion_tokens));
  if (row.cost_usd !== null) addUsd(costOf(count), row.cost_usd);

  if (row.outcome === "ok" || row.outcome === "error") addSample(count.latency, row.duration_ms);
  if (row.ttft_ms !== null) addSample(count.ttft, row.ttft_ms);
}

/** Adds all of `from`. */
export function mergeCount(into: Count, from: Count): void {
  into.requests += from.requests;
  into.errors += from.errors;
  into.refused += from.refused;
  into.cancelled += from.cancelled;
  into.fallbacks += from.fallbacks;
  into.unpriced += from.unpriced;
  into.prompt = plus(into.prompt, from.prompt);
  into.cached = plus(into.cached, from.cached);
  into.completion = plus(into.completion, from.completion);
  into.reasoning = plus(into.reasoning, from.reasoning);
  into.total = plus(into.total, from.total);
  if (from.cost !== null) addMoney(costOf(into), from.cost);
  mergeSamples(into.latency, from.latency);
  mergeSamples(into.ttft, from.ttft);
}

/** Forgets everything, and keeps the room. */
export function clearCount(count: Count): void {
  count.requests = count.errors = count.refused = count.cancelled = count.fallbacks = count.unpriced = 0;
  count.prompt = count.cached = count.completion = count.reasoning = count.total = null;
  count.cost = null;
  clearSamples(count.latency);
  clearSamples(count.ttft);
}

/** The finished tally. */
export function tallyOf(count: Count): Tally {
  const served = count.requests - count.refused - count.cancelled;
  return {
    requests: count.requests,
    errors: count.errors,
    refused: count.refused,
    cancelled: count.cancelled,
    fallbacks: count.fallbacks,
    unpriced: count.unpriced,
    tokens: {
      prompt: count.prompt,
      cached: count.cached,
      completion: count.completion,
      reasoning: count.reasoning,
      total: count.total,
    },
    cost_usd: count.cost === null ? null : usdOf(count.cost),
    success_rate: served > 0 ? 1 - count.errors / served : null,
    latency_ms: quantiles(count.latency),
    ttft_ms: quantiles(count.ttft),
  };
}

/** What {@link loadCount} reads back. */
export const storeCount = (count: Count): StoredCount => ({
  ...count,
  latency: storeSamples(count.latency),
  ttft: storeSamples(count.ttft),
});

/** A count as it was stored. */
export const loadCount = (stored: StoredCount): Count => ({
  ...stored,
  cost: loadMoney(stored.cost),
  latency: loadSamples(stored.latency),
  ttft: loadSamples(stored.ttft),
});

/** The sum of a count's costs, from now on known. */
export function costOf(count: Count): Money {
  count.cost ??= noMoney();
  return count.cost;
}

function loadMoney(stored: StoredCount["cost"]): Money | null {
  if (typeof stored !== "number") return stored === null ? null : { ...stored };
  const money = noMoney();
  addUsd(money, stored);
  return money;
}

/** What a sum becomes by a value that may not be known. */
export const plus = (sum: number | null, value: number | null): number | null =>
  value === null ? sum : (sum ?? 0) + value;

const bothOf = (prompt: number | null, completion: number | null): number | null =>
  prompt === null || completion === null ? null : prompt + completion;
