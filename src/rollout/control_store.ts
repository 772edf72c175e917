import { existsSync, renameSync } from "node:fs";
import type { EpochMs } from "../core/units.ts";
import type { SavedCounter } from "../limits/counter.ts";
import type { Learned } from "../limits/learn.ts";
import type { Sqlite } from "../runtime/sqlite.ts";

/** One generation as the control database keeps it: its bytes, so that it can be served again without its source. */
export interface StoredGeneration {
  readonly number: number;
  readonly digest: string;
  /** Where its bytes came from: a file's path. */
  readonly source: string;
  readonly files: readonly { readonly name: string; readonly base64: string }[];
  readonly activeAt: EpochMs;
}

/** What limits had taken and models had taught, up to a second ago. */
export interface Checkpoint {
  /** Windows that changed since the last checkpoint; one with nothing booked is gone. */
  readonly counters: readonly SavedCounter[];
  /** Null: unchanged. */
  readonly lessons: readonly Learned[] | null;
}

/** What a process begins with. */
export interface Remembered {
  readonly lastKnownGood: StoredGeneration | null;
  readonly newestNumber: number;
  readonly counters: readonly SavedCounter[];
  readonly lessons: readonly Learned[];
}

/** Generations kept with their bytes. */
const keepGenerations = 50;

const tables = `
  CREATE TABLE IF NOT EXISTS generations (
    number INTEGER PRIMARY KEY, digest TEXT NOT NULL, source TEXT NOT NULL, state TEXT NOT NULL,
    files TEXT NOT NULL, active_at INTEGER NOT NULL, retired_at INTEGER
  ) STRICT;
  CREATE TABLE IF NOT EXISTS counters (id TEXT PRIMARY KEY, counter TEXT NOT NULL) STRICT, WITHOUT ROWID;
  CREATE TABLE IF NOT EXISTS lessons (upstream TEXT PRIMARY KEY, learned TEXT NOT NULL) STRICT, WITHOUT ROWID;
`;

/** A database in WAL mode is three files. */
const suffixes = ["", "-wal", "-shm"];

/** Moves a file that is no readable database out of the way, with what belongs to it; returns its new name. */
export function setAside(file: string, now: EpochMs): string {
  const aside = `${file}.corrupt-${Math.round(now)}`;
  for (const suffix of suffixes) if (existsSync(file + suffix)) renameSync(file + suffix, aside + suffix);
  return aside;
}

/** Creates what is not there yet. */
export const prepareControl = (sqlite: Sqlite): void => sqlite.exec(tables);

/** Reads everything a start needs. */
export function remember(sqlite: Sqlite): Remembered {
  const active = sqlite
    .prepare("SELECT * FROM generations WHERE state = 'active' ORDER BY number DESC LIMIT 1")
    .get();
  const newest = sqlite.prepare("SELECT max(number) AS number FROM generations").get();
  return {
    lastKnownGood:
      active === null
        ? null
        : {
            number: Number(active["number"]),
            digest: String(active["digest"]),
            source: String(active["source"]),
            files: JSON.parse(String(active["files"])),
            activeAt: Number(active["active_at"]),
          },
    newestNumber: Number(newest?.["number"] ?? 0),
    counters: sqlite
      .prepare("SELECT counter FROM counters")
      .all()
      .map((row) => JSON.parse(String(row["counter"]))),
    lessons: sqlite
      .prepare("SELECT learned FROM lessons")
      .all()
      .map((row) => JSON.parse(String(row["learned"]))),
  };
}

/** Makes a generation the active one, and the last known good, in one transaction. */
export function activate(sqlite: Sqlite, generation: StoredGeneration): void {
  const { number, digest, source, files } = generation;
  const activeAt = Math.round(generation.activeAt);
  sqlite.transaction(() => {
    sqlite
      .prepare("UPDATE generations SET state = 'retired', retired_at = ? WHERE state = 'active'")
      .run(activeAt);
    sqlite
      .prepare("INSERT OR REPLACE INTO generations VALUES (?, ?, ?, 'active', ?, ?, NULL)")
      .run(number, digest, source, JSON.stringify(files), activeAt);
    sqlite.prepare("DELETE FROM generations WHERE number <= ?").run(number - keepGenerations);
  });
}

/** Writes a checkpoint. */
export function saveCheckpoint(sqlite: Sqlite, { counters, lessons }: Checkpoint): void {
  sqlite.transaction(() => {
    const put = sqlite.prepare("INSERT OR REPLACE INTO counters VALUES (?, ?)");
    const drop = sqlite.prepare("DELETE FROM counters WHERE id = ?");
    for (const counter of counters) {
      const id = `${counter.scope} ${counter.name} ${counter.limit}`;
      if (counter.booked.length === 0) drop.run(id);
      else put.run(id, JSON.stringify(counter));
    }
    const teach = sqlite.prepare("INSERT OR REPLACE INTO lessons VALUES (?, ?)");
    for (const learned of lessons ?? []) teach.run(learned.upstream, JSON.stringify(learned));
  });
}
