import type { EpochMs } from "../../core/units.ts";
import { type Filter, type Selection, scanAttempts, scanRequests } from "../scan.ts";
import type { Store } from "../store.ts";
import { addTo, type Count, mergeCount } from "../tally.ts";
import { readBuckets } from "./buckets.ts";
import { cover, type Segment } from "./cover.ts";
import { cubeFor, type Dimension, type Subject, type Value } from "./cubes.ts";
import { type Group, Groups } from "./groups.ts";
import type { Level } from "./levels.ts";

/** A selection, divided into times: each begins where the one before ends. */
export interface Times extends Selection {
  readonly of: Subject;
  readonly starts: readonly EpochMs[];
  /** The widest buckets that lie in one time each. */
  readonly unit: Level;
  /** Whether nobody wants to know of durations. */
  readonly countsOnly?: boolean;
}

/** Called for each time, in order, with the groups that were counted in it; they are used again for the next. */
export type See = (at: number, groups: ReadonlySet<Group>) => void;

/**
 * Shows what was counted in each time to `see`: from the buckets as far as they go, from the requests where they do not.
 * All that was recorded before is counted once; what is recorded meanwhile may or may not be.
 */
export async function sweep(store: () => Store, times: Times, see: See): Promise<void> {
  const by = dimensionsOf(times);
  const where = filtersOf(times);
  const { starts, countsOnly = false } = times;
  const { rollup } = store();
  const cube = cubeFor(times.of, [...by, ...where.map(([dimension]) => dimension)]);
  const segments = cover(times.from, times.until, times.unit, rollup.since(cube));
  const reading = { cube, by, where, segments, starts, countsOnly };

  const { isLive, mark } = rollup;
  const counts = new CountsByTime(starts, by);
  // requests that are still being caught up with move into the buckets meanwhile, which must have been read by then
  if (!isLive) readBuckets(rollup, reading, counts, (at, groups) => counts.add(at, groups));
  await countRows(store, times, isLive ? null : mark, segments, counts);
  readBuckets(store().rollup, isLive ? reading : { ...reading, cube: null }, counts, see);
}

/** What only the requests themselves know: the edges, and where there is a mark, what came after it. */
async function countRows(
  store: () => Store,
  times: Times,
  mark: number | null,
  segments: readonly Segment[],
  counts: CountsByTime,
): Promise<void> {
  const database = () => store().sqlite;
  for (const { source, from, until } of segments) {
    const after = source === "requests" ? 0 : mark;
    if (after === null) continue;
    if (times.of === "attempts")
      await scanAttempts(database, { from, until }, after, (provider, attempt, ms) =>
        addTo(counts.of(ms, [provider]), attempt),
      );
    else
      await scanRequests(database, { ...times, from, until }, after, (row, group) =>
        addTo(counts.of(row.arrived_at, group), row),
      );
  }
}

/** Groups of several times at once. */
class CountsByTime {
  readonly #starts: readonly EpochMs[];
  readonly #by: readonly Dimension[];
  readonly #groups = new Map<number, Groups>();

  constructor(starts: readonly EpochMs[], by: readonly Dimension[]) {
    this.#starts = starts;
    this.#by = by;
  }

  /** The groups of one time, by its index. */
  get(at: number): Groups | undefined {
    return this.#groups.get(at);
  }

  /** The count of a group at a moment. */
  of(ms: EpochMs, values: readonly Value[]): Count {
    return this.#at(indexOf(this.#starts, ms)).of(values);
  }

  add(at: number, groups: ReadonlySet<Group>): void {
    for (const { values, count } of groups) mergeCount(this.#at(at).of(values), count);
  }

  #at(at: number): Groups {
    const groups = this.#groups.get(at) ?? new Groups(this.#by);
    this.#groups.set(at, groups);
    return groups;
  }
}

/** The index of the last of these that is at or before `ms`. */
function indexOf(starts: readonly EpochMs[], ms: EpochMs): number {
  let [low, high] = [0, starts.length - 1];
  while (low < high) {
    const middle = Math.ceil((low + high) / 2);
    if ((starts[middle] ?? 0) <= ms) low = middle;
    else high = middle - 1;
  }
  return low;
}

const dimensionsOf = ({ of, by }: Times): readonly Dimension[] => {
  if (of === "attempts") return ["provider"];
  if (by === null) return [];
  return "label" in by ? ["value"] : by.dimensions;
};

const filtersOf = ({ where, by }: Times): readonly Filter[] =>
  by !== null && "label" in by ? [...where, ["label", by.label]] : where;
