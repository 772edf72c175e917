import { ok, type Result } from "../core/result.ts";
import { busiestFirst, emptyAt, Lines, maxGroups, maxSeriesPoints, pointAt } from "./lines.ts";
import { nameOf } from "./rollup/groups.ts";
import { sweep, type Times } from "./rollup/sweep.ts";
import { other } from "./series.ts";
import type { Store } from "./store.ts";
import type { Tally } from "./tally.ts";
import { type Bucket, type TrendsQuery, tooMany } from "./trends_query.ts";
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

/** Answers a checked query with the JSON of {@link Trends}, which is never in memory as anything else. */
export async function queryTrends(store: () => Store, query: TrendsQuery): Promise<Result<string, BadQuery>> {
  const grouped = query.by === null ? "" : await seriesOf(store, query);
  if (typeof grouped !== "string") return grouped;
  const points: string[] = [];
  await sweep(store, { ...query, by: null, of: "requests" }, (at, groups) => {
    const [all] = groups;
    const start = rfc3339(query.starts[at] ?? 0);
    points.push(all === undefined ? emptyAt(start) : pointAt(start, all.count));
  });
  const head = JSON.stringify({ from: rfc3339(query.from), to: rfc3339(query.to), bucket: query.bucket });
  return ok(`${head.slice(0, -1)},"points":[${points.join(",")}]${grouped}}`);
}

async function seriesOf(store: () => Store, query: TrendsQuery): Promise<string | Result<never, BadQuery>> {
  const times: Times = { ...query, of: "requests" };
  let lines = new Lines(query.starts, null);
  await sweep(store, times, (at, groups) => lines.add(at, groups));
  if (lines.hasOther) {
    lines = new Lines(query.starts, await busiest(store, query));
    await sweep(store, times, (at, groups) => lines.add(at, groups));
  }
  const { points } = lines;
  if (points > maxSeriesPoints) return tooMany("group_by", points, query.bucket);
  return `,"series":[${lines.json().join(",")}]`;
}

/** The names of the busiest groups, as many as can be shown. */
async function busiest(store: () => Store, query: TrendsQuery): Promise<ReadonlySet<string | null>> {
  const lines: { name: string | null; requests: number }[] = [];
  const whole: Times = { ...query, of: "requests", starts: [query.from], unit: "day", countsOnly: true };
  await sweep(store, whole, (_, groups) => {
    for (const group of groups) lines.push({ name: nameOf(group), requests: group.count.requests });
  });
  const named = lines.filter(({ name }) => name !== other).toSorted(busiestFirst);
  return new Set(named.slice(0, maxGroups).map(({ name }) => name));
}
