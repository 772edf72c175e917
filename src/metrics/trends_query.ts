import { ok, type Result } from "../core/result.ts";
import type { DurationMs, EpochMs } from "../core/units.ts";
import type { Grouping } from "./scan.ts";
import { type BadQuery, bad, parseSpan, readParams, type Span, type Window } from "./window.ts";

/** The widths of a point. */
export const buckets = { minute: 60_000, hour: 3_600_000, day: 86_400_000 } as const;
export type Bucket = keyof typeof buckets;

/** A checked query for trends: plain data, so that it can be sent to a thread. */
export interface TrendsQuery extends Window {
  readonly bucket: Bucket;
  /** The start of the first point, a whole bucket in UTC, at or before `from`. */
  readonly start: EpochMs;
  readonly points: number;
  readonly where: readonly (readonly [string, string | number])[];
  readonly by: Grouping | null;
}

/** A week of minutes, and more than a year of hours. */
export const maxPoints = 10_080;

const columns = {
  model: "model",
  provider: "provider",
  key: "key_id",
  team: "team",
  user: "user_hash",
} as const;
const outcomes = ["ok", "error", "refused", "cancelled"];
const known = ["hours", "from", "to", "bucket", ...Object.keys(columns), "generation", "outcome", "group_by"];

/**
 * Reads the query of `/metrics/trends`. `labels` are the labels there are to group by. Nothing is corrected in silence:
 * what cannot be meant is refused, by the name of its parameter.
 */
export function parseTrends(
  query: URLSearchParams,
  labels: readonly string[],
  now: EpochMs,
): Result<TrendsQuery, BadQuery> {
  const params = readParams(query, known);
  if (!params.ok) return params;
  const span = parseSpan(params.value, now);
  if (!span.ok) return span;
  const bucket = parseBucket(params.value.get("bucket") ?? "hour", span.value);
  if (!bucket.ok) return bucket;
  const where = parseFilters(params.value);
  if (!where.ok) return where;
  const by = parseGrouping(params.value.get("group_by"), labels);
  if (!by.ok) return by;

  const placed = place(span.value, bucket.value, now);
  if (placed.points > maxPoints) return tooMany("bucket", placed.points, bucket.value);
  return ok({ ...placed, bucket: bucket.value, where: where.value, by: by.value });
}

/** Refuses a query that would have more points than can be shown, with the widths that might do. */
export function tooMany(
  param: string,
  points: number,
  bucket: Bucket,
): { readonly ok: false; readonly error: BadQuery } {
  const wider =
    bucket === "minute"
      ? "bucket=hour or a shorter time"
      : bucket === "hour"
        ? "bucket=day or a shorter time"
        : "a shorter time";
  return bad(param, `bucket=${bucket} gives ${points} points here, more than fit; ask for ${wider}`);
}

/** Where the points lie. Counted back from now, the current bucket is the last point, and partial. */
function place(span: Span, bucket: Bucket, now: EpochMs): Window & Pick<TrendsQuery, "start" | "points"> {
  const width: DurationMs = buckets[bucket];
  if ("hours" in span) {
    const points = Math.max(1, Math.ceil((span.hours * buckets.hour) / width));
    const start = floor(now, width) - (points - 1) * width;
    return { from: start, until: Math.floor(now) + 1, to: Math.floor(now), start, points };
  }
  const start = floor(span.from, width);
  return {
    from: span.from,
    until: span.to,
    to: span.to,
    start,
    points: Math.ceil((span.to - start) / width),
  };
}

function parseBucket(text: string, span: Span): Result<Bucket, BadQuery> {
  if (text === "auto") {
    const hours = "hours" in span ? span.hours : (span.to - span.from) / buckets.hour;
    return ok(hours <= 3 ? "minute" : hours <= 24 * 14 ? "hour" : "day");
  }
  return text === "minute" || text === "hour" || text === "day"
    ? ok(text)
    : bad("bucket", `bucket must be minute, hour, day or auto, found ${JSON.stringify(text.slice(0, 64))}`);
}

function parseFilters(params: ReadonlyMap<string, string>): Result<TrendsQuery["where"], BadQuery> {
  const where: (readonly [string, string | number])[] = [];
  for (const [param, column] of Object.entries(columns)) {
    const value = params.get(param);
    if (value !== undefined) where.push([column, value]);
  }
  const outcome = params.get("outcome");
  if (outcome !== undefined) {
    if (!outcomes.includes(outcome)) return bad("outcome", `outcome must be one of ${outcomes.join(", ")}`);
    where.push(["outcome", outcome]);
  }
  const generation = params.get("generation");
  if (generation !== undefined) {
    if (!/^\d{1,15}$/.test(generation)) return bad("generation", "generation must be a whole number");
    where.push(["generation", Number(generation)]);
  }
  return ok(where);
}

function parseGrouping(
  text: string | undefined,
  labels: readonly string[],
): Result<Grouping | null, BadQuery> {
  if (text === undefined) return ok(null);
  if (Object.hasOwn(columns, text)) return ok({ column: columns[text as keyof typeof columns] });
  if (labels.includes(text) && !text.includes('"')) return ok({ label: text });
  const there = [...Object.keys(columns), ...labels];
  return bad(
    "group_by",
    `group_by must be one of ${there.join(", ")}, found ${JSON.stringify(text.slice(0, 64))}`,
  );
}

const floor = (ms: EpochMs, width: DurationMs): EpochMs => Math.floor(ms / width) * width;
