import type { EpochMs } from "../../core/units.ts";
import { ceilTo, floorTo, type Level, levels, widths } from "./levels.ts";

/** What a time can be read from: buckets of one width, or the requests themselves. */
export type Source = Level | "requests";

/** The time from which on each source is complete; Infinity for one that there is not. */
export type Since = Readonly<Record<Source, EpochMs>>;

/** Reads what has its start, or its arrival, in [from, until). */
export interface Segment {
  readonly source: Source;
  readonly from: EpochMs;
  readonly until: EpochMs;
}

/**
 * Divides [from, until) among the sources, oldest first: the coarsest buckets that fit, up to `unit`, finer ones and
 * requests at the edges. Where nothing fine enough is kept any more, a coarser bucket counts where it starts. Nothing is
 * in two segments.
 */
export function cover(from: EpochMs, until: EpochMs, unit: Level, since: Since): readonly Segment[] {
  const sources: readonly Source[] = [...levels.slice(levels.indexOf(unit)), "requests"];
  return divide(from, until, sources, seamless(since));
}

function divide(from: EpochMs, until: EpochMs, sources: readonly Source[], since: Since): readonly Segment[] {
  if (from >= until) return [];
  const [source, ...finer] = sources;
  if (source === undefined) return coarser(from, until, since);
  const width = source === "requests" ? 1 : widths[source];
  const start = ceilTo(Math.max(from, since[source]), width);
  const end = floorTo(until, width);
  if (start >= end) return divide(from, until, finer, since);
  return [
    ...divide(from, start, finer, since),
    { source, from: start, until: end },
    ...divide(end, until, finer, since),
  ];
}

/** For times of which nothing that would fit is kept: the finest there is. */
function coarser(from: EpochMs, until: EpochMs, since: Since): readonly Segment[] {
  const segments: Segment[] = [];
  let end = until;
  for (const source of levels.toReversed()) {
    const start = Math.max(from, since[source]);
    if (start >= end) continue;
    segments.unshift({ source, from: start, until: end });
    end = start;
  }
  return segments;
}

/**
 * A source is not used before the next coarser one begins a bucket, or that bucket would be counted twice. Which one is
 * next depends on from when on that one is used itself.
 */
function seamless(since: Since): Since {
  const after = (source: Source, used: Partial<Since>, below: readonly Level[]): EpochMs => {
    const next = below.find((level) => (used[level] ?? Number.POSITIVE_INFINITY) <= since[source]);
    return next === undefined ? since[source] : ceilTo(since[source], widths[next]);
  };
  const { day } = since;
  const hour = after("hour", { day }, ["day"]);
  const minute = after("minute", { day, hour }, ["hour", "day"]);
  return { day, hour, minute, requests: after("requests", { day, hour, minute }, ["minute", "hour", "day"]) };
}
