/** The oracle: remembers every booking, and is never wrong about a window. */
export class ExactLog {
  readonly #windowMs: number;
  readonly entries: { at: number; amount: number }[] = [];

  constructor(windowMs: number) {
    this.#windowMs = windowMs;
  }

  add(at: number, amount: number): void {
    this.entries.push({ at, amount });
  }

  /** What lies in (now - window, now]. */
  used(now: number): number {
    return this.entries
      .filter(({ at }) => at > now - this.#windowMs && at <= now)
      .reduce((sum, { amount }) => sum + amount, 0);
  }

  /** The most that any window of this length ever held; it ends at a booking. */
  worst(): number {
    let worst = 0;
    let sum = 0;
    let oldest = 0;
    for (const { at, amount } of this.entries) {
      sum += amount;
      for (
        let entry = this.entries[oldest];
        entry && entry.at <= at - this.#windowMs;
        entry = this.entries[++oldest]
      ) {
        sum -= entry.amount;
      }
      worst = Math.max(worst, sum);
    }
    return worst;
  }
}
