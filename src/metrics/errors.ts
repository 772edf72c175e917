import type { RequestRow } from "../domain/journal.ts";
import type { Sqlite, SqlValue } from "../runtime/sqlite.ts";
import { type ErrorEntry, entryOf } from "./error_entry.ts";
import { type Cursor, type ErrorsQuery, showCursor } from "./errors_query.ts";
import { unpackRow } from "./rows.ts";
import type { Store } from "./store.ts";
import { rfc3339 } from "./window.ts";

/** The answer of `/admin/api/errors`. Times are RFC 3339 UTC. */
export interface ErrorsReport {
  readonly from: string;
  readonly to: string;
  /** Everything since then was looked at: `from`, or later where that would have been too much. */
  readonly looked_back_to: string;
  /** Whether that is all that was asked for. */
  readonly complete: boolean;
  /** All that were found in it, those that are not told of included. */
  readonly found: number;
  readonly by_rule: readonly RuleCount[];
  /** Requests with a failed attempt at a provider; one may count for several. */
  readonly by_provider: readonly ProviderCount[];
  /** The newest first. */
  readonly errors: readonly ErrorEntry[];
  /** What `before` has to be for the next ones; null: there are none. */
  readonly next: string | null;
}

interface RuleCount {
  readonly code: string | null;
  readonly rule: string | null;
  readonly requests: number;
}
interface ProviderCount {
  readonly provider: string;
  readonly requests: number;
}

/** Requests looked at in one go, some 10 ms of work; and in all, however long a time was asked for. */
const usual: Bounds = { slice: 5_000, most: 100_000 };
interface Bounds {
  readonly slice: number;
  readonly most: number;
}
/** The commonest rules and providers that are counted. */
const mostGroups = 100;

/** Looks back from the end of the time, slice by slice, and lets other work in between. */
export async function queryErrors(
  store: () => Store,
  query: ErrorsQuery,
  { slice, most } = usual,
): Promise<ErrorsReport> {
  const sql = statementsFor(query);
  const found: Found[] = [];
  const { before, until } = query;
  let end: Cursor = before !== null && before.at < until ? before : { at: until, id: 0 };
  let looked = 0;
  for (;;) {
    const { sqlite } = store();
    const start = sliceBefore(sqlite, end, query.from, slice);
    found.push(...foundIn(sqlite, sql, start ?? { at: query.from, id: 0 }, end));
    looked += slice;
    if (start === null || looked >= most) return report(store().sqlite, query, found, start);
    end = start;
    await pause();
  }
}

/** A request that fits, as far as counting goes. */
interface Found extends Cursor {
  readonly code: string | null;
  readonly rule: string | null;
  /** With commas between them. */
  readonly providers: string | null;
}

/** Where the slice that ends at a place begins; null where the time begins before that. */
function sliceBefore(sqlite: Sqlite, end: Cursor, from: number, slice: number): Cursor | null {
  const row = sqlite
    .prepare(
      `SELECT arrived_at, id FROM requests INDEXED BY requests_by_arrival WHERE (arrived_at, id) < (?, ?) AND arrived_at >= ?
      ORDER BY arrived_at DESC, id DESC LIMIT 1 OFFSET ?`,
    )
    .get(end.at, end.id, from, slice - 1);
  return row === null ? null : { at: Number(row.arrived_at), id: Number(row.id) };
}

interface Statement {
  readonly text: string;
  readonly values: readonly SqlValue[];
}

const failedAt = "FROM attempts WHERE request = requests.id AND outcome <> 'ok'";

/** What fits a query, between two places that come first and last among its values. */
function statementsFor({ where, generation, outcome }: ErrorsQuery): Statement {
  const tests: (readonly [string, ...SqlValue[]])[] = [
    outcome === null ? ["outcome IN ('error', 'refused')"] : ["outcome = ?", outcome],
  ];
  const { model, provider, key, code, rule } = where;
  if (model !== undefined) tests.push(["ifnull(model, asked) = ?", model]);
  if (key !== undefined) tests.push(["key_id = ?", key]);
  if (code !== undefined) tests.push(["code = ?", code]);
  if (rule !== undefined) tests.push(["substr(rule, 1, length(?)) = ?", rule, rule]);
  if (generation !== null) tests.push(["generation = ?", generation]);
  if (provider !== undefined)
    tests.push([`(provider = ? OR EXISTS (SELECT 1 ${failedAt} AND provider = ?))`, provider, provider]);
  return {
    text: `SELECT arrived_at AS at, id, code, rule, (SELECT group_concat(DISTINCT provider) ${failedAt}) AS providers
      FROM requests INDEXED BY requests_by_arrival
      WHERE (arrived_at, id) >= (?, ?) AND (arrived_at, id) < (?, ?) AND ${tests.map(([test]) => test).join(" AND ")}
      ORDER BY arrived_at DESC, id DESC`,
    values: tests.flatMap(([, ...values]) => values),
  };
}

const foundIn = (sqlite: Sqlite, { text, values }: Statement, start: Cursor, end: Cursor): readonly Found[] =>
  sqlite
    .prepare(text)
    .all(start.at, start.id, end.at, end.id, ...values)
    .map((row) => row as unknown as Found);

/** `stopped` is where the look ended before the time did; null: it saw everything. */
function report(
  sqlite: Sqlite,
  { from, to, limit }: ErrorsQuery,
  found: readonly Found[],
  stopped: Cursor | null,
): ErrorsReport {
  const told = found.slice(0, limit);
  const last = told.at(-1);
  const next = found.length > told.length && last !== undefined ? last : stopped;
  const providers = found.flatMap(({ providers: names }) => names?.split(",") ?? []);
  return {
    ...{ from: rfc3339(from), to: rfc3339(to) },
    looked_back_to: rfc3339(stopped?.at ?? from),
    complete: stopped === null,
    found: found.length,
    by_rule: counted(found, ({ code, rule }) => JSON.stringify([code, rule])).map(
      ([{ code, rule }, requests]) => ({
        ...{ code, rule, requests },
      }),
    ),
    by_provider: counted(providers, (name) => name).map(([provider, requests]) => ({ provider, requests })),
    errors: told.map(({ id }) => entryOf(requestAt(sqlite, id))),
    next: next === null ? null : showCursor(next),
  };
}

/** One of each group and how many there are, the largest first. */
function counted<T>(items: readonly T[], nameOf: (item: T) => string): readonly (readonly [T, number])[] {
  const counts = new Map<string, readonly [T, number]>();
  for (const item of items) {
    const name = nameOf(item);
    counts.set(name, [item, (counts.get(name)?.[1] ?? 0) + 1]);
  }
  return [...counts.values()].toSorted(([, a], [, b]) => b - a).slice(0, mostGroups);
}

function requestAt(sqlite: Sqlite, id: number): RequestRow {
  const row = sqlite.prepare("SELECT * FROM requests WHERE id = ?").get(id) ?? {};
  return unpackRow(row, sqlite.prepare("SELECT * FROM attempts WHERE request = ? ORDER BY seq").all(id));
}

const pause = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 0));
