import { Cron } from "croner";
import type { DurationMs, EpochMs, Share } from "../../core/units.ts";
import { backoff } from "../../resilience/backoff.ts";
import type { Clock } from "../../runtime/clock.ts";

/** Replicas that share a pattern do not all come at once: a look is late by up to this share of the pause between two. */
const jitter: Share = 0.1;

/** Timers of the platform know no year. */
const longestMs: DurationMs = 3_600_000;

/** The pauses after failures: full jitter, from 5 s to 5 min. */
const patience = { baseMs: 5_000, maxMs: 300_000 } as const;

/** What a schedule is made of. */
export interface Schedule {
  /** A pattern of croner. */
  readonly cron: string;
  readonly clock: Clock;
  /** In [0, 1). */
  readonly chance: () => Share;
}

/** Says when to look: at the pattern's times, soon after a failure, and whenever somebody says so. */
export class Timetable {
  readonly #schedule: Schedule;
  readonly #hints = new Set<() => void>();
  #failures = 0;
  #notBefore: EpochMs = 0;
  #hurried = false;
  #retry = new AbortController();

  constructor(schedule: Schedule) {
    this.#schedule = schedule;
  }

  /** Whether a look is due: not during the pause after a failure, unless somebody asks for it. */
  takes(force: boolean): boolean {
    const due = force || this.#hurried || this.#schedule.clock.now() >= this.#notBefore;
    if (due) this.#hurried = false;
    return due;
  }

  succeeded(): void {
    this.#failures = 0;
    this.#notBefore = 0;
    this.#retry.abort();
  }

  /** Begins a pause, at whose end there is a hint; each failure in a row doubles what it may be. */
  failed(): void {
    const { clock, chance } = this.#schedule;
    this.#failures += 1;
    const pauseMs = Math.max(1_000, backoff(patience, this.#failures, chance()));
    this.#notBefore = clock.now() + pauseMs;
    this.#retry.abort();
    this.#retry = new AbortController();
    if (this.#hints.size > 0) this.#hintAfter(pauseMs, this.#retry.signal);
  }

  /** Somebody knows that there is something new. */
  hurry(): void {
    this.#hurried = true;
    for (const hint of this.#hints) hint();
  }

  /** Calls `hint` until stopped. */
  watch(hint: () => void): { readonly stop: () => void } {
    const stopped = new AbortController();
    const call = () => {
      if (!stopped.signal.aborted) hint();
    };
    this.#hints.add(call);
    void this.#keepTo(new Cron(this.#schedule.cron, { paused: true }), stopped.signal);
    // A look before anybody watched, as the first one is, may have failed.
    const pauseMs = this.#notBefore - this.#schedule.clock.now();
    if (pauseMs > 0) this.#hintAfter(pauseMs, this.#retry.signal);
    return {
      stop: () => {
        stopped.abort();
        this.#hints.delete(call);
        if (this.#hints.size === 0) this.#retry.abort();
      },
    };
  }

  /** Hints at the pattern's times. They are looked up by the wall clock, and waited for by one that nobody sets back. */
  async #keepTo(pattern: Cron, signal: AbortSignal): Promise<void> {
    for (;;) {
      const untilNext = pattern.msToNext();
      if (untilNext === null) return;
      const waitMs = Math.max(1, untilNext + this.#latenessOf(pattern));
      for (let left = waitMs; left > 0; left -= longestMs) {
        await this.#schedule.clock.sleep(Math.min(left, longestMs), signal);
        if (signal.aborted) return;
      }
      for (const hint of this.#hints) hint();
    }
  }

  #latenessOf(pattern: Cron): DurationMs {
    const [next, afterNext] = pattern.nextRuns(2);
    if (next === undefined || afterNext === undefined) return 0;
    return (afterNext.getTime() - next.getTime()) * jitter * this.#schedule.chance();
  }

  #hintAfter(ms: DurationMs, signal: AbortSignal): void {
    void this.#schedule.clock.sleep(ms, signal).then(() => {
      if (!signal.aborted) for (const hint of this.#hints) hint();
    });
  }
}
