import type { DurationMs, EpochMs } from "../core/units.ts";
import type { RequestOutcome } from "../domain/journal.ts";
import type { Sqlite, SqlStatement } from "../runtime/sqlite.ts";
import type { PackedBatch } from "./batch.ts";
import { BulkInsert, numberOf, textOf } from "./bulk.ts";
import { attemptColumns, requestColumns } from "./rows.ts";
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
  readonly write: (batch: PackedBatch) => void;
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
  const requests = new BulkInsert(sqlite, "requests", ["id"], requestColumns);
  const attempts = new BulkInsert(sqlite, "attempts", ["request", "seq"], attemptColumns);
  const saveTotals = sqlite.prepare("INSERT OR REPLACE INTO totals (id, tally) VALUES (1, ?)");
  const saveUse = sqlite.prepare(
    "INSERT INTO models VALUES (?, ?) ON CONFLICT DO UPDATE SET last_used = max(last_used, excluded.last_used)",
  );
  const lastId = sqlite.prepare("SELECT max(id) AS id FROM requests");

  const insert = (batch: PackedBatch, count: Count, uses: Map<string, number>): void => {
    // it comes from `batch.ts` and from nowhere else
    const texts = JSON.parse(batch.texts) as readonly string[];
    const { cells } = batch;
    let id = Number(lastId.get()?.id ?? 0);
    for (let at = 0; at < cells.length; ) {
      const tries = cells[at] ?? 0;
      at += 1;
      id += 1;
      addTo(count, countedAt(cells, texts, at));
      noteUse(uses, textOf(cells[at + modelAt], texts), cells[at + arrivedAt] ?? 0);
      requests.key(id);
      at = requests.row(cells, texts, at);
      for (let seq = 0; seq < tries; seq += 1) {
        attempts.key(id);
        attempts.key(seq);
        at = attempts.row(cells, texts, at);
      }
    }
    requests.finish();
    attempts.finish();
  };

  const write = (batch: PackedBatch): void => {
    const next = loadCount(storeCount(totals));
    requests.clear();
    attempts.clear();
    sqlite.transaction(() => {
      const uses = new Map<string, number>();
      insert(batch, next, uses);
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

const position = (column: string): number => requestColumns.indexOf(column);
const [arrivedAt, modelAt, servedModelAt] = [
  position("arrived_at"),
  position("model"),
  position("served_model"),
];
const [outcomeAt, providerAt, durationAt, ttftAt] = [
  position("outcome"),
  position("provider"),
  position("duration_ms"),
  position("ttft_ms"),
];
const [promptAt, cachedAt, completionAt] = [
  position("prompt_tokens"),
  position("cached_tokens"),
  position("completion_tokens"),
];
const [reasoningAt, totalAt, costAt] = [
  position("reasoning_tokens"),
  position("total_tokens"),
  position("cost_usd"),
];

/** What a tally reads of the request whose values begin at `at`. */
const countedAt = (cells: PackedBatch["cells"], texts: readonly string[], at: number): Counted => ({
  // it was a `RequestRow`'s
  outcome: textOf(cells[at + outcomeAt], texts) as RequestOutcome,
  model: textOf(cells[at + modelAt], texts),
  served_model: textOf(cells[at + servedModelAt], texts),
  provider: textOf(cells[at + providerAt], texts),
  duration_ms: cells[at + durationAt] ?? 0,
  ttft_ms: numberOf(cells[at + ttftAt]),
  prompt_tokens: numberOf(cells[at + promptAt]),
  cached_tokens: numberOf(cells[at + cachedAt]),
  completion_tokens: numberOf(cells[at + completionAt]),
  reasoning_tokens: numberOf(cells[at + reasoningAt]),
  total_tokens: numberOf(cells[at + totalAt]),
  cost_usd: numberOf(cells[at + costAt]),
});

function noteUse(uses: Map<string, number>, model: string | null, at: number): void {
  if (model !== null) uses.set(model, Math.max(at, uses.get(model) ?? 0));
}
