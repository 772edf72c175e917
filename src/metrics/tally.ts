import type { DurationMs, Share, Usd } from "../core/units.ts";
import type { RequestOutcome } from "../domain/journal.ts";
import {
  addSample,
  loadSamples,
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

/** How a bounded count is stored: everything but the samples as it is. */
export type StoredCount = Omit<Count, "latency" | "ttft"> & {
  readonly latency: StoredSamples;
  readonly ttft: StoredSamples;
};

/** Nothing counted yet. A `bounded` one can be stored and is within 1 % in its percentiles. */
export const noCount = (kind: "exact" | "bounded" = "exact") => ({
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
  cost: null as Usd | null,
  latency: noSamples(kind),
  ttft: noSamples(kind),
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
  count.cost = plus(count.cost, row.cost_usd);

  if (row.outcome === "ok" || row.outcome === "error") addSample(count.latency, row.duration_ms);
  if (row.ttft_ms !== null) addSample(count.ttft, row.ttft_ms);
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
    // a sum of decimals in binary: 0.30000000000000004 is 0.3
    cost_usd: count.cost === null ? null : Number(count.cost.toPrecision(12)),
    success_rate: served > 0 ? 1 - count.errors / served : null,
    latency_ms: quantiles(count.latency),
    ttft_ms: quantiles(count.ttft),
  };
}

/** What {@link loadCount} reads back. Only for bounded counts. */
export const storeCount = (count: Count): StoredCount => ({
  ...count,
  latency: storeSamples(count.latency),
  ttft: storeSamples(count.ttft),
});

/** A bounded count as it was stored. */
export const loadCount = (stored: StoredCount): Count => ({
  ...stored,
  latency: loadSamples(stored.latency),
  ttft: loadSamples(stored.ttft),
});

const plus = (sum: number | null, value: number | null): number | null =>
  value === null ? sum : (sum ?? 0) + value;

const bothOf = (prompt: number | null, completion: number | null): number | null =>
  prompt === null || completion === null ? null : prompt + completion;
