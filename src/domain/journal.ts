import type { DurationMs, EpochMs, Share, Usd } from "../core/units.ts";
import type { Endpoint } from "./endpoint.ts";
import type { FailureKind } from "./failure.ts";
import type { Usage } from "./usage.ts";

/** How a request ended, as tallies count it. */
export type RequestOutcome =
  /** Answered. */
  | "ok"
  /** Served, and failed: our 5xx after a failed chain, or a broken stream. */
  | "error"
  /** Our own 4xx, 429 and 503, and an upstream's 4xx that is the caller's fault. */
  | "refused"
  /** The client left. */
  | "cancelled";

/** One row per request. Replay, canary and audit read nothing else. Times are epoch ms UTC. */
export interface RequestRow {
  readonly request_id: string;
  readonly arrived_at: EpochMs;
  readonly duration_ms: DurationMs;
  /** To the first output sent to the client; null when there was none. */
  readonly ttft_ms: DurationMs | null;
  /** What the gateway itself took of `duration_ms`, upstream waiting left out. */
  readonly overhead_ms: DurationMs;
  readonly generation: number;
  readonly digest: string;
  readonly arm: "stable" | "canary";
  readonly chance: Share;
  readonly key_id: string | null;
  readonly team: string | null;
  readonly user_hash: string | null;
  readonly labels: Readonly<Record<string, string>>;
  /** The name as the client wrote it (null: it named none), and the public model it led to (null: to none). */
  readonly asked: string | null;
  readonly model: string | null;
  /** The public model, provider and upstream model that answered; null when nobody did. */
  readonly served_model: string | null;
  readonly provider: string | null;
  readonly upstream: string | null;
  readonly endpoint: Endpoint;
  readonly stream: boolean;
  readonly tools: boolean;
  readonly images: boolean;
  readonly json: boolean;
  readonly text_bytes: number;
  readonly max_tokens: number | null;
  readonly n: number;
  readonly outcome: RequestOutcome;
  readonly status: number;
  /** The code of the error sent; null on success. */
  readonly code: string | null;
  /** The rule that refused, as `key web-app rpm routes.yaml:31:15`. */
  readonly rule: string | null;
  readonly usage: Usage;
  /** Null when no price is known. */
  readonly cost_usd: Usd | null;
  readonly warnings: readonly string[];
  readonly attempts: readonly AttemptRow[];
}

/** One row per attempt. */
export interface AttemptRow {
  readonly provider: string;
  readonly upstream: string;
  readonly served_model: string;
  readonly endpoint_id: string;
  /** After the request's arrival. */
  readonly start_ms: DurationMs;
  readonly duration_ms: DurationMs;
  readonly ttft_ms: DurationMs | null;
  /** `ok`, or the failure's kind. */
  readonly outcome: "ok" | FailureKind;
  readonly status: number | null;
  readonly retry_after_ms: DurationMs | null;
  readonly tokens_reserved: number;
  readonly usage: Usage;
  readonly cost_usd: Usd | null;
}
