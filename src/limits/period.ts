import type { DurationMs, EpochMs } from "../core/units.ts";
import type { Per } from "../domain/limits.ts";
import type { Meter } from "./meter.ts";

const dayMs: DurationMs = 86_400_000;

/** The first moment of the UTC day, week (from Monday) or month that `at` lies in. */
export function startOfPeriod(per: Per, at: EpochMs): EpochMs {
  const midnight = Math.floor(at / dayMs) * dayMs;
  if (per === "day") return midnight;
  const date = new Date(midnight);
  // 1970-01-01 was a Thursday; getUTCDay counts from Sunday.
  if (per === "week") return midnight - ((date.getUTCDay() + 6) % 7) * dayMs;
  return Date.UTC(date.getUTCFullYear(), date.getUTCMonth(), 1);
}

/** The first moment of the period after the one that `at` lies in. */
export function endOfPeriod(per: Per, at: EpochMs): EpochMs {
  const start = startOfPeriod(per, at);
  if (per === "month") {
    const date = new Date(start);
    return Date.UTC(date.getUTCFullYear(), date.getUTCMonth() + 1, 1);
  }
  return start + (per === "day" ? dayMs : 7 * dayMs);
}

/** What was spent in the calendar period that runs. Its end frees everything at once. */
export class Period implements Meter {
  readonly #per: Per;
  #spent = 0;
  #startsAt: EpochMs = Number.NEGATIVE_INFINITY;
  #endsAt: EpochMs = Number.NEGATIVE_INFINITY;

  constructor(per: Per) {
    this.#per = per;
  }

  advance(now: EpochMs): void {
    // A clock that was set back spends from the later period: nobody gets the same budget twice.
    if (now < this.#endsAt) return;
    this.#startsAt = startOfPeriod(this.#per, now);
    this.#endsAt = endOfPeriod(this.#per, now);
    this.#spent = 0;
  }

  take(amount: number, now: EpochMs): number {
    this.advance(now);
    this.#spent += amount;
    return this.#startsAt;
  }

  give(slot: number, amount: number): void {
    if (slot === this.#startsAt) this.#spent = Math.max(0, this.#spent - amount);
  }

  used(now: EpochMs): number {
    return now < this.#endsAt ? this.#spent : 0;
  }

  waitFor(amount: number, of: number, now: EpochMs): DurationMs {
    if (amount > of) return Number.POSITIVE_INFINITY;
    return this.used(now) + amount <= of ? 0 : Math.max(0, this.#endsAt - now);
  }

  booked(now: EpochMs): readonly number[] {
    const spent = this.used(now);
    return spent > 0 ? [this.#startsAt, spent] : [];
  }

  restore(booked: readonly number[], now: EpochMs): void {
    const [startsAt, spent] = booked;
    if (startsAt === undefined || spent === undefined) return;
    if (startOfPeriod(this.#per, Math.min(startsAt, now)) === startOfPeriod(this.#per, now))
      this.take(spent, now);
  }

  copy(): Period {
    const copy = new Period(this.#per);
    copy.#spent = this.#spent;
    copy.#startsAt = this.#startsAt;
    copy.#endsAt = this.#endsAt;
    return copy;
  }
}
