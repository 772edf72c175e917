import type { DurationMs, EpochMs } from "../../core/units.ts";
import type { Retention } from "../../domain/snapshot.ts";
import type { Sqlite, SqlStatement } from "../../runtime/sqlite.ts";
import { carry, type Destination } from "./carry.ts";
import type { Since } from "./cover.ts";
import { type Cube, cubes } from "./cubes.ts";
import { FinishedAfter } from "./finished.ts";
import { floorTo, type Level, widths } from "./levels.ts";
import { Names } from "./names.ts";
import { Pages } from "./pages.ts";
import { type Finished, Pending } from "./pending.ts";

/** How far the buckets are, and from when on they and the requests are complete. */
interface State {
  /** The last request that is in them. Requests after it are pending, or still to be caught up with. */
  readonly mark: number;
  readonly requests: EpochMs;
  readonly minute: EpochMs;
  readonly hour: EpochMs;
}

/** Requests that are caught up with in one step: some 50 ms of work. */
export const catchUpStep = 5_000;
/** Cells in memory beyond which they are carried at once. */
const mostPending = 20_000;

/**
 * The minutes, hours and days of one database. Every request is in the buckets or after the mark, never both: buckets and
 * mark move in one transaction, and what a crash leaves after the mark is counted from the requests themselves.
 */
export class Rollup {
  readonly pages: Pages;
  readonly names: Names;
  readonly pending = new Pending();
  /** Told of a page that cannot be read; it is taken for empty. */
  onUnreadable: (message: string) => void = () => {};
  readonly #sqlite: Sqlite;
  readonly #finished: FinishedAfter;
  readonly #saveState: SqlStatement;
  readonly #lastRequest: SqlStatement;
  #state: State;
  /** The last request that was counted, in the buckets or in memory. */
  #counted: number;
  /** Whether all requests are counted, so that new ones only need to be added. */
  #isLive: boolean;

  constructor(sqlite: Sqlite) {
    this.#sqlite = sqlite;
    this.pages = new Pages(sqlite);
    this.names = new Names(sqlite);
    this.#finished = new FinishedAfter(sqlite);
    this.#saveState = sqlite.prepare(
      "UPDATE rollup_state SET mark = ?, requests_since = ?, minute_since = ?, hour_since = ?",
    );
    this.#lastRequest = sqlite.prepare("SELECT max(id) AS id FROM requests");
    this.#state = readState(sqlite);
    this.#counted = this.#state.mark;
    this.#isLive = this.lastId === this.#counted;
  }

  get isLive(): boolean {
    return this.#isLive;
  }

  get mark(): number {
    return this.#state.mark;
  }

  /** The id of the last request ever written: ids are not used again, whatever retention deletes. */
  get lastId(): number {
    return Math.max(Number(this.#lastRequest.get()?.id ?? 0), this.#state.mark);
  }

  /** Requests that the buckets do not know yet. */
  get left(): number {
    return this.lastId - this.#counted;
  }

  /** Whether there is so much in memory that it should be carried at once. */
  get isCrowded(): boolean {
    return this.pending.size > mostPending;
  }

  /** Counts requests that were just committed, `last` being the id of the last of them. Never throws. */
  note(rows: readonly Finished[], last: number): void {
    if (!this.#isLive) return;
    try {
      for (const row of rows) this.pending.add(row);
      this.#counted = last;
    } catch {
      this.forgetPending();
    }
  }

  /** Gives up what is in memory; it is caught up with later. */
  forgetPending(): void {
    this.pending.clear();
    this.#counted = this.#state.mark;
    this.#isLive = this.lastId === this.#counted;
  }

  /** Adds what is pending to the buckets. When it throws, everything is as it was. */
  carry(): void {
    if (this.#counted === this.#state.mark) return;
    this.#move({ ...this.#state, mark: this.#counted }, () => carry(this.pending, this.#destination()));
    this.pending.clear();
  }

  /** Counts requests that were written before, at most {@link catchUpStep} of them. */
  catchUp(): void {
    const { rows, last } = this.#finished.read(this.#state.mark, catchUpStep);
    this.pending.clear();
    try {
      for (const row of rows) this.pending.add(row);
      this.#move({ ...this.#state, mark: last }, () => carry(this.pending, this.#destination()));
      this.#counted = last;
      this.#isLive = this.lastId === last;
    } finally {
      this.pending.clear();
    }
  }

  /** Takes note that requests that arrived more than `keptMs` ago are being deleted. */
  forgetRequests(now: EpochMs, keptMs: DurationMs): void {
    this.#move({ ...this.#state, requests: since(this.#state.requests, now, keptMs) }, () => {});
  }

  /** Deletes at most `step` pages that are kept no longer, and says how many there were. */
  prune(now: EpochMs, { minuteMs, hourMs }: Retention, step: number): number {
    const minute = floorTo(since(this.#state.minute, now, minuteMs), widths.minute);
    const hour = floorTo(since(this.#state.hour, now, hourMs), widths.hour);
    let found = 0;
    this.#move({ ...this.#state, minute, hour }, () => {
      for (const cube of cubes)
        for (const level of cube.levels) found += this.#drop(cube, level, step - found);
    });
    return found;
  }

  /** From when on each source is complete for a cube; without one there are only the requests. */
  since(cube: Cube | null): Since {
    const of = (level: Level): EpochMs =>
      cube?.levels.includes(level) === true ? this.#keptFrom(cube, level) : Number.POSITIVE_INFINITY;
    return { requests: this.#state.requests, minute: of("minute"), hour: of("hour"), day: of("day") };
  }

  #drop(cube: Cube, level: Level, step: number): number {
    const until = floorTo(this.#keptFrom(cube, level), widths[level]);
    return until > 0 && step > 0 ? this.pages.drop(level, cube, until, step) : 0;
  }

  #keptFrom(cube: Cube, level: Level): EpochMs {
    if (level === "day") return cube.lasting ? Number.NEGATIVE_INFINITY : this.#state.hour;
    return this.#state[level];
  }

  #destination(): Destination {
    const { pages, names, onUnreadable } = this;
    return { pages, names, onUnreadable, keptFrom: (cube, level) => this.#keptFrom(cube, level) };
  }

  #move(state: State, work: () => void): void {
    const before = this.#state;
    try {
      this.#sqlite.transaction(() => {
        this.#state = state;
        work();
        this.#saveState.run(state.mark, state.requests, state.minute, state.hour);
      });
    } catch (error) {
      this.#state = before;
      this.names.forget();
      throw error;
    }
  }
}

/**
 * From when on something is complete that is deleted after so long: what was deleted does not come back when it is to be
 * kept longer. Where the clock had been wrong, and was ahead, that is today.
 */
const since = (before: EpochMs, now: EpochMs, keptMs: DurationMs): EpochMs =>
  before > now ? floorTo(now, widths.day) : Math.max(before, now - keptMs);

function readState(sqlite: Sqlite): State {
  const row = sqlite.prepare("SELECT * FROM rollup_state").get();
  return {
    mark: Number(row?.mark ?? 0),
    requests: Number(row?.requests_since ?? 0),
    minute: Number(row?.minute_since ?? 0),
    hour: Number(row?.hour_since ?? 0),
  };
}
