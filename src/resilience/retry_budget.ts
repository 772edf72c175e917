import type { DurationMs, EpochMs, Share } from "../core/units.ts";

/** Retries and failovers into a provider: at most this share of its requests … */
export const retryShare: Share = 0.2;
/** … and this many per second on top, so that quiet providers can be retried at all. */
export const retriesPerSecond = 10;

const slotMs: DurationMs = 500;
const slots = 10;
const windowMs = slotMs * slots;

/**
 * Bounds the retries and failovers into one provider over any 5 s. Five seconds rather than one: when a provider dies,
 * everything in flight there moves at once, and that is one burst and no storm.
 *
 * Retries are summed over one sub-window more than requests, so the bound holds however the five seconds fall.
 */
export class RetryBudget {
  readonly #requests = new Float64Array(slots + 1);
  readonly #retries = new Float64Array(slots + 1);
  #newest = 0;

  /** Counts an attempt, as it begins. */
  count(isRetry: boolean, now: EpochMs): void {
    const slot = this.#advance(now);
    const counts = isRetry ? this.#retries : this.#requests;
    const index = slot % counts.length;
    counts[index] = (counts[index] ?? 0) + 1;
  }

  /** Whether one more retry fits. Changes nothing. */
  allows(now: EpochMs): boolean {
    if (this.#isElsewhere(slotOf(now))) return true;
    const current = Math.max(this.#newest, slotOf(now));
    const allowance =
      retryShare * this.#sum(this.#requests, current - slots + 1) + (retriesPerSecond * windowMs) / 1_000;
    return this.#sum(this.#retries, current - slots) + 1 <= allowance;
  }

  /** Another one of which as much is spent. */
  copy(): RetryBudget {
    const copy = new RetryBudget();
    copy.#requests.set(this.#requests);
    copy.#retries.set(this.#retries);
    copy.#newest = this.#newest;
    return copy;
  }

  /** What was counted in the slots from `first` on. */
  #sum(counts: Float64Array, first: number): number {
    let sum = 0;
    for (let slot = Math.max(first, this.#newest - slots); slot <= this.#newest; slot++) {
      if (slot >= 0) sum += counts[slot % counts.length] ?? 0;
    }
    return sum;
  }

  #advance(now: EpochMs): number {
    const slot = slotOf(now);
    if (this.#isElsewhere(slot)) {
      this.#requests.fill(0);
      this.#retries.fill(0);
      this.#newest = slot;
    }
    while (this.#newest < slot) {
      this.#newest++;
      this.#requests[this.#newest % this.#requests.length] = 0;
      this.#retries[this.#newest % this.#retries.length] = 0;
    }
    return this.#newest;
  }

  /** A window away, in either direction: a clock that was set back must not hold the budget until it catches up. */
  #isElsewhere(slot: number): boolean {
    return Math.abs(slot - this.#newest) > slots;
  }
}

const slotOf = (now: EpochMs): number => Math.floor(now / slotMs);
