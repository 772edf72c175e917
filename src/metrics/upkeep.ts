import type { DurationMs, EpochMs } from "../core/units.ts";
import type { Retention } from "../domain/snapshot.ts";
import type { JournalProblem } from "./database.ts";
import { pruneStep, type Store } from "./store.ts";

/** What upkeep works on. */
export interface UpkeepOptions {
  /** The open database. Throws what `sqliteFault` can name. */
  readonly store: () => Store;
  readonly report: (problem: JournalProblem) => void;
  /** Told of whatever a step threw that the one before did not; it is tried again. */
  readonly onError: (error: unknown) => void;
}

/** How long what was counted may be in memory alone; a crash costs no more than counting it again. */
const carryEveryMs: DurationMs = 10_000;
const pruneEveryMs: DurationMs = 60_000;
const reportEveryMs: DurationMs = 5_000;
const pauses = { betweenSteps: 10, afterError: 1_000 } as const;

/**
 * What is done beside writing and answering, in short steps: counting requests of an older version or of before a crash,
 * carrying what was counted into the buckets, and deleting what is kept no longer.
 */
export class Upkeep {
  readonly #options: UpkeepOptions;
  #retention: Retention | null = null;
  #applied: Retention | null = null;
  #timer: ReturnType<typeof setTimeout> | null = null;
  #carriedAt: EpochMs = 0;
  #prunedAt: EpochMs = 0;
  /** What the last step threw. */
  #trouble: string | null = null;
  /** Of a catching up that takes more than one step. */
  #progress: { readonly of: number; reportedAt: EpochMs } | null = null;

  constructor(options: UpkeepOptions) {
    this.#options = options;
  }

  /** Begins, or takes a new retention over. */
  keep(retention: Retention): void {
    this.#retention = retention;
    this.#prunedAt = 0;
    this.#stepIn(0);
  }

  /** To be called after every batch. */
  noteBatch(store: Store): void {
    if (store.rollup.isCrowded || !store.rollup.isLive) this.#stepIn(0);
  }

  /** Does nothing any more. */
  close(): void {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#retention = null;
  }

  #stepIn(ms: DurationMs): void {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#stepIn(this.#safely()), ms);
  }

  #safely(): DurationMs {
    try {
      const pause = this.#step();
      this.#trouble = null;
      return pause;
    } catch (error) {
      const trouble = String(error);
      if (trouble !== this.#trouble) this.#options.onError(error);
      this.#trouble = trouble;
      return pauses.afterError;
    }
  }

  /** Does one thing that is due, and says when the next one may be. */
  #step(): DurationMs {
    const retention = this.#retention;
    if (retention === null) return carryEveryMs;
    const store = this.#options.store();
    const now = Date.now();
    // what is kept no longer is not to be counted first
    if (this.#applied !== retention) this.#prunePages(store, retention, now);
    this.#applied = retention;
    if (!store.rollup.isLive) return this.#catchUp(store, now);
    if (store.rollup.isCrowded || now - this.#carriedAt >= carryEveryMs) this.#carry(store, now);
    if (now - this.#prunedAt < pruneEveryMs) return carryEveryMs;
    const requests = store.prune(now, retention.requestsMs, pruneStep);
    if (requests === pruneStep || this.#prunePages(store, retention, now)) return pauses.betweenSteps * 5;
    this.#prunedAt = now;
    return carryEveryMs;
  }

  #carry({ rollup }: Store, now: EpochMs): void {
    try {
      rollup.carry();
      this.#carriedAt = now;
    } catch (error) {
      // memory is bounded; the requests themselves are written down
      if (rollup.isCrowded) rollup.forgetPending();
      throw error;
    }
  }

  /** Whether there may be more to delete. */
  #prunePages({ rollup }: Store, retention: Retention, now: EpochMs): boolean {
    return rollup.prune(now, retention, pruneStep) === pruneStep;
  }

  #catchUp({ rollup }: Store, now: EpochMs): DurationMs {
    const { left } = rollup;
    rollup.catchUp();
    if (rollup.isLive) {
      if (this.#progress !== null)
        this.#say("rolled_up", `the minutes, hours and days of ${this.#progress.of} requests are built`);
      this.#progress = null;
      return 0;
    }
    this.#progress ??= { of: left, reportedAt: 0 };
    if (now - this.#progress.reportedAt >= reportEveryMs) {
      this.#progress.reportedAt = now;
      const share = Math.floor((100 * (this.#progress.of - rollup.left)) / this.#progress.of);
      const of = `${this.#progress.of} requests that were recorded before`;
      this.#say("rolling_up", `building the minutes, hours and days of ${of}: ${Math.max(0, share)} %`);
    }
    return pauses.betweenSteps;
  }

  #say(code: JournalProblem["code"], message: string): void {
    this.#options.report({ code, message });
  }
}
