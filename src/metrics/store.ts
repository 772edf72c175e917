import type { DurationMs, EpochMs } from "../core/units.ts";
import type { Sqlite, SqlStatement, SqlValue } from "../runtime/sqlite.ts";
import { attemptColumns, type PackedRow, requestColumns } from "./rows.ts";
import {
  addTo,
  type Count,
  type Counted,
  loadCount,
  noCount,
  type StoredCount,
  storeCount,
} from "./tally.ts";

/** The statements of one open database, and the totals that its rows add to. */
export interface Store {
  readonly sqlite: Sqlite;
  /** Commits a batch: rows, totals and last uses together, or nothing of it. Throws what `sqliteFault` can name. */
  readonly write: (batch: readonly PackedRow[]) => void;
  /** Deletes at most `step` requests that arrived before `until`, and says how many it found. */
  readonly prune: (until: EpochMs, step: number) => number;
  /** Everything ever recorded, also what retention has deleted since. */
  readonly totals: () => Count;
}

/** How much traffic is deleted at once: small enough that a batch never waits long behind it. */
export const pruneStep = 500;
/** The pause between two such steps. */
export const pruneEveryMs: DurationMs = 50;

/** Prepares an open database. `carried` are the totals of a file that was lost while we ran: a new one begins with them. */
export function prepareStore(sqlite: Sqlite, carried: Count | null): Store {
  let totals = readTotals(sqlite) ?? carried ?? noCount("bounded");
  const insertRequest = sqlite.prepare(insert("requests", requestColumns, "id"));
  const insertAttempt = sqlite.prepare(insert("attempts", attemptColumns, "request, seq"));
  const saveTotals = sqlite.prepare("INSERT OR REPLACE INTO totals (id, tally) VALUES (1, ?)");
  const saveUse = sqlite.prepare(
    "INSERT INTO models VALUES (?, ?) ON CONFLICT DO UPDATE SET last_used = max(last_used, excluded.last_used)",
  );
  const lastId = sqlite.prepare("SELECT max(id) AS id FROM requests");

  const write = (batch: readonly PackedRow[]): void => {
    const next = loadCount(storeCount(totals));
    sqlite.transaction(() => {
      let id = Number(lastId.get()?.id ?? 0);
      const uses = new Map<string, number>();
      for (const [values, attempts] of batch) {
        id += 1;
        insertRequest.run(id, ...values);
        for (const [seq, attempt] of attempts.entries()) insertAttempt.run(id, seq, ...attempt);
        addTo(next, countedOf(values));
        noteUse(uses, values);
      }
      for (const [model, at] of uses) saveUse.run(model, at);
      saveTotals.run(JSON.stringify(storeCount(next)));
    });
    totals = next;
  };

  return { sqlite, write, prune: pruner(sqlite), totals: () => totals };
}

function pruner(sqlite: Sqlite): Store["prune"] {
  const oldest: SqlStatement = sqlite.prepare(
    "SELECT id FROM requests WHERE arrived_at < ? ORDER BY arrived_at LIMIT ?",
  );
  const dropAttempts = sqlite.prepare("DELETE FROM attempts WHERE request = ?");
  const dropRequest = sqlite.prepare("DELETE FROM requests WHERE id = ?");
  return (until, step) =>
    sqlite.transaction(() => {
      const found = oldest.all(until, step);
      for (const { id = null } of found) {
        dropAttempts.run(id);
        dropRequest.run(id);
      }
      return found.length;
    });
}

function readTotals(sqlite: Sqlite): Count | null {
  const stored = sqlite.prepare("SELECT tally FROM totals").get()?.tally;
  // nobody but `write` fills this column
  return typeof stored === "string" ? loadCount(JSON.parse(stored) as StoredCount) : null;
}

const insert = (table: string, columns: readonly string[], keys: string): string => {
  const all = [...keys.split(", "), ...columns];
  return `INSERT INTO ${table} (${all.join(", ")}) VALUES (${all.map(() => "?").join(", ")})`;
};

const position = (column: string): number => requestColumns.indexOf(column);
const [arrivedAt, modelAt] = [position("arrived_at"), position("model")];

const countedColumns = [
  ...[
    "outcome",
    "model",
    "served_model",
    "provider",
    "duration_ms",
    "ttft_ms",
    "prompt_tokens",
    "cached_tokens",
  ],
  ...["completion_tokens", "reasoning_tokens", "total_tokens", "cost_usd"],
].map((column) => [column, position(column)] as const);

/** The packed values by the names that a tally reads; they were a `RequestRow`, which has all of them. */
function countedOf(values: readonly SqlValue[]): Counted {
  const named: Record<string, SqlValue> = {};
  for (const [column, at] of countedColumns) named[column] = values[at] ?? null;
  return named as unknown as Counted;
}

function noteUse(uses: Map<string, number>, values: readonly SqlValue[]): void {
  const [model, at] = [values[modelAt], values[arrivedAt]];
  if (typeof model === "string" && typeof at === "number")
    uses.set(model, Math.max(at, uses.get(model) ?? 0));
}
