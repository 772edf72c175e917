import type { EpochMs } from "../core/units.ts";
import type { Sqlite, SqlValue } from "../runtime/sqlite.ts";
import { attemptCounted, type Ended } from "./attempt.ts";
import { type Dimension, dimensions, type Value } from "./rollup/cubes.ts";
import type { Counted } from "./tally.ts";

/** Which requests: those that arrived in [from, until) and have these values. */
export interface Selection {
  readonly from: EpochMs;
  readonly until: EpochMs;
  readonly where: readonly Filter[];
  /** What they are grouped by. */
  readonly by: Grouping | null;
}

/** A dimension and the value that it must have. */
export type Filter = readonly [Dimension, Value];

/** Dimensions, whose values together name a group, or the name of a label. */
export type Grouping = { readonly dimensions: readonly Dimension[] } | { readonly label: string };

/** One request as a tally needs it, with its arrival. */
export interface Seen extends Counted {
  readonly arrived_at: EpochMs;
}

/** Rows per slice: some 10 ms of work, after which waiting batches get their turn. */
const slice = 5_000;

const counted = `outcome, model, served_model, provider, duration_ms, ttft_ms, prompt_tokens, cached_tokens,
  completion_tokens, reasoning_tokens, total_tokens, cost_usd`;

/**
 * Shows every selected request whose id is above `after` to `see`, oldest first, with a value for each dimension of its
 * group. It lets other work in between slices, and so asks for the database each time: it may have been replaced.
 */
export async function scanRequests(
  database: () => Sqlite,
  selection: Selection,
  after: number,
  see: (row: Seen, group: readonly Value[]) => void,
): Promise<void> {
  const [columns, groupValues] = groupOf(selection.by);
  const [where, whereValues] = conditionOf(selection);
  const grouped = columns.map((column, at) => `, ${column} AS g${at}`).join("");
  const sql = `SELECT id, arrived_at, ${counted}${grouped} FROM requests
    WHERE ${where} AND id > ? AND (arrived_at, id) > (?, ?) ORDER BY arrived_at, id LIMIT ${slice}`;
  let last: readonly [SqlValue, SqlValue] = [selection.from - 1, Number.MAX_SAFE_INTEGER];
  for (;;) {
    const rows = database()
      .prepare(sql)
      .all(...groupValues, ...whereValues, after, ...last);
    for (const row of rows)
      see(
        row as unknown as Seen,
        columns.map((_, at) => row[`g${at}`] as Value),
      );
    const end = rows[slice - 1];
    if (end === undefined) return;
    last = [end.arrived_at ?? null, end.id ?? null];
    await pause();
  }
}

/** Shows every attempt of the requests that arrived in [from, until) and have an id above `after` to `see`. */
export async function scanAttempts(
  database: () => Sqlite,
  { from, until }: Pick<Selection, "from" | "until">,
  after: number,
  see: (provider: string, attempt: Counted, arrivedAt: EpochMs) => void,
): Promise<void> {
  const sql = `SELECT r.id, r.arrived_at, r.model, a.provider, a.outcome, a.served_model, a.duration_ms, a.ttft_ms,
      a.prompt_tokens, a.cached_tokens, a.completion_tokens, a.reasoning_tokens, a.total_tokens, a.cost_usd FROM
    (SELECT id, arrived_at, model FROM requests
      WHERE arrived_at < ? AND id > ? AND (arrived_at, id) > (?, ?) ORDER BY arrived_at, id LIMIT ${slice}) r
    LEFT JOIN attempts a ON a.request = r.id ORDER BY r.arrived_at, r.id`;
  let last: readonly [SqlValue, SqlValue] = [from - 1, Number.MAX_SAFE_INTEGER];
  for (;;) {
    const rows = database()
      .prepare(sql)
      .all(until, after, ...last);
    for (const row of rows)
      if (typeof row.provider === "string")
        see(row.provider, attemptCounted(row as unknown as Ended), Number(row.arrived_at));
    const end = rows[rows.length - 1];
    if (end === undefined || rows.length < slice) return;
    last = [end.arrived_at ?? null, end.id ?? null];
    await pause();
  }
}

function groupOf(by: Grouping | null): readonly [readonly string[], readonly SqlValue[]] {
  if (by === null) return [[], []];
  return "label" in by
    ? [["json_extract(labels, ?)"], [`$."${by.label}"`]]
    : [by.dimensions.map((dimension) => dimensions[dimension].column ?? "NULL"), []];
}

function conditionOf({ from, until, where }: Selection): readonly [string, readonly SqlValue[]] {
  const tests = where.map(([dimension]) => `${dimensions[dimension].column ?? "NULL"} IS ?`);
  return [
    ["arrived_at >= ?", "arrived_at < ?", ...tests].join(" AND "),
    [from, until, ...where.map(([, value]) => value)],
  ];
}

const pause = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 0));
