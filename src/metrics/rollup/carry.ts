import type { EpochMs } from "../../core/units.ts";
import { type Count, mergeCount, noCount } from "../tally.ts";
import { rfc3339 } from "../window.ts";
import { type Base, bases, type Cube, cubes, type Dimension, dimensions, type Value } from "./cubes.ts";
import { floorTo, type Level, widths } from "./levels.ts";
import { type Names, otherCode } from "./names.ts";
import { type Cell, type Code, PageReader, packPage } from "./page.ts";
import type { Pages } from "./pages.ts";
import { keyOf, type Pending, type PendingCell, positionsOf } from "./pending.ts";

/** Where cells are carried to. */
export interface Destination {
  readonly pages: Pages;
  readonly names: Names;
  /** Buckets of a cube that end before are not kept any more. */
  readonly keptFrom: (cube: Cube, level: Level) => EpochMs;
  readonly onUnreadable: (message: string) => void;
}

/** A cell with its values as codes, and the start of its bucket. */
interface Coded extends Cell {
  readonly start: EpochMs;
  /** Whether its count is of its own. */
  readonly isMerged: boolean;
}

/** Adds all that is pending to the buckets that it belongs to, late ones included. To be run in a transaction. */
export function carry(pending: Pending, to: Destination): void {
  const coded = new Map<Base, readonly Coded[]>();
  for (const cube of cubes) {
    const known = coded.get(cube.base) ?? codesOf(cube.base, pending.cells(cube.base), to.names);
    coded.set(cube.base, known);
    if (known.length > 0) carryInto(cube, known, to);
  }
}

function codesOf(base: Base, cells: readonly PendingCell[], names: Names): readonly Coded[] {
  const kinds = bases[base].map((dimension) => dimensions[dimension].kind);
  return cells.map(({ minute, values, count }) => ({
    start: minute,
    count,
    isMerged: false,
    codes: values.map((value, at) => {
      if (kinds[at] === "text") return value;
      return kinds[at] === "number" ? numberCode(value) : names.codeOf(value === null ? null : String(value));
    }),
  }));
}

/** A number as a page holds it. */
export const numberCode = (value: Value): number => (value === null ? 0 : Number(value) + 1);

/** The coarsest pages come first: what has no room there has none in the finer ones. */
function carryInto(cube: Cube, cells: readonly Coded[], to: Destination): void {
  const positions = positionsOf(cube.base, cube.dimensions);
  const [widest = "day"] = cube.levels;
  const judges = new Map<EpochMs, OpenPage>();
  for (const [level, buckets] of bucketsOf(cube, cells, positions)) {
    for (const [start, within] of buckets) {
      if (start + widths[level] <= to.keptFrom(cube, level)) continue;
      const page = pageAt(cube, level, start, to);
      if (level === widest) judges.set(start, page);
      const judge = judges.get(floorTo(start, widths[widest])) ?? page;
      for (const { codes, count } of within.values()) page.add(codes, count, judge);
      to.pages.save(level, cube, start, packPage(cube.dimensions, page.cells));
    }
  }
}

type Buckets = ReadonlyMap<EpochMs, ReadonlyMap<string, Coded>>;

/** The cells of each level, coarse to fine; each is made of those of the next finer one, of which there are fewer. */
function bucketsOf(
  cube: Cube,
  cells: readonly Coded[],
  positions: readonly number[],
): ReadonlyMap<Level, Buckets> {
  const found: [Level, Buckets][] = [];
  let finer: readonly Coded[] = cells.map((cell) => ({
    ...cell,
    codes: positions.map((at) => cell.codes[at] ?? null),
  }));
  for (const level of cube.levels.toReversed()) {
    const buckets = new Map<EpochMs, Map<string, Coded>>();
    for (const cell of finer)
      addTo(buckets, { ...cell, start: floorTo(cell.start, widths[level]), isMerged: false });
    found.unshift([level, buckets]);
    finer = [...buckets.values()].flatMap((within) => [...within.values()]);
  }
  return new Map(found);
}

/** What is merged is a new cell: those that are pending stay as they are, for a transaction may fail. */
function addTo(buckets: Map<EpochMs, Map<string, Coded>>, cell: Coded): void {
  const key = keyOf(cell.codes);
  const within = buckets.get(cell.start) ?? new Map<string, Coded>();
  buckets.set(cell.start, within);
  const known = within.get(key);
  if (known === undefined) {
    within.set(key, cell);
  } else if (known.isMerged) {
    mergeCount(known.count, cell.count);
  } else {
    const count = noCount();
    mergeCount(count, known.count);
    mergeCount(count, cell.count);
    within.set(key, { ...known, count, isMerged: true });
  }
}

/** The page of a bucket; a new one where there is none, or none that can be read. */
function pageAt(cube: Cube, level: Level, start: EpochMs, to: Destination): OpenPage {
  const packed = to.pages.load(level, cube, start);
  try {
    return new OpenPage(cube, packed);
  } catch (error) {
    to.onUnreadable(`the ${level} of ${rfc3339(start)} is begun anew: ${error}`);
    return new OpenPage(cube, null);
  }
}

/** A page being added to. */
class OpenPage {
  readonly #cube: Cube;
  readonly #cells = new Map<string, Cell>();
  /** Cells by the first values, of which each has room for so many. */
  readonly #sizes = new Map<string, number>();

  constructor(cube: Cube, packed: Uint8Array | null) {
    this.#cube = cube;
    if (packed === null) return;
    const reader = new PageReader(cube.dimensions);
    reader.open(packed);
    while (reader.next()) reader.addTo(this.#cell([...reader.codes]).count, false);
  }

  get cells(): Iterable<Cell> {
    return this.#cells.values();
  }

  /** Adds to the cell of these codes, or to an `other` one where the coarsest page of the same time has no room for it. */
  add(codes: readonly Code[], count: Count, judge: OpenPage): void {
    mergeCount(this.#cell(judge.#placed(codes)).count, count);
  }

  #placed(codes: readonly Code[]): readonly Code[] {
    const { most, first } = this.#cube;
    if (this.#takes(codes, most)) return codes;
    const partly = this.#other(codes, (dimension) => first.includes(dimension));
    if (first.length > 0 && this.#takes(partly, 2 * most)) return partly;
    return this.#other(codes, (_, at) => at >= this.#cube.per);
  }

  #takes(codes: readonly Code[], most: number): boolean {
    return this.#cells.has(keyOf(codes)) || (this.#sizes.get(this.#share(codes)) ?? 0) < most;
  }

  #cell(codes: readonly Code[]): Cell {
    const key = keyOf(codes);
    const known = this.#cells.get(key);
    if (known !== undefined) return known;
    const cell = { codes, count: noCount() };
    this.#cells.set(key, cell);
    const share = this.#share(codes);
    this.#sizes.set(share, (this.#sizes.get(share) ?? 0) + 1);
    return cell;
  }

  #share(codes: readonly Code[]): string {
    return keyOf(codes.slice(0, this.#cube.per));
  }

  #other(codes: readonly Code[], isOther: (dimension: Dimension, at: number) => boolean): readonly Code[] {
    return this.#cube.dimensions.map((dimension, at) => {
      const { kind } = dimensions[dimension];
      const mayBe = kind === "name" || kind === "text";
      if (!mayBe || !isOther(dimension, at)) return codes[at] ?? null;
      return kind === "name" ? otherCode : "other";
    });
  }
}
