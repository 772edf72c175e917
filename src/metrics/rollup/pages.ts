import type { EpochMs } from "../../core/units.ts";
import type { Sqlite, SqlStatement } from "../../runtime/sqlite.ts";
import type { Cube } from "./cubes.ts";
import { type Level, widths } from "./levels.ts";

/** The cells of one bucket, packed. */
export interface Page {
  readonly start: EpochMs;
  readonly cells: Uint8Array;
}

const levelNumbers = { minute: 0, hour: 1, day: 2 } as const satisfies Record<Level, number>;
/** A key is a level, a cube and a minute: pages that are read together lie together. */
const minutes = 2 ** 32;
const cubesPerLevel = 16;
/** Pages that are in memory at once. */
const slice = 256;

/** Where the pages are. Every method throws what `sqliteFault` can name. */
export class Pages {
  readonly #load: SqlStatement;
  readonly #save: SqlStatement;
  readonly #range: SqlStatement;
  readonly #drop: SqlStatement;

  constructor(sqlite: Sqlite) {
    this.#load = sqlite.prepare("SELECT cells FROM rollups WHERE id = ?");
    this.#save = sqlite.prepare("INSERT OR REPLACE INTO rollups (id, cells) VALUES (?, ?)");
    this.#range = sqlite.prepare(
      `SELECT id, cells FROM rollups WHERE id >= ? AND id < ? ORDER BY id LIMIT ${slice}`,
    );
    this.#drop = sqlite.prepare(
      "DELETE FROM rollups WHERE id IN (SELECT id FROM rollups WHERE id >= ? AND id < ? LIMIT ?)",
    );
  }

  load(level: Level, cube: Cube, start: EpochMs): Uint8Array | null {
    const cells = this.#load.get(keyOf(level, cube, start))?.cells;
    return cells instanceof Uint8Array ? cells : null;
  }

  save(level: Level, cube: Cube, start: EpochMs, cells: Uint8Array): void {
    this.#save.run(keyOf(level, cube, start), cells);
  }

  /** The pages that start in [from, until), oldest first. */
  *range(level: Level, cube: Cube, from: EpochMs, until: EpochMs): Iterable<Page> {
    const base = keyOf(level, cube, 0);
    const end = keyOf(level, cube, ceilMinute(until));
    for (let next = keyOf(level, cube, ceilMinute(from)); ; ) {
      const rows = this.#range.all(next, end);
      for (const { id, cells } of rows) {
        if (!(cells instanceof Uint8Array)) continue;
        yield { start: (Number(id) - base) * widths.minute, cells };
      }
      const last = rows[slice - 1];
      if (last === undefined) return;
      next = Number(last.id) + 1;
    }
  }

  /** Deletes at most `step` pages whose bucket starts before `until`, and says how many there were. */
  drop(level: Level, cube: Cube, until: EpochMs, step: number): number {
    return this.#drop.run(keyOf(level, cube, 0), keyOf(level, cube, until), step);
  }
}

const keyOf = (level: Level, cube: Cube, start: EpochMs): number =>
  (levelNumbers[level] * cubesPerLevel + cube.id) * minutes + minuteOf(start);

/** Times before 1970 and after the year 10000 are put at these ends. */
const minuteOf = (start: EpochMs): number =>
  Math.min(Math.max(Math.floor(start / widths.minute), 0), minutes - 1);

const ceilMinute = (ms: EpochMs): EpochMs => Math.ceil(ms / widths.minute) * widths.minute;
