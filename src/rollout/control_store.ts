import { existsSync, renameSync } from "node:fs";
import type { EpochMs } from "../core/units.ts";
import type { SavedCounter } from "../limits/counter.ts";
import type { Learned } from "../limits/learn.ts";
import type { Sqlite } from "../runtime/sqlite.ts";
import type { AuditEntry } from "./audit.ts";
import type { StoredGeneration } from "./generation.ts";
import { goodOnes, readGeneration, writeGeneration } from "./generation_rows.ts";

/** What limits had taken and models had taught, up to a second ago. */
export interface Checkpoint {
  /** Windows that changed since the last checkpoint; one with nothing booked is gone. */
  readonly counters: readonly SavedCounter[];
  /** Null: unchanged. */
  readonly lessons: readonly Learned[] | null;
  /** Requests served by each generation since the last one. */
  readonly served: readonly (readonly [generation: number, requests: number])[];
}

/** One change of the control state; those of one commit are on disk together, or none is. */
export type Change =
  | { readonly kind: "generation"; readonly generation: StoredGeneration }
  /** A step on a generation's way. */
  | {
      readonly kind: "step";
      readonly generation: number;
      readonly stage: string;
      readonly at: EpochMs;
      readonly note: string | null;
    }
  /** A fact by name; null forgets it. */
  | { readonly kind: "fact"; readonly name: string; readonly value: unknown }
  | { readonly kind: "audit"; readonly entry: AuditEntry };

/** What a process begins with. */
export interface Remembered {
  readonly lastKnownGood: StoredGeneration | null;
  /** A canary that the last process did not see to its end. */
  readonly unfinished: StoredGeneration | null;
  readonly newestNumber: number;
  readonly goodDigests: readonly string[];
  readonly facts: Readonly<Record<string, unknown>>;
  readonly counters: readonly SavedCounter[];
  readonly lessons: readonly Learned[];
}

/** The newest generations are kept with their bytes, and those to go back to, however many were refused since. */
const keepGenerations = 50;
const keepGood = 10;

/** Neither what serves, nor what may have to serve again. */
const old = `number <= ? AND state NOT IN ('active', 'canary') AND number NOT IN (
  SELECT number FROM generations ${goodOnes} LIMIT ${keepGood}
)`;

