import { ok, type Result } from "../core/result.ts";
import type { Sqlite } from "../runtime/sqlite.ts";
import { busiestGroups, scanRequests } from "./scan.ts";
import { addTo, type Count, noCount, type Tally, tallyOf } from "./tally.ts";
import { type Bucket, buckets, type TrendsQuery, tooMany } from "./trends_query.ts";
import { type BadQuery, rfc3339 } from "./window.ts";

/** One bucket: when it begins, and what happened in it. */
export interface TrendPoint extends Tally {
  readonly start: string;
}

/** The answer of `/metrics/trends`; `series` is there when it was grouped. Times are RFC 3339 UTC. */
export interface Trends {
  readonly from: string;
  readonly to: string;
  readonly bucket: Bucket;
  readonly points: readonly TrendPoint[];
  readonly series?: readonly TrendSeries[];
}

/** The points of one group, busiest first; `group` is null for requests that have none, and the last may be `other`. */
export interface TrendSeries {
  readonly group: string | null;
  readonly points: readonly TrendPoint[];
}

/** Further groups are added up as `other`. */
export const maxGroups = 1_000;
/** Points in all series together: some 80 MB of JSON. */
const maxSeriesPoints = 200_000;

/** Answers a checked query from the rows themselves. */
export async function queryTrends(
  database: () => Sqlite,
  query: TrendsQuery,
): Promise<Result<Trends, BadQuery>> {
  const groups = query.by === null ? [] : busiestGroups(database(), query, maxGroups + 1);
  const lines = groups.length * query.points;
  if (lines > maxSeriesPoints) return tooMany("group_by", lines, query.bucket);

  const all = line(query);
  const named = new Map(groups.slice(0, maxGroups).map((group) => [group, line(query)]));
  const other = line(query);
  const width = buckets[query.bucket];
  await scanRequests(database, query, (row) => {
    const at = Math.floor((row.arrived_at - query.start) / width);
    countAt(all, at, row);
    if (query.by !== null) countAt(named.get(row.grp) ?? other, at, row);
  });

  const head = { from: rfc3339(query.from), to: rfc3339(query.to), bucket: query.bucket };
  const points = shown(all, query);
  if (query.by === null) return ok({ ...head, points });
  const series: TrendSeries[] = [...named].map(([group, counts]) => ({
    group,
    points: shown(counts, query),
  }));
  if (groups.length > maxGroups) series.push({ group: "other", points: shown(other, query) });
  return ok({ ...head, points, series });
}

type Line = (Count | null)[];

/** Buckets are made when the first row falls into them: most of a thousand series are empty. */
const line = (query: TrendsQuery): Line => new Array<Count | null>(query.points).fill(null);

function countAt(counts: Line, at: number, row: Parameters<typeof addTo>[1]): void {
  let count = counts[at];
  if (count === undefined) return;
  if (count === null) {
    count = noCount();
    counts[at] = count;
  }
  addTo(count, row);
}

function shown(counts: Line, query: TrendsQuery): readonly TrendPoint[] {
  const empty = tallyOf(noCount());
  return counts.map((count, at) => ({
    start: rfc3339(query.start + at * buckets[query.bucket]),
    ...(count === null ? empty : tallyOf(count)),
  }));
}
