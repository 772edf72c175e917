import { ok, type Result } from "../core/result.ts";
import type { EpochMs } from "../core/units.ts";
import {
  type BadQuery,
  bad,
  parseSpan,
  parseTime,
  readParams,
  shown,
  type Window,
  windowOf,
} from "./window.ts";

/** A checked query for the latest failed and refused requests: plain data, so that it can be sent to a thread. */
export interface ErrorsQuery extends Window {
  readonly where: Readonly<Partial<Record<ErrorFilter, string>>>;
  readonly generation: number | null;
  readonly outcome: "error" | "refused" | null;
  /** At most so many are told of. */
  readonly limit: number;
  /** Only what came before. */
  readonly before: Cursor | null;
}

/** A place among requests, the newest first: a moment, and the row that is the last one seen of it. */
export interface Cursor {
  readonly at: EpochMs;
  /** 0: all that arrived at the moment itself have been seen. */
  readonly id: number;
}

/** What requests are chosen by: `rule` by how it begins, `provider` by whether one of its attempts failed. */
export type ErrorFilter = "model" | "provider" | "key" | "code" | "rule";
const filters = ["model", "provider", "key", "code", "rule"] as const satisfies readonly ErrorFilter[];

/** So many are told of where nobody says how many, and at most. */
const usual = 50;
export const mostErrors = 200;
const known = ["hours", "from", "to", ...filters, "generation", "outcome", "limit", "before"];

/** Reads the query of `/admin/api/errors`; what cannot be meant is refused, by the name of its parameter. */
export function parseErrors(query: URLSearchParams, now: EpochMs): Result<ErrorsQuery, BadQuery> {
  const params = readParams(query, known);
  if (!params.ok) return params;
  const given = (name: string): string | null => params.value.get(name) ?? null;
  const span = parseSpan(params.value, now);
  if (!span.ok) return span;
  const generation = given("generation");
  if (generation !== null && !/^\d{1,15}$/.test(generation))
    return bad("generation", `generation must be a whole number, found ${shown(generation)}`);
  const outcome = given("outcome");
  if (outcome !== null && outcome !== "error" && outcome !== "refused")
    return bad("outcome", `outcome must be error or refused, found ${shown(outcome)}`);
  const limit = given("limit") ?? `${usual}`;
  if (!/^[1-9]\d{0,2}$/.test(limit) || Number(limit) > mostErrors)
    return bad("limit", `limit must be a whole number from 1 to ${mostErrors}, found ${shown(limit)}`);
  const before = given("before");
  const cursor = before === null ? null : readCursor(before);
  if (before !== null && cursor === null)
    return bad(
      "before",
      `before must be a time such as 2027-01-31T09:30:00Z, or what next said, found ${shown(before)}`,
    );
  return ok({
    ...windowOf(span.value, now),
    where: Object.fromEntries(filters.flatMap((name) => [[name, given(name)]]).filter(([, text]) => text)),
    generation: generation === null ? null : Number(generation),
    outcome,
    limit: Number(limit),
    before: cursor,
  });
}

/** A cursor as `next` shows it: a time, a comma, and the number of a row. */
export const showCursor = ({ at, id }: Cursor): string => `${new Date(at).toISOString()},${id}`;

function readCursor(text: string): Cursor | null {
  const [time = "", id = "0", ...more] = text.split(",");
  const at = parseTime(time);
  return at === null || more.length > 0 || !/^\d{1,15}$/.test(id) ? null : { at, id: Number(id) };
}
