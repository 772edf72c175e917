import type { DurationMs } from "../../core/units.ts";

/**
 * A timer whose end can be moved at the price of an assignment: it fires at the earliest end it was ever given and
 * re-arms itself when that has moved on. Streams move it with every event.
 */
export class Deadline {
  readonly #expire: () => void;
  #endsAt = Number.POSITIVE_INFINITY;
  #timer: ReturnType<typeof setTimeout> | null = null;
  #firesAt = Number.POSITIVE_INFINITY;

  constructor(expire: () => void) {
    this.#expire = expire;
  }

  /** Expires `ms` from now, unless moved again. */
  move(ms: DurationMs): void {
    this.#endsAt = performance.now() + ms;
    if (this.#endsAt < this.#firesAt) this.#arm();
  }

  /** Does not expire until moved again. */
  pause(): void {
    this.#endsAt = Number.POSITIVE_INFINITY;
  }

  /** Lets go of the timer. */
  stop(): void {
    this.pause();
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
    this.#firesAt = Number.POSITIVE_INFINITY;
  }

  #arm(): void {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#firesAt = this.#endsAt;
    // Timers may fire up to a millisecond early against performance.now().
    this.#timer = setTimeout(() => this.#fire(), Math.min(this.#endsAt - performance.now() + 1, 2 ** 31 - 1));
  }

  #fire(): void {
    this.#timer = null;
    this.#firesAt = Number.POSITIVE_INFINITY;
    if (performance.now() >= this.#endsAt) {
      this.pause();
      this.#expire();
    } else if (this.#endsAt !== Number.POSITIVE_INFINITY) {
      this.#arm();
    }
  }
}
