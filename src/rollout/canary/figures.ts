import type { DurationMs, Share, Usd } from "../../core/units.ts";
import { type FailureKind, failoverKinds } from "../../domain/failure.ts";
import type { AttemptRow, RequestOutcome, RequestRow } from "../../domain/journal.ts";
import { addSample, noSamples, quantiles, type Samples } from "../../metrics/samples.ts";
import { type Cluster, Clusters } from "./clusters.ts";

/** What `/admin/api/status` shows of an arm. What is unknown is null, never 0. */
export interface ArmSummary {
  readonly requests: number;
  readonly errors: number;
  readonly refused: number;
  readonly cancelled: number;
  /** Of requests that were neither refused nor cancelled. */
  readonly error_rate: Share | null;
  /** Of requests that were not cancelled. */
  readonly refusal_rate: Share | null;
  readonly p95_ttft_ms: DurationMs | null;
  readonly cost_usd: Usd | null;
  /** Of requests whose cost is known. */
  readonly cost_per_request_usd: Usd | null;
}

/** What an arm needs to know of a request that has ended. */
export type Ended = Pick<
  RequestRow,
  "key_id" | "user_hash" | "outcome" | "status" | "code" | "ttft_ms" | "cost_usd" | "attempts"
>;

/** One arm of a canary in figures. A request that its client left counts for nothing but itself. */
export class ArmFigures {
  /** Answered, well or badly: what errors are a share of. */
  #served = 0;
  #errors = 0;
  #refused = 0;
  #cancelled = 0;
  #priced = 0;
  #costUsd: Usd = 0;
  readonly #ttft = noSamples();
  readonly #clusters = new Clusters();

  /** Counts a request. `isForeign` tells of an endpoint whether the stable arm would not use it. */
  observe(row: Ended, isForeign: (endpointId: string) => boolean): void {
    const fate = fateOf(row, isForeign);
    if (fate === "cancelled") {
      this.#cancelled += 1;
      return;
    }
    const cluster = this.#clusters.find(row);
    cluster.requests += 1;
    if (fate === "refused") {
      this.#refused += 1;
      cluster.refused += 1;
      return;
    }
    this.#served += 1;
    if (fate !== "ok") this.#errors += 1;
    if (fate === "error") cluster.ownErrors += 1;
    this.#measure(row, cluster);
  }

  #measure({ ttft_ms, cost_usd }: Ended, cluster: Cluster): void {
    if (ttft_ms !== null) {
      addSample(this.#ttft, ttft_ms);
      addSample(cluster.ttft, ttft_ms);
    }
    if (cost_usd !== null) {
      this.#priced += 1;
      this.#costUsd += cost_usd;
      cluster.priced += 1;
      cluster.costUsd += cost_usd;
    }
  }

  get served(): number {
    return this.#served;
  }

  get errors(): number {
    return this.#errors;
  }

  get refused(): number {
    return this.#refused;
  }

  /** Served or refused: every request but those that their client left. */
  get ended(): number {
    return this.#served + this.#refused;
  }

  /** Requests whose cost is known. */
  get priced(): number {
    return this.#priced;
  }

  get costPerRequestUsd(): Usd | null {
    return this.#priced === 0 ? null : this.#costUsd / this.#priced;
  }

  /** Times to the first output. */
  get ttft(): Samples {
    return this.#ttft;
  }

  get clusters(): Iterable<Cluster> {
    return this.#clusters.all;
  }

  summary(): ArmSummary {
    const cost = this.costPerRequestUsd;
    return {
      requests: this.ended + this.#cancelled,
      errors: this.#errors,
      refused: this.#refused,
      cancelled: this.#cancelled,
      error_rate: share(this.#errors, this.#served),
      refusal_rate: share(this.#refused, this.ended),
      p95_ttft_ms: quantiles(this.#ttft).p95,
      cost_usd: cost === null ? null : plain(this.#costUsd),
      cost_per_request_usd: cost === null ? null : plain(cost),
    };
  }
}

/** Failures that speak against the endpoint. The others are the caller's, and would be his in the other arm too. */
const againstEndpoint: ReadonlySet<FailureKind> = new Set(failoverKinds);

/**
 * What a request counts as: an error is a final 5xx or a broken stream; or a failure at a new endpoint, even if another one
 * made up for it.
 */
function fateOf(
  { outcome, status, attempts }: Ended,
  isForeign: (endpointId: string) => boolean,
): RequestOutcome | "new_failure" {
  if (outcome === "cancelled") return outcome;
  const isNewFailure = ({ outcome: how, endpoint_id }: AttemptRow) =>
    how !== "ok" && againstEndpoint.has(how) && isForeign(endpoint_id);
  if (attempts.some(isNewFailure)) return "new_failure";
  // Our own 503 says that nothing may serve, which is a refusal.
  return status >= 500 && status !== 503 ? "error" : outcome;
}

const share = (part: number, of: number): Share | null => (of === 0 ? null : part / of);

/** A sum of decimals in binary: 0.30000000000000004 is 0.3. */
const plain = (usd: Usd): Usd => Number(usd.toPrecision(12));
