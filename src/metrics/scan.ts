import type { EpochMs } from "../core/units.ts";
import type { FailureKind } from "../domain/failure.ts";
import type { RequestOutcome } from "../domain/journal.ts";
import type { Sqlite, SqlRow, SqlValue } from "../runtime/sqlite.ts";
import type { Counted } from "./tally.ts";

/** Which requests: those that arrived in [from, until) and have these values. */
export interface Selection {
  readonly from: EpochMs;
  readonly until: EpochMs;
  /** Column and value; `provider` is the one that answered. */
  readonly where: readonly (readonly [string, string | number])[];
  /** What they are grouped by: a column, or a label. */
  readonly by: Grouping | null;
}

/** A column of `requests`, or the name of a label. */
export type Grouping = { readonly column: string } | { readonly label: string };

/** One request as a tally needs it, with its arrival and, where one was asked for, its group. */
export interface Seen extends Counted {
  readonly arrived_at: EpochMs;
  readonly grp: string | null;
}

/** Rows per slice: some 10 ms of work, after which waiting batches get their turn. */
const slice = 5_000;

const counted = `outcome, model, served_model, provider, duration_ms, ttft_ms, prompt_tokens, cached_tokens,
  completion_tokens, reasoning_tokens, total_tokens, cost_usd`;

/**
 * Shows every selected request to `see`, oldest first. It lets other work in between slices, and so asks for the
 * database each time: it may have been replaced.
 */
export async function scanRequests(
  database: () => Sqlite,
  selection: Selection,
  see: (row: Seen) => void,
): Promise<void> {
  const [group, groupValues] = groupOf(selection.by);
  const [where, whereValues] = conditionOf(selection);
  const sql = `SELECT id, arrived_at, ${group} AS grp, ${counted} FROM requests
    WHERE ${where} AND (arrived_at, id) > (?, ?) ORDER BY arrived_at, id LIMIT ${slice}`;
  let after: readonly [SqlValue, SqlValue] = [selection.from - 1, Number.MAX_SAFE_INTEGER];
  for (;;) {
    const rows = database()
      .prepare(sql)
      .all(...groupValues, ...whereValues, ...after);
    for (const row of rows) see(row as unknown as Seen);
    const last = rows[slice - 1];
    if (last === undefined) return;
    after = [last.arrived_at ?? null, last.id ?? null];
    await pause();
  }
}

/** The busiest groups of a selection, at most `limit` of them; ties by name. */
export function busiestGroups(
  sqlite: Sqlite,
  selection: Selection,
  limit: number,
): readonly (string | null)[] {
  const [group, groupValues] = groupOf(selection.by);
  const [where, whereValues] = conditionOf(selection);
  return sqlite
    .prepare(
      `SELECT ${group} AS grp FROM requests WHERE ${where} GROUP BY 1 ORDER BY count(*) DESC, 1 LIMIT ?`,
    )
    .all(...groupValues, ...whereValues, limit)
    .map((row) => row.grp as string | null);
}

/** How an attempt counts in its provider's tally, by what it ended with. */
const attemptOutcomes = {
  ok: "ok",
  rate_limited: "error",
  overloaded: "error",
  server: "error",
  timeout: "error",
  network: "error",
  auth: "error",
  quota: "error",
  not_found: "error",
  malformed: "error",
  context_window: "refused",
  content_policy: "refused",
  bad_request: "refused",
  cancelled: "cancelled",
} as const satisfies Record<"ok" | FailureKind, RequestOutcome>;

/** Shows every attempt of the requests that arrived in [from, until) to `see`, as a tally counts it. */
export async function scanAttempts(
  database: () => Sqlite,
  from: EpochMs,
  until: EpochMs,
  see: (provider: string, attempt: Counted) => void,
): Promise<void> {
  const sql = `SELECT r.id, r.arrived_at, r.model, a.provider, a.outcome, a.served_model, a.duration_ms, a.ttft_ms,
      a.prompt_tokens, a.cached_tokens, a.completion_tokens, a.reasoning_tokens, a.total_tokens, a.cost_usd FROM
    (SELECT id, arrived_at, model FROM requests
      WHERE arrived_at < ? AND (arrived_at, id) > (?, ?) ORDER BY arrived_at, id LIMIT ${slice}) r
    LEFT JOIN attempts a ON a.request = r.id ORDER BY r.arrived_at, r.id`;
  let after: readonly [SqlValue, SqlValue] = [from - 1, Number.MAX_SAFE_INTEGER];
  for (;;) {
    const rows = database()
      .prepare(sql)
      .all(until, ...after);
    for (const row of rows) if (typeof row.provider === "string") see(row.provider, attemptOf(row));
    const last = rows[rows.length - 1];
    if (last === undefined || rows.length < slice) return;
    after = [last.arrived_at ?? null, last.id ?? null];
    await pause();
  }
}

/** A failed attempt answered nobody, so that it is no fallback and has no price to miss. */
function attemptOf(row: SqlRow): Counted {
  const outcome = attemptOutcomes[row.outcome as keyof typeof attemptOutcomes] ?? "error";
  const answered = outcome === "ok";
  const served = answered ? row.served_model : null;
  return {
    ...(row as unknown as Counted),
    outcome,
    served_model: served as string | null,
    provider: answered ? String(row.provider) : null,
  };
}

function groupOf(by: Grouping | null): readonly [string, readonly SqlValue[]] {
  if (by === null) return ["NULL", []];
  return "column" in by ? [by.column, []] : ["json_extract(labels, ?)", [`$."${by.label}"`]];
}

function conditionOf(selection: Selection): readonly [string, readonly SqlValue[]] {
  const tests = ["arrived_at >= ?", "arrived_at < ?", ...selection.where.map(([column]) => `${column} = ?`)];
  return [
    tests.join(" AND "),
    [selection.from, selection.until, ...selection.where.map(([, value]) => value)],
  ];
}

const pause = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 0));
