import type { EpochMs } from "../../core/units.ts";
import type { Filter } from "../scan.ts";
import { mergeCount } from "../tally.ts";
import { rfc3339 } from "../window.ts";
import { numberCode } from "./carry.ts";
import type { Segment } from "./cover.ts";
import { type Cube, type Dimension, dimensions } from "./cubes.ts";
import { Groups } from "./groups.ts";
import type { Names } from "./names.ts";
import { type Code, PageReader } from "./page.ts";
import { type PendingCell, positionsOf } from "./pending.ts";
import type { Rollup } from "./rollup.ts";
import type { See } from "./sweep.ts";

/** What to read of a cube; without one, nothing. */
export interface Reading {
  readonly cube: Cube | null;
  readonly by: readonly Dimension[];
  readonly where: readonly Filter[];
  readonly segments: readonly Segment[];
  readonly starts: readonly EpochMs[];
  readonly countsOnly: boolean;
}

/** Adds what is in buckets and in memory to what `rows` gave, and shows one time after the other. In one step. */
export function readBuckets(
  rollup: Rollup,
  reading: Reading,
  rows: { readonly get: (at: number) => Groups | undefined },
  see: See,
): void {
  const groups = new Groups(reading.by);
  let at = 0;
  const show = (): void => {
    for (const { values, count } of rows.get(at)?.touched ?? []) mergeCount(groups.of(values), count);
    see(at, groups.touched);
    groups.clear();
    at += 1;
  };
  const goTo = (ms: EpochMs): void => {
    while (at + 1 < reading.starts.length && ms >= (reading.starts[at + 1] ?? 0)) show();
  };

  if (reading.cube !== null) {
    const cells = new Cells(rollup, reading.cube, reading, groups);
    for (const segment of reading.segments) readSegment(rollup, reading.cube, segment, cells, goTo);
  }
  while (at < reading.starts.length) show();
}

function readSegment(
  rollup: Rollup,
  cube: Cube,
  { source, from, until }: Segment,
  cells: Cells,
  goTo: (ms: EpochMs) => void,
): void {
  if (source === "requests") return;
  const pending = cells.pendingIn(from, until);
  let next = 0;
  const addPending = (before: EpochMs): void => {
    for (let cell = pending[next]; cell !== undefined && cell.minute < before; cell = pending[next]) {
      goTo(cell.minute);
      cells.addPending(cell);
      next += 1;
    }
  };
  for (const page of rollup.pages.range(source, cube, from, until)) {
    addPending(page.start);
    goTo(page.start);
    try {
      cells.addPage(page.cells);
    } catch (error) {
      rollup.onUnreadable(`the ${source} of ${rfc3339(page.start)} is left out: ${error}`);
    }
  }
  addPending(until);
}

/** Picks the cells that a reading is about, and adds them to its groups. */
class Cells {
  readonly #rollup: Rollup;
  readonly #cube: Cube;
  readonly #groups: Groups;
  readonly #reader: PageReader;
  readonly #countsOnly: boolean;
  /** Where a page has what groups and filters are about, and what the filters want there. */
  readonly #places: readonly number[];
  readonly #wanted: readonly { readonly place: number; readonly code: Code | undefined }[];
  /** The same for cells in memory, which have the dimensions of the base. */
  readonly #basePlaces: readonly number[];
  readonly #baseWanted: readonly { readonly place: number; readonly value: Filter[1] }[];

  constructor(rollup: Rollup, cube: Cube, { by, where, countsOnly }: Reading, groups: Groups) {
    this.#countsOnly = countsOnly;
    this.#rollup = rollup;
    this.#cube = cube;
    this.#groups = groups;
    this.#reader = new PageReader(cube.dimensions);
    this.#places = by.map((dimension) => cube.dimensions.indexOf(dimension));
    this.#wanted = where.map((filter) => ({
      place: cube.dimensions.indexOf(filter[0]),
      code: codeOf(filter, rollup.names),
    }));
    this.#basePlaces = positionsOf(cube.base, by);
    this.#baseWanted = where.map(([dimension, value]) => ({
      place: positionsOf(cube.base, [dimension])[0] ?? 0,
      value,
    }));
  }

  addPage(page: Uint8Array): void {
    const reader = this.#reader;
    reader.open(page);
    while (reader.next()) {
      if (this.#wanted.every(({ place, code }) => reader.codes[place] === code))
        reader.addTo(this.#groups.ofCodes(reader.codes, this.#places, this.#rollup.names), this.#countsOnly);
    }
  }

  addPending({ values, count }: PendingCell): void {
    mergeCount(this.#groups.of(this.#basePlaces.map((place) => values[place] ?? null)), count);
  }

  /** Cells in memory whose minute is in [from, until), oldest first. */
  pendingIn(from: EpochMs, until: EpochMs): readonly PendingCell[] {
    return this.#rollup.pending
      .cells(this.#cube.base)
      .filter(
        ({ minute, values }) =>
          minute >= from &&
          minute < until &&
          this.#baseWanted.every(({ place, value }) => values[place] === value),
      )
      .toSorted((a, b) => a.minute - b.minute);
  }
}

/** What a page holds for the value of a filter; undefined when no page can. */
function codeOf([dimension, value]: Filter, names: Names): Code | undefined {
  const { kind } = dimensions[dimension];
  if (kind === "text") return value;
  return kind === "number"
    ? numberCode(value)
    : (names.find(value === null ? null : String(value)) ?? undefined);
}
