import type { DurationMs, EpochMs } from "../core/units.ts";
import type { Meter } from "./meter.ts";

/** Readers of one clock may be this far apart; a `now` further behind means that the clock was set back. */
const toleranceMs: DurationMs = 10_000;

/**
 * What was taken during the last `windowMs`, kept in `slots` sub-windows.
 *
 * A sub-window counts whole until its newest booking is `windowMs` old, so no real window ever holds more than was
 * allowed, and at most one sub-window's length is given away. Every step is O(1) amortised and allocates nothing.
 *
 * Time here never runs backwards: an older `now` counts as the newest one seen. When the clock was set back, later times
 * are shifted, so that nothing is freed early and nobody is held for the hours that come twice.
 */
export class Window implements Meter {
  readonly #windowMs: DurationMs;
  readonly #slotMs: DurationMs;
  /** Rings by slot number: what a sub-window holds, and when it was last booked on. */
  readonly #sums: Float64Array;
  readonly #stamps: Float64Array;
  /** Slot numbers; nothing outside of `#oldest … #newest` holds anything. */
  #oldest = 0;
  #newest = -1;
  #total = 0;
  #latest: EpochMs = Number.NEGATIVE_INFINITY;
  /** Added to every `now`. */
  #shiftMs: DurationMs = 0;

  constructor(windowMs: DurationMs, slots: number) {
    this.#windowMs = windowMs;
    this.#slotMs = windowMs / slots;
    // A window that begins inside a sub-window touches one more than it is long.
    this.#sums = new Float64Array(slots + 1);
    this.#stamps = new Float64Array(slots + 1);
  }

  /** Moves to `now` and frees what has become too old; returns the time as it counts here. Asking does not do this. */
  advance(now: EpochMs): EpochMs {
    if (this.#latest - (now + this.#shiftMs) > toleranceMs) this.#shiftMs = this.#latest - now;
    const at = Math.max(this.#latest, now + this.#shiftMs);
    this.#latest = at;
    while (this.#oldest <= this.#newest && this.#freeAt(this.#oldest) <= at) {
      this.#total -= this.#sum(this.#oldest);
      this.#sums[this.#oldest % this.#sums.length] = 0;
      this.#oldest++;
    }
    return at;
  }

  /** Books `amount` whether or not it fits; returns the sub-window, for {@link give}. */
  take(amount: number, now: EpochMs): number {
    const at = this.advance(now);
    const slot = Math.floor(at / this.#slotMs);
    if (this.#oldest > this.#newest) this.#oldest = slot;
    this.#newest = slot;
    const index = slot % this.#sums.length;
    this.#sums[index] = this.#sum(slot) + amount;
    this.#stamps[index] = at;
    this.#total += amount;
    return slot;
  }

  /** Returns some of what was taken to its own sub-window; nothing when that has passed. */
  give(slot: number, amount: number): void {
    if (slot < this.#oldest || slot > this.#newest) return;
    const returned = Math.min(amount, this.#sum(slot));
    this.#sums[slot % this.#sums.length] = this.#sum(slot) - returned;
    this.#total -= returned;
  }

  /** What counts at `now`. */
  used(now: EpochMs): number {
    const at = Math.max(this.#latest, this.#read(now));
    let used = this.#total;
    for (let slot = this.#oldest; slot <= this.#newest && this.#freeAt(slot) <= at; slot++)
      used -= this.#sum(slot);
    return used;
  }

  /** How long until `amount` fits under `of`, in whole ms: 0 when it does now, Infinity when it never can. */
  waitFor(amount: number, of: number, now: EpochMs): DurationMs {
    if (amount > of) return Number.POSITIVE_INFINITY;
    let over = this.#total + amount - of;
    if (over <= 0) return 0;
    let slot = this.#oldest - 1;
    while (over > 0 && slot < this.#newest) over -= this.#sum(++slot);
    return Math.max(0, Math.ceil(this.#freeAt(slot) - this.#read(now)));
  }

  /** What still counts, as pairs of (time, amount) in a row, oldest first: what {@link restore} takes. */
  booked(now: EpochMs): readonly number[] {
    const at = Math.max(this.#latest, this.#read(now));
    const pairs: number[] = [];
    for (let slot = this.#oldest; slot <= this.#newest; slot++) {
      if (this.#sum(slot) > 0 && this.#freeAt(slot) > at)
        pairs.push(this.#stamp(slot) - this.#shiftMs, this.#sum(slot));
    }
    return pairs;
  }

  /** Books pairs of (time, amount) again, into a window without bookings; times after `now` become `now`. */
  restore(booked: readonly number[], now: EpochMs): void {
    for (let index = 0; index + 1 < booked.length; index += 2) {
      this.take(booked[index + 1] ?? 0, Math.min(booked[index] ?? now, now));
    }
  }

  copy(): Window {
    const copy = new Window(this.#windowMs, this.#sums.length - 1);
    copy.#sums.set(this.#sums);
    copy.#stamps.set(this.#stamps);
    copy.#oldest = this.#oldest;
    copy.#newest = this.#newest;
    copy.#total = this.#total;
    copy.#latest = this.#latest;
    copy.#shiftMs = this.#shiftMs;
    return copy;
  }

  /** What {@link advance} would make of `now`, small steps back left in: a wait has to cover them. */
  #read(now: EpochMs): EpochMs {
    const at = now + this.#shiftMs;
    return this.#latest - at > toleranceMs ? this.#latest : at;
  }

  #freeAt(slot: number): EpochMs {
    return this.#stamp(slot) + this.#windowMs;
  }

  #sum(slot: number): number {
    return this.#sums[slot % this.#sums.length] ?? 0;
  }

  #stamp(slot: number): EpochMs {
    return this.#stamps[slot % this.#stamps.length] ?? 0;
  }
}
