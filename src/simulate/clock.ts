import type { DurationMs, EpochMs } from "../core/units.ts";

/** Something that sleeps. Equal times wake in the order in which they were set. */
interface Sleeper {
  readonly at: EpochMs;
  readonly order: number;
  readonly wake: () => void;
}

/**
 * Time that passes only when everyone sleeps. Tasks run as they would for real, side by side; the clock then jumps to the
 * next one that wakes. The same tasks always meet the same moments.
 */
export class VirtualClock {
  #now: EpochMs;
  #order = 0;
  /** Tasks that are neither asleep nor over. */
  #awake = 0;
  /** A binary heap, the next to wake first. */
  readonly #asleep: Sleeper[] = [];

  constructor(startsAt: EpochMs) {
    this.#now = startsAt;
  }

  readonly now = (): EpochMs => this.#now;

  /** Only for tasks begun by {@link begin}. */
  readonly sleep = (ms: DurationMs): Promise<void> => {
    if (!(ms > 0)) return Promise.resolve();
    return new Promise((resolve) => {
      this.#awake--;
      this.#push({
        at: this.#now + ms,
        order: this.#order++,
        wake: () => {
          this.#awake++;
          resolve();
        },
      });
    });
  };

  /** Begins a task now. It may wait for nothing but {@link sleep} and what follows from it. */
  begin(task: () => Promise<void>): void {
    this.#awake++;
    void task().finally(() => {
      this.#awake--;
    });
  }

  /** Lets everything happen that happens up to and at `moment`, and makes it now. */
  async advance(moment: EpochMs): Promise<void> {
    await this.#settled();
    for (let next = this.#asleep[0]; next !== undefined && next.at <= moment; next = this.#asleep[0]) {
      this.#pop();
      this.#now = Math.max(this.#now, next.at);
      next.wake();
      await this.#settled();
    }
    // The end of time is where the last one woke, not infinity.
    if (moment !== Number.POSITIVE_INFINITY) this.#now = Math.max(this.#now, moment);
  }

  /** Lets everything happen that is still to come. */
  finish(): Promise<void> {
    return this.advance(Number.POSITIVE_INFINITY);
  }

  async #settled(): Promise<void> {
    while (this.#awake > 0) await null;
  }

  #push(sleeper: Sleeper): void {
    const heap = this.#asleep;
    let at = heap.length;
    heap.push(sleeper);
    while (at > 0) {
      const above = (at - 1) >> 1;
      const parent = heap[above];
      if (parent === undefined || !isBefore(sleeper, parent)) break;
      heap[at] = parent;
      at = above;
    }
    heap[at] = sleeper;
  }

  #pop(): void {
    const heap = this.#asleep;
    const last = heap.pop();
    if (last === undefined || heap.length === 0) return;
    let at = 0;
    for (;;) {
      const left = 2 * at + 1;
      const [one, other] = [heap[left], heap[left + 1]];
      if (one === undefined) break;
      const isOther = other !== undefined && isBefore(other, one);
      const sooner = isOther ? other : one;
      if (!isBefore(sooner, last)) break;
      heap[at] = sooner;
      at = isOther ? left + 1 : left;
    }
    heap[at] = last;
  }
}

const isBefore = (a: Sleeper, b: Sleeper): boolean => a.at < b.at || (a.at === b.at && a.order < b.order);
