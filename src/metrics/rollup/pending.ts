import { isRecord } from "../../core/record.ts";
import type { EpochMs } from "../../core/units.ts";
import { addTo, type Count, type Counted, noCount } from "../tally.ts";
import { type Base, bases, type Value } from "./cubes.ts";
import { floorTo, widths } from "./levels.ts";

/** A finished request as cells need it, by column name. */
export interface Finished extends Counted {
  readonly arrived_at: EpochMs;
  readonly upstream: string | null;
  readonly key_id: string | null;
  readonly team: string | null;
  readonly user_hash: string | null;
  readonly generation: number;
  readonly arm: string | null;
  /** A JSON object of strings. */
  readonly labels: string;
  readonly attempts: readonly Tried[];
}

/** An attempt at a provider, as its tally counts it. */
export interface Tried {
  readonly by: string;
  readonly counted: Counted;
}

/** What was counted of one minute and one combination of values, in the order of the base's dimensions. */
export interface PendingCell {
  readonly minute: EpochMs;
  readonly values: readonly Value[];
  readonly count: Count;
}

/** What is counted already, and not yet in the buckets of the database. */
export class Pending {
  /** The labels that requests may have: one that lacks them is counted as such. */
  labels: readonly string[] = [];
  readonly #cells: Readonly<Record<Base, CellTree>> = {
    requests: new CellTree(),
    users: new CellTree(),
    labels: new CellTree(),
    attempts: new CellTree(),
  };

  get size(): number {
    return Object.values(this.#cells).reduce((size, { cells }) => size + cells.length, 0);
  }

  cells(base: Base): readonly PendingCell[] {
    return this.#cells[base].cells;
  }

  add(row: Finished): void {
    const minute = floorTo(row.arrived_at, widths.minute);
    const { model, provider, upstream, key_id, team, generation, arm, outcome } = row;
    const { requests, users, attempts } = this.#cells;
    addTo(requests.find(minute, [model, provider, upstream, key_id, team, generation, arm, outcome]), row);
    addTo(users.find(minute, [row.user_hash]), row);
    this.#addLabels(row, minute);
    for (const { by, counted } of row.attempts) addTo(attempts.find(minute, [by]), counted);
  }

  clear(): void {
    for (const cells of Object.values(this.#cells)) cells.clear();
  }

  #addLabels(row: Finished, minute: EpochMs): void {
    const cells = this.#cells.labels;
    const labels = row.labels === "{}" ? {} : labelsOf(row.labels);
    for (const [label, value] of Object.entries(labels)) addTo(cells.find(minute, [label, value]), row);
    for (const label of this.labels)
      if (!Object.hasOwn(labels, label)) addTo(cells.find(minute, [label, null]), row);
  }
}

/** Finds a cell by one value after the other: a key made of them would cost more than the counting. */
class CellTree {
  #cells: PendingCell[] = [];
  #root: Node = { next: null, count: null };

  /** In the order in which they turned up. */
  get cells(): readonly PendingCell[] {
    return this.#cells;
  }

  /** The count of these values; it begins at zero. */
  find(minute: EpochMs, values: readonly Value[]): Count {
    let node = after(this.#root, minute);
    for (const value of values) node = after(node, value);
    if (node.count === null) {
      node.count = noCount();
      this.#cells.push({ minute, values, count: node.count });
    }
    return node.count;
  }

  clear(): void {
    this.#cells = [];
    this.#root = { next: null, count: null };
  }
}

interface Node {
  next: Map<Value, Node> | null;
  count: Count | null;
}

function after(node: Node, value: Value): Node {
  node.next ??= new Map();
  const known = node.next.get(value);
  if (known !== undefined) return known;
  const begun = { next: null, count: null };
  node.next.set(value, begun);
  return begun;
}

/** A text that stands for these values, whose last alone may be of any kind. */
export function keyOf(values: readonly Value[]): string {
  let key = "";
  for (const value of values) key += value === null ? "\u0001" : `\u0000${value}`;
  return key;
}

/** Where a base has these dimensions. */
export const positionsOf = (base: Base, wanted: readonly string[]): readonly number[] =>
  wanted.map((dimension) => (bases[base] as readonly string[]).indexOf(dimension));

/** None where somebody else has written there. */
function labelsOf(json: string): Readonly<Record<string, string>> {
  try {
    const labels: unknown = JSON.parse(json);
    if (!isRecord(labels)) return {};
    return Object.fromEntries(Object.entries(labels).map(([label, value]) => [label, String(value)]));
  } catch {
    return {};
  }
}
