import { ok, type Result } from "../core/result.ts";
import type { EpochMs } from "../core/units.ts";
import type { Retention } from "../domain/snapshot.ts";
import { type Level, levels, widths } from "./rollup/levels.ts";
import type { Filter, Grouping } from "./scan.ts";
import { parseFilters, parseGrouping, selectors } from "./selectors.ts";
import {
  type BadQuery,
  bad,
  parseSpan,
  readParams,
  type Span,
  shown,
  type Window,
  windowOf,
} from "./window.ts";
import { startsIn, utc, type Zone, zoneOf } from "./zone.ts";

/** The width of a point. */
export type Bucket = Level;

/** A checked query for trends: plain data, so that it can be sent to a thread. */
export interface TrendsQuery extends Window {
  readonly bucket: Bucket;
  /** Where each point begins, the first one at or before `from`. */
  readonly starts: readonly EpochMs[];
  /** The widest buckets that lie in one point each. */
  readonly unit: Level;
  readonly where: readonly Filter[];
  readonly by: Grouping | null;
}

/** What a query is read by. */
export interface TrendsFacts {
  /** The labels there are to group by. */
  readonly labels: readonly string[];
  readonly retention: Retention;
}

/** A week of minutes, and more than a year of hours. */
export const maxPoints = 10_080;

const known = ["hours", "from", "to", "bucket", "tz", ...selectors, "group_by"];

/**
 * Reads the query of `/metrics/trends`. Nothing is corrected in silence: what cannot be meant is refused, by the name of its
 * parameter.
 */
export function parseTrends(
  query: URLSearchParams,
  facts: TrendsFacts,
  now: EpochMs,
): Result<TrendsQuery, BadQuery> {
  const params = readParams(query, known);
  if (!params.ok) return params;
  const span = parseSpan(params.value, now);
  if (!span.ok) return span;
  const bucket = parseBucket(params.value.get("bucket") ?? "hour", span.value, facts.retention, now);
  if (!bucket.ok) return bucket;
  const zone = parseZone(params.value.get("tz"));
  if (!zone.ok) return zone;
  const where = parseFilters(params.value);
  if (!where.ok) return where;
  const grouping = params.value.get("group_by");
  const by = grouping === undefined ? ok(null) : parseGrouping("group_by", grouping, facts.labels);
  if (!by.ok) return by;

  const placed = place(span.value, bucket.value, zone.value, now);
  return placed.ok ? ok({ ...placed.value, bucket: bucket.value, where: where.value, by: by.value }) : placed;
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
function place(
  span: Span,
  bucket: Bucket,
  zone: Zone,
  now: EpochMs,
): Result<Window & Pick<TrendsQuery, "starts" | "unit">, BadQuery> {
  const width = widths[bucket];
  const window = windowOf(span, now);
  const points = Math.max(1, Math.ceil((window.to - window.from) / width));
  if (points > maxPoints) return tooMany("bucket", points, bucket);
  if (!("hours" in span)) {
    const starts = startsIn(zone, width, span.from, window.to);
    return ok({ ...window, starts, unit: unitOf(starts) });
  }
  // one more, for a day of 25 hours
  const starts = startsIn(zone, width, now - (points + 1) * width, now + 1).slice(-points);
  return ok({ ...window, from: starts[0] ?? window.from, starts, unit: unitOf(starts) });
}

const unitOf = (starts: readonly EpochMs[]): Level =>
  levels.find((level) => starts.every((start) => start % widths[level] === 0)) ?? "minute";

function parseBucket(
  text: string,
  span: Span,
  { requestsMs, minuteMs }: Retention,
  now: EpochMs,
): Result<Bucket, BadQuery> {
  if (text === "auto") {
    const { from, to } = windowOf(span, now);
    const areMinutesKept = from >= now - Math.max(requestsMs, minuteMs);
    if (to - from <= 3 * widths.hour && areMinutesKept) return ok("minute");
    return ok(to - from <= 14 * widths.day ? "hour" : "day");
  }
  return text === "minute" || text === "hour" || text === "day"
    ? ok(text)
    : bad("bucket", `bucket must be minute, hour, day or auto, found ${shown(text)}`);
}

function parseZone(text: string | undefined): Result<Zone, BadQuery> {
  if (text === undefined) return ok(utc);
  const zone = zoneOf(text);
  return zone === null
    ? bad("tz", `tz must be a time zone such as Europe/Berlin, found ${shown(text)}`)
    : ok(zone);
}
