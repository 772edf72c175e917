import type { EpochMs } from "../../core/units.ts";
import { type Filter, type Selection, scanAttempts, scanRequests } from "../scan.ts";
import type { Store } from "../store.ts";
import { addTo } from "../tally.ts";
import { readBuckets } from "./buckets.ts";
import { cover, type Segment } from "./cover.ts";
import { cubeFor, type Dimension, type Subject } from "./cubes.ts";
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
  const cube = cubeFor(times.of, [...by, ...where.map(([dimension]) => dimension)]);
  const segments = cover(times.from, times.until, times.unit, store().rollup.since(cube));
  const rows = await countRows(store, times, by, segments);
  const { starts, countsOnly = false } = times;
  readBuckets(store().rollup, { cube, by, where, segments, starts, countsOnly }, rows, see);
}

/** The index of the last of these that is at or before `ms`. */
export function indexOf(starts: readonly EpochMs[], ms: EpochMs): number {
  let [low, high] = [0, starts.length - 1];
  while (low < high) {
    const middle = Math.ceil((low + high) / 2);
    if ((starts[middle] ?? 0) <= ms) low = middle;
    else high = middle - 1;
  }
  return low;
}

/** What only the requests themselves know, by the index of their time: the edges, and what the buckets do not have yet. */
async function countRows(
  store: () => Store,
  times: Times,
  by: readonly Dimension[],
  segments: readonly Segment[],
): Promise<ReadonlyMap<number, Groups>> {
  const counts = new Map<number, Groups>();
  const groupsAt = (ms: EpochMs): Groups => {
    const at = indexOf(times.starts, ms);
    const groups = counts.get(at) ?? new Groups(by);
    counts.set(at, groups);
    return groups;
  };
  const { isLive, mark } = store().rollup;
  const database = () => store().sqlite;
  for (const { source, from, until } of segments) {
    if (source !== "requests" && isLive) continue;
    const after = source === "requests" ? 0 : mark;
    if (times.of === "attempts")
      await scanAttempts(database, { from, until }, after, (provider, attempt, ms) =>
        addTo(groupsAt(ms).of([provider]), attempt),
      );
    else
      await scanRequests(database, { ...times, from, until }, after, (row) =>
        addTo(groupsAt(row.arrived_at).of(row.group), row),
      );
  }
  return counts;
}

const dimensionsOf = ({ of, by }: Times): readonly Dimension[] => {
  if (of === "attempts") return ["provider"];
  if (by === null) return [];
  return "label" in by ? ["value"] : by.dimensions;
};

const filtersOf = ({ where, by }: Times): readonly Filter[] =>
  by !== null && "label" in by ? [...where, ["label", by.label]] : where;
