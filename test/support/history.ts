import { err, ok, type Result } from "../../src/core/result.ts";
import type { EpochMs } from "../../src/core/units.ts";
import type { RequestRow } from "../../src/domain/journal.ts";
import { attemptColumns, requestColumns, unpackRow } from "../../src/metrics/rows.ts";
import { openSqlite, type Sqlite, type SqlRow, type SqlValue } from "../../src/runtime/sqlite.ts";

/** Recorded traffic, to be compared with what was sent. */
export interface History {
  /** The requests that arrived in [from, until) with their attempts, oldest first, never all in memory. */
  readonly requests: (from: EpochMs, until: EpochMs) => Iterable<RequestRow>;
  /** The last arrival; null when nothing was recorded. */
  readonly lastArrival: () => EpochMs | null;
  readonly close: () => void;
}

const slice = 1_000;

/** Opens a `switchyard.sqlite` without writing to it, also while a gateway does. The error is a sentence. */
export function openHistory(file: string): Result<History, string> {
  let sqlite: Sqlite | null = null;
  try {
    sqlite = openSqlite(file, { readonly: true, busyMs: 1_000 });
    return ok(historyOf(sqlite));
  } catch (error) {
    sqlite?.close();
    return err(
      `${file} is not a readable traffic database: ${error instanceof Error ? error.message : error}`,
    );
  }
}

function historyOf(sqlite: Sqlite): History {
  const page = sqlite.prepare(
    `SELECT id, ${requestColumns.join(", ")} FROM requests
     WHERE arrived_at < ? AND (arrived_at, id) > (?, ?) ORDER BY arrived_at, id LIMIT ${slice}`,
  );
  const attempts = sqlite.prepare(
    `SELECT ${attemptColumns.join(", ")} FROM attempts WHERE request = ? ORDER BY seq`,
  );
  const last = sqlite.prepare("SELECT max(arrived_at) AS at FROM requests");

  function* requests(from: EpochMs, until: EpochMs): Iterable<RequestRow> {
    let after: readonly [SqlValue, SqlValue] = [from - 1, Number.MAX_SAFE_INTEGER];
    for (;;) {
      const rows: readonly SqlRow[] = page.all(until, ...after);
      for (const row of rows) yield unpackRow(row, attempts.all(row.id ?? null));
      const end = rows[slice - 1];
      if (end === undefined) return;
      after = [end.arrived_at ?? null, end.id ?? null];
    }
  }

  const lastArrival = (): EpochMs | null => {
    const at = last.get()?.at;
    return typeof at === "number" ? at : null;
  };
  return { requests, lastArrival, close: () => sqlite.close() };
}
