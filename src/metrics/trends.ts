import { ok, type Result } from "../core/result.ts";
import { type Group, nameOf } from "./rollup/groups.ts";
import { sweep, type Times } from "./rollup/sweep.ts";
import { other } from "./series.ts";
import type { Store } from "./store.ts";
import { type Count, clearCount, mergeCount, noCount, type Tally, tallyOf } from "./tally.ts";
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

/** Further groups are added up as `other`. */
export const maxGroups = 1_000;
/** Points in all series together: some 80 MB of JSON. */
const maxSeriesPoints = 200_000;

/** Answers a checked query with the JSON of {@link Trends}, which is never in memory as anything else. */
export async function queryTrends(store: () => Store, query: TrendsQuery): Promise<Result<string, BadQuery>> {
  const grouped = query.by === null ? "" : await seriesOf(store, query);
  if (typeof grouped !== "string") return grouped;
  const points: string[] = [];
  await sweep(store, { ...query, by: null, of: "requests" }, (at, groups) => {
    const [all] = groups;
    const start = startAt(query, at);
    points.push(all === undefined ? emptyAt(start) : pointAt(start, all.count));
  });
  const head = JSON.stringify({ from: rfc3339(query.from), to: rfc3339(query.to), bucket: query.bucket });
  return ok(`${head.slice(0, -1)},"points":[${points.join(",")}]${grouped}}`);
}

async function seriesOf(store: () => Store, query: TrendsQuery): Promise<string | Result<never, BadQuery>> {
  const names = await busiest(store, query);
  const points = Math.min(names.length, maxGroups + 1) * query.starts.length;
  if (points > maxSeriesPoints) return tooMany("group_by", points, query.bucket);

  const lines = new Lines(query, names.slice(0, maxGroups));
  await sweep(store, { ...query, of: "requests" }, (at, groups) => lines.add(at, groups));
  return `,"series":[${lines.json().join(",")}]`;
}

/** The names of all groups, busiest first; ties by name. */
async function busiest(store: () => Store, query: TrendsQuery): Promise<readonly (string | null)[]> {
  const requests = new Map<string | null, number>();
  const whole: Times = { ...query, of: "requests", starts: [query.from], unit: "day", countsOnly: true };
  await sweep(store, whole, (_, groups) => {
    for (const group of groups) requests.set(nameOf(group), group.count.requests);
  });
  requests.delete(other);
  return [...requests]
    .toSorted(([a, most], [b, more]) => more - most || (`${a}` < `${b}` ? -1 : 1))
    .map(([name]) => name);
}

const nothing = JSON.stringify(tallyOf(noCount())).slice(1);

/** The points of all series, as JSON. */
class Lines {
  readonly #query: TrendsQuery;
  readonly #named: ReadonlyMap<string | null, string[]>;
  readonly #other: string[] = [];
  readonly #others = noCount();
  #hasOther = false;
  /** Where groups belong: they are the same ones at every point. */
  readonly #lines = new Map<Group, string[] | null>();

  constructor(query: TrendsQuery, names: readonly (string | null)[]) {
    this.#query = query;
    this.#named = new Map(names.map((name) => [name, []]));
  }

  /** Adds a point to every series. */
  add(at: number, groups: ReadonlySet<Group>): void {
    const others = this.#others;
    const start = startAt(this.#query, at);
    clearCount(others);
    for (const group of groups) {
      const line = this.#lineOf(group);
      if (line === null) mergeCount(others, group.count);
      else line.push(pointAt(start, group.count));
    }
    const empty = emptyAt(start);
    for (const line of this.#named.values()) if (line.length === at) line.push(empty);
    this.#other.push(others.requests === 0 ? empty : pointAt(start, others));
    this.#hasOther ||= others.requests > 0;
  }

  #lineOf(group: Group): string[] | null {
    const known = this.#lines.get(group);
    if (known !== undefined) return known;
    const line = this.#named.get(nameOf(group)) ?? null;
    this.#lines.set(group, line);
    return line;
  }

  /** One for each name, and a last one for all others, if there are any. */
  json(): readonly string[] {
    const lines = [...this.#named, ...(this.#hasOther ? [[other, this.#other] as const] : [])];
    return lines.map(([name, points]) => `{"group":${JSON.stringify(name)},"points":[${points.join(",")}]}`);
  }
}

const startAt = ({ starts }: TrendsQuery, at: number): string => rfc3339(starts[at] ?? 0);

const pointAt = (start: string, count: Count): string => JSON.stringify({ start, ...tallyOf(count) });

const emptyAt = (start: string): string => `{"start":"${start}",${nothing}`;
