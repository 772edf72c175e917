import type { EpochMs } from "../core/units.ts";
import { type Group, nameOf } from "./rollup/groups.ts";
import { other } from "./series.ts";
import { type Count, clearCount, mergeCount, noCount, tallyOf } from "./tally.ts";
import { rfc3339 } from "./window.ts";

/** Series that are shown; further groups are added up as `other`. */
export const maxGroups = 1_000;
/** Points in all series together: some 80 MB of JSON. */
export const maxSeriesPoints = 200_000;

const nothing = JSON.stringify(tallyOf(noCount())).slice(1);

/** The points of one group. */
interface Line {
  readonly name: string | null;
  readonly points: string[];
  requests: number;
}

/** By requests; ties by name. */
export const busiestFirst = (
  a: Pick<Line, "name" | "requests">,
  b: Pick<Line, "name" | "requests">,
): number => b.requests - a.requests || (`${a.name}` < `${b.name}` ? -1 : 1);

/** The points of all series, as JSON: of the groups that are named, or of the first ones that come. */
export class Lines {
  readonly #starts: readonly EpochMs[];
  readonly #named: ReadonlySet<string | null> | null;
  readonly #lines = new Map<string | null, Line>();
  readonly #other: Line = { name: other, points: [], requests: 0 };
  readonly #others = noCount();
  /** Where groups belong: they are the same ones at every point. */
  readonly #places = new Map<Group, Line>();

  constructor(starts: readonly EpochMs[], named: ReadonlySet<string | null> | null) {
    this.#starts = starts;
    this.#named = named;
  }

  /** Whether some groups had no room of their own. */
  get hasOther(): boolean {
    return this.#other.requests > 0;
  }

  /** How many there are in all series. */
  get points(): number {
    return (this.#lines.size + (this.hasOther ? 1 : 0)) * this.#starts.length;
  }

  /** Adds a point to every series. */
  add(at: number, groups: ReadonlySet<Group>): void {
    const start = rfc3339(this.#starts[at] ?? 0);
    clearCount(this.#others);
    for (const group of groups) {
      const line = this.#lineOf(group, at);
      line.requests += group.count.requests;
      if (line === this.#other) mergeCount(this.#others, group.count);
      else if (this.points <= maxSeriesPoints) line.points.push(pointAt(start, group.count));
    }
    const empty = emptyAt(start);
    this.#other.points.push(this.#others.requests === 0 ? empty : pointAt(start, this.#others));
    for (const { points } of this.#lines.values()) if (points.length === at) points.push(empty);
  }

  /** One for each group, busiest first, and a last one for all others, if there are any. */
  json(): readonly string[] {
    const lines = [...this.#lines.values()].toSorted(busiestFirst);
    return [...lines, ...(this.hasOther ? [this.#other] : [])].map(
      ({ name, points }) => `{"group":${JSON.stringify(name)},"points":[${points.join(",")}]}`,
    );
  }

  #lineOf(group: Group, at: number): Line {
    const known = this.#places.get(group);
    if (known !== undefined) return known;
    const name = nameOf(group);
    const line = this.#lines.get(name) ?? this.#begin(name, at);
    this.#places.set(group, line);
    return line;
  }

  #begin(name: string | null, at: number): Line {
    const isNamed = this.#named === null ? this.#lines.size < maxGroups : this.#named.has(name);
    if (name === other || !isNamed) return this.#other;
    const before = this.#starts.slice(0, at).map((start) => emptyAt(rfc3339(start)));
    const line = { name, points: before, requests: 0 };
    this.#lines.set(name, line);
    return line;
  }
}

/** A point as JSON. */
export const pointAt = (start: string, count: Count): string =>
  `{"start":"${start}",${JSON.stringify(tallyOf(count)).slice(1)}`;

/** A point in which nothing happened. */
export const emptyAt = (start: string): string => `{"start":"${start}",${nothing}`;
