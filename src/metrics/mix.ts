import type { EpochMs } from "../core/units.ts";
import type { Sqlite, SqlValue } from "../runtime/sqlite.ts";

/** What was asked for by one name in a day of traffic, answered requests only. */
export interface MixRow {
  /** As the client wrote it; null: it named none. */
  readonly asked: string | null;
  readonly requests: number;
  readonly prompt: number;
  readonly completion: number;
  readonly cached: number;
  readonly cacheWrite: number;
}

/** A day of traffic by the names that clients asked for, the busiest first. */
export interface Mix {
  readonly from: EpochMs;
  readonly until: EpochMs;
  readonly rows: readonly MixRow[];
}

const dayMs = 86_400_000;
/** Clients may make names up below a pattern. */
const mostNames = 10_000;

/** The last 24 hours that a journal has recorded, whenever that was; null when it has recorded nothing. */
export function mixOf(sqlite: Sqlite): Mix | null {
  const newest = sqlite.prepare("SELECT max(arrived_at) AS at FROM requests").get()?.["at"];
  if (typeof newest !== "number") return null;
  const [from, until] = [newest + 1 - dayMs, newest + 1];
  const rows = sqlite
    .prepare(
      `SELECT asked, count(*) AS requests, sum(prompt_tokens) AS prompt, sum(completion_tokens) AS completion,
         sum(cached_tokens) AS cached, sum(cache_write_tokens) AS written
       FROM requests WHERE arrived_at >= ? AND arrived_at < ? AND outcome = 'ok' AND prompt_tokens IS NOT NULL
       GROUP BY asked ORDER BY requests DESC, asked LIMIT ${mostNames}`,
    )
    .all(from, until)
    .map((row) => ({
      asked: typeof row["asked"] === "string" ? row["asked"] : null,
      requests: number(row["requests"]),
      prompt: number(row["prompt"]),
      completion: number(row["completion"]),
      cached: number(row["cached"]),
      cacheWrite: number(row["written"]),
    }));
  return { from, until, rows };
}

const number = (value: SqlValue | undefined): number => (typeof value === "number" ? value : 0);
