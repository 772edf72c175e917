/** What was counted in some time, as `/metrics` tells it. Null: not known. */
export interface Tally {
  readonly requests: number;
  readonly errors: number;
  readonly refused: number;
  readonly cancelled: number;
  readonly fallbacks: number;
  readonly unpriced: number;
  readonly tokens: {
    readonly prompt: number | null;
    readonly cached: number | null;
    readonly completion: number | null;
    readonly reasoning: number | null;
    readonly total: number | null;
  };
  readonly cost_usd: number | null;
  readonly success_rate: number | null;
  readonly latency_ms: Quantiles;
  readonly ttft_ms: Quantiles;
}

interface Quantiles {
  readonly p50: number | null;
  readonly p95: number | null;
  readonly p99: number | null;
}

/** One bucket of `/metrics/trends`. */
export interface Point extends Tally {
  /** RFC 3339. */
  readonly start: string;
}

/** The answer of `/metrics/trends`. */
export interface Trends {
  readonly from: string;
  readonly to: string;
  readonly bucket: "minute" | "hour" | "day";
  readonly points: readonly Point[];
  readonly series?: readonly { readonly group: string | null; readonly points: readonly Point[] }[];
}

/** The answer of `/metrics`. */
export interface Overview {
  readonly now: string;
  readonly uptime_s: number;
  readonly generation: number;
  readonly digest: string;
  readonly in_flight: number;
  readonly totals: Tally;
  readonly last_minute: Tally;
  readonly last_hour: Tally;
  readonly last_day: Tally;
  readonly providers: readonly (Tally & {
    readonly provider: string;
    readonly healthy: boolean;
    readonly circuit: "closed" | "open" | "half_open";
    readonly reason?: string | null;
  })[];
}
