import type { DurationMs, EpochMs } from "../core/units.ts";
import type { Sqlite, SqlStatement } from "../runtime/sqlite.ts";
import { type OpenBatch, openBatch, type PackedBatch } from "./batch.ts";
import { BulkInsert } from "./bulk.ts";
import { finishedIn } from "./finished_in.ts";
import { Rollup } from "./rollup/rollup.ts";
import { attemptColumns, requestColumns } from "./rows.ts";
import { addTo, type Count, loadCount, noCount, type StoredCount, storeCount } from "./tally.ts";

/** The statements of one open database, and the figures that its rows add to. */
export interface Store {
  readonly sqlite: Sqlite;
  readonly rollup: Rollup;
  /** Commits a batch: rows, totals and last uses together, or nothing of it. Throws what `sqliteFault` can name. */
  readonly write: (batch: PackedBatch) => void;
  /** Deletes at most `step` requests that arrived more than `keptMs` ago and are in the buckets, and says how many it found. */
  readonly prune: (now: EpochMs, keptMs: DurationMs, step: number) => number;
  /** Everything ever recorded, also what retention has deleted since. */
  readonly totals: () => Count;
}

/** How much traffic is deleted at once: small enough that a batch never waits long behind it. */
export const pruneStep = 500;

/** Prepares an open database. `carried` are the totals of a file that was lost while we ran: a new one begins with them. */
export function prepareStore(sqlite: Sqlite, carried: Count | null): Store {
  let totals = readTotals(sqlite) ?? carried ?? noCount();
  const rollup = new Rollup(sqlite);
  const insert = inserter(sqlite);
  const saveTotals = sqlite.prepare("INSERT OR REPLACE INTO totals (id, tally) VALUES (1, ?)");
  const saveUse = sqlite.prepare(
    "INSERT INTO models VALUES (?, ?) ON CONFLICT DO UPDATE SET last_used = max(last_used, excluded.last_used)",
  );

  const write = (packed: PackedBatch): void => {
    const batch = openBatch(packed);
    const rows = finishedIn(batch);
    const next = loadCount(storeCount(totals));
    const uses = new Map<string, number>();
    for (const row of rows) {
      addTo(next, row);
      if (row.model !== null) uses.set(row.model, Math.max(row.arrived_at, uses.get(row.model) ?? 0));
    }
    const first = rollup.lastId + 1;
    sqlite.transaction(() => {
      insert(batch, first);
      for (const [model, at] of uses) saveUse.run(model, at);
      saveTotals.run(JSON.stringify(storeCount(next)));
    });
    totals = next;
    rollup.note(rows, first + rows.length - 1);
  };

  return { sqlite, rollup, write, prune: pruner(sqlite, rollup), totals: () => totals };
}

/** Inserts the rows of a batch and their attempts, the first under this id. */
function inserter(sqlite: Sqlite): (batch: OpenBatch, first: number) => void {
  const requests = new BulkInsert(sqlite, "requests", ["id"], requestColumns);
  const attempts = new BulkInsert(sqlite, "attempts", ["request", "seq"], attemptColumns);
  return ({ cells, texts }, first) => {
    requests.clear();
    attempts.clear();
    let id = first;
    for (let at = 0; at < cells.length; id += 1) {
      const tries = cells[at] ?? 0;
      requests.key(id);
      at = requests.row(cells, texts, at + 1);
      for (let seq = 0; seq < tries; seq += 1) {
        attempts.key(id);
        attempts.key(seq);
        at = attempts.row(cells, texts, at);
      }
    }
    requests.finish();
    attempts.finish();
  };
}

function pruner(sqlite: Sqlite, rollup: Rollup): Store["prune"] {
  const oldest: SqlStatement = sqlite.prepare(
    "SELECT id FROM requests WHERE arrived_at < ? AND id <= ? ORDER BY arrived_at LIMIT ?",
  );
  const dropAttempts = sqlite.prepare("DELETE FROM attempts WHERE request = ?");
  const dropRequest = sqlite.prepare("DELETE FROM requests WHERE id = ?");
  return (now, keptMs, step) => {
    rollup.forgetRequests(now, keptMs);
    return sqlite.transaction(() => {
      const found = oldest.all(now - keptMs, rollup.mark, step);
      for (const { id = null } of found) {
        dropAttempts.run(id);
        dropRequest.run(id);
      }
      return found.length;
    });
  };
}

function readTotals(sqlite: Sqlite): Count | null {
  const stored = sqlite.prepare("SELECT tally FROM totals").get()?.tally;
  // nobody but `write` fills this column
  return typeof stored === "string" ? loadCount(JSON.parse(stored) as StoredCount) : null;
}