const tables = `
  CREATE TABLE IF NOT EXISTS generations (
    number INTEGER PRIMARY KEY, digest TEXT, source TEXT NOT NULL, state TEXT NOT NULL,
    files TEXT NOT NULL, active_at INTEGER, retired_at INTEGER,
    stage TEXT NOT NULL DEFAULT 'active', reason TEXT, origin TEXT, tests TEXT, compiled TEXT, diagnostics TEXT,
    good INTEGER NOT NULL DEFAULT 1, seen_at INTEGER, requests INTEGER NOT NULL DEFAULT 0
  ) STRICT;
  CREATE TABLE IF NOT EXISTS steps (
    generation INTEGER NOT NULL, stage TEXT NOT NULL, at INTEGER NOT NULL, note TEXT
  ) STRICT;
  CREATE INDEX IF NOT EXISTS steps_of ON steps (generation);
  CREATE TABLE IF NOT EXISTS facts (name TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT, WITHOUT ROWID;
  CREATE TABLE IF NOT EXISTS audit (at INTEGER NOT NULL, who TEXT NOT NULL, action TEXT NOT NULL, detail TEXT NOT NULL) STRICT;
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

/** Creates what is not there yet, and takes over what the first version had, which knew files and nothing else. */
export function prepareControl(sqlite: Sqlite): void {
  const columns = sqlite.prepare("PRAGMA table_info(generations)").all();
  const isFirst = columns.length > 0 && columns.every(({ name }) => name !== "stage");
  if (!isFirst) {
    sqlite.exec(tables);
    return;
  }
  sqlite.transaction(() => {
    sqlite.exec(`ALTER TABLE generations RENAME TO first_generations; ${tables}
      INSERT INTO generations (number, digest, source, state, files, active_at, retired_at)
        SELECT number, digest, source, state, files, active_at, retired_at FROM first_generations;
      DROP TABLE first_generations;`);
  });
}

/** Reads everything a start needs. */
export function remember(sqlite: Sqlite): Remembered {
  const newestIn = (state: string): StoredGeneration | null => {
    const row = sqlite
      .prepare("SELECT * FROM generations WHERE state = ? ORDER BY active_at DESC, number DESC LIMIT 1")
      .get(state);
    return row === null ? null : readGeneration(row);
  };
  const texts = (sql: string, column: string): readonly string[] =>
    sqlite
      .prepare(sql)
      .all()
      .map((row) => String(row[column]));
  const facts = sqlite.prepare("SELECT name, value FROM facts").all();
  return {
    lastKnownGood: newestIn("active"),
    unfinished: newestIn("canary"),
    newestNumber: Number(sqlite.prepare("SELECT max(number) AS n FROM generations").get()?.["n"] ?? 0),
    goodDigests: texts(
      "SELECT DISTINCT digest FROM generations WHERE good = 1 AND digest IS NOT NULL",
      "digest",
    ),
    facts: Object.fromEntries(facts.map(({ name, value }) => [String(name), JSON.parse(String(value))])),
    counters: texts("SELECT counter FROM counters", "counter").map((text) => JSON.parse(text)),
    lessons: texts("SELECT learned FROM lessons", "learned").map((text) => JSON.parse(text)),
  };
}

/** Writes changes, all or none. */
export function commit(sqlite: Sqlite, changes: readonly Change[]): void {
  sqlite.transaction(() => {
    for (const change of changes) apply(sqlite, change);
  });
}

function apply(sqlite: Sqlite, change: Change): void {
  switch (change.kind) {
    case "generation": {
      const { number, digest, state } = change.generation;
      writeGeneration(sqlite, change.generation);
      // What was taken back is not good because it was so at another time.
      if (state === "quarantined")
        sqlite.prepare("UPDATE generations SET good = 0 WHERE digest = ?").run(digest);
      sqlite
        .prepare(`DELETE FROM steps WHERE generation IN (SELECT number FROM generations WHERE ${old})`)
        .run(number - keepGenerations);
      sqlite.prepare(`DELETE FROM generations WHERE ${old}`).run(number - keepGenerations);
      return;
    }
    case "step":
      sqlite
        .prepare("INSERT INTO steps VALUES (?, ?, ?, ?)")
        .run(change.generation, change.stage, Math.round(change.at), change.note);
      return;
    case "fact":
      if (change.value === null) sqlite.prepare("DELETE FROM facts WHERE name = ?").run(change.name);
      else
        sqlite
          .prepare("INSERT OR REPLACE INTO facts VALUES (?, ?)")
          .run(change.name, JSON.stringify(change.value));
      return;
    case "audit": {
      const { at, who, action, detail } = change.entry;
      sqlite
        .prepare("INSERT INTO audit VALUES (?, ?, ?, ?)")
        .run(Math.round(at), who, action, JSON.stringify(detail));
      return;
    }
  }
}

/** Writes a checkpoint. */
export function saveCheckpoint(sqlite: Sqlite, { counters, lessons, served }: Checkpoint): void {
  sqlite.transaction(() => {
    const put = sqlite.prepare("INSERT OR REPLACE INTO counters VALUES (?, ?)");
    const drop = sqlite.prepare("DELETE FROM counters WHERE id = ?");
    for (const counter of counters) {
      const id = `${counter.scope} ${counter.name} ${counter.limit}`;
      if (counter.booked.length === 0) drop.run(id);
      else put.run(id, JSON.stringify(counter));
    }
    const learn = sqlite.prepare("INSERT OR REPLACE INTO lessons VALUES (?, ?)");
    for (const learned of lessons ?? []) learn.run(learned.upstream, JSON.stringify(learned));
    const serve = sqlite.prepare("UPDATE generations SET requests = requests + ? WHERE number = ?");
    for (const [generation, requests] of served) serve.run(requests, generation);
  });
}
