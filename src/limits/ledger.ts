import type { DurationMs, EpochMs, Share } from "../core/units.ts";
import { type Claim, counterOf, perRequest } from "../domain/limits.ts";
import {
  type Counter,
  type CounterUse,
  copyOf,
  type Hold,
  hold,
  openCounter,
  type SavedCounter,
  savedForm,
  usedOf,
} from "./counter.ts";
import { type Permit, permitOver } from "./permit.ts";

/** What a `concurrency` refusal asks the client to wait; nobody knows when an answer ends. */
export const concurrencyWaitMs: DurationMs = 1_000;
/** How often counters that hold nothing are looked for. */
const sweepMs: DurationMs = 60_000;

/** Why nothing was taken: the claim that has to wait longest, and how long; Infinity when it never can fit. */
export interface Refused {
  readonly refused: Claim;
  readonly waitMs: DurationMs;
}

/**
 * What was used of every limit. Keyed by name, so that it outlives reloads: the limit comes with each claim, and lowering
 * it frees nothing, raising it resets nothing. Counters that have gone idle are dropped.
 */
export class Ledger {
  readonly #counters = new Map<string, Counter>();
  /** Counters that a store still has a row of, and that are gone. */
  #dropped: SavedCounter[] = [];
  #sweptAt: EpochMs = 0;

  /** Takes all claims or none, in one synchronous step. No two of them may be of the same counter. */
  reserve(claims: readonly Claim[], now: EpochMs): Permit | Refused {
    let worst: Refused | null = null;
    for (const claim of claims) {
      const counter = this.#counters.get(counterOf(claim));
      counter?.meter?.advance(now);
      const waitMs = waitOn(counter, claim, now);
      if (waitMs > (worst?.waitMs ?? 0)) worst = { refused: claim, waitMs };
    }
    if (worst !== null) return worst;

    const attempt: Hold[] = [];
    const request: Hold[] = [];
    for (const claim of claims) {
      const counter = this.#counters.get(counterOf(claim)) ?? this.#open(claim);
      if (counter !== null) (perRequest(claim) ? request : attempt).push(hold(counter, claim, now));
    }
    this.#sweep(now);
    return permitOver(attempt, request);
  }

  /** 0 when the claim fits now; else how long until it would; Infinity when it never can. Changes nothing. */
  wait(claim: Claim, now: EpochMs): DurationMs {
    return waitOn(this.#counters.get(counterOf(claim)), claim, now);
  }

  /** What is left of the claim's limit, 0 to 1. Changes nothing. */
  headroom(claim: Pick<Claim, "scope" | "name" | "rule">, now: EpochMs): Share {
    return Math.max(0, 1 - this.used(claim, now) / claim.rule.of);
  }

  /** What counts against the claim's limit. */
  used(claim: Pick<Claim, "scope" | "name" | "rule">, now: EpochMs): number {
    const counter = this.#counters.get(counterOf(claim));
    return counter === undefined ? 0 : usedOf(counter, now);
  }

  /** How long until nothing counts against the claim's limit any more, if nothing else comes; for `x-ratelimit-reset-*`. */
  untilReset(claim: Pick<Claim, "scope" | "name" | "rule">, now: EpochMs): DurationMs {
    const counter = this.#counters.get(counterOf(claim));
    if (counter === undefined) return 0;
    if (counter.meter !== null) return counter.meter.waitFor(claim.rule.of, claim.rule.of, now);
    return counter.held > 0 ? concurrencyWaitMs : 0;
  }

  /** Every counter that holds something. */
  usage(now: EpochMs): readonly CounterUse[] {
    return [...this.#counters.values()]
      .map((counter) => ({
        scope: counter.scope,
        name: counter.name,
        limit: counter.limit,
        used: usedOf(counter, now),
      }))
      .filter(({ used }) => used > 0);
  }

  /**
   * The windows that changed since the last call, reservations counted as taken; levels are not in it. To be called every
   * second: it also tells windows that are only asked, because they are full, that the clock was set back.
   */
  snapshotOf(now: EpochMs): readonly SavedCounter[] {
    const changed = this.#dropped;
    this.#dropped = [];
    for (const counter of this.#counters.values()) {
      counter.meter?.advance(now);
      if (!counter.changed || counter.meter === null) continue;
      counter.changed = false;
      counter.saved = true;
      changed.push(savedForm(counter, now));
    }
    return changed;
  }

  /** Books again what was saved before a restart. Counters already in use are left alone. */
  restore(saved: readonly SavedCounter[], now: EpochMs): void {
    for (const { scope, name, limit, booked } of saved) {
      const key = counterOf({ scope, name, rule: { limit } });
      const counter = this.#counters.has(key) ? null : openCounter(scope, name, limit);
      if (counter === null || counter.meter === null) continue;
      counter.meter.restore(booked, now);
      counter.saved = true;
      this.#counters.set(key, counter);
    }
  }

  /**
   * Forgets what was taken of one limit; false where nothing was, or where only what is under way counts. Permits that are
   * still open settle what is not counted any more.
   */
  reset({ scope, name, limit }: Pick<CounterUse, "scope" | "name" | "limit">, now: EpochMs): boolean {
    const key = counterOf({ scope, name, rule: { limit } });
    const counter = this.#counters.get(key);
    if (counter === undefined || counter.meter === null || usedOf(counter, now) === 0) return false;
    this.#counters.delete(key);
    if (counter.saved || counter.changed) this.#dropped.push({ scope, name, limit, booked: [] });
    return true;
  }

  /** Another ledger in which as much is used, what is in flight included; to try things out in. */
  copy(): Ledger {
    const copy = new Ledger();
    for (const [key, counter] of this.#counters) copy.#counters.set(key, copyOf(counter));
    return copy;
  }

  #open(claim: Claim): Counter | null {
    const opened = openCounter(claim.scope, claim.name, claim.rule.limit);
    if (opened !== null) this.#counters.set(counterOf(claim), opened);
    return opened;
  }

  #sweep(now: EpochMs): void {
    if (Math.abs(now - this.#sweptAt) < sweepMs) return;
    this.#sweptAt = now;
    for (const [key, counter] of this.#counters) {
      if (counter.held > 0 || usedOf(counter, now) > 0) continue;
      this.#counters.delete(key);
      if (counter.saved) this.#dropped.push(savedForm(counter, now));
    }
  }
}

function waitOn(counter: Counter | undefined, { rule, amount }: Claim, now: EpochMs): DurationMs {
  if (amount > rule.of) return Number.POSITIVE_INFINITY;
  if (counter === undefined) return 0;
  if (counter.meter !== null) return counter.meter.waitFor(amount, rule.of, now);
  return counter.held + amount > rule.of ? concurrencyWaitMs : 0;
}
