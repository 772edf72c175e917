import type { Position } from "../domain/position.ts";
import { type Mapping, type Sequence, type Spot, topOf } from "./tree.ts";

/** Remembers where the plain values came from, so that what is compiled from them can still be pointed at. */
export class Places {
  readonly #trees = new WeakMap<object, Mapping | Sequence>();
  readonly #fallback: Spot;

  constructor(file: string) {
    this.#fallback = topOf(file);
  }

  remember(value: object, tree: Mapping | Sequence): void {
    this.#trees.set(value, tree);
  }

  /** Says that something compiled was made from a value, so that its keys can be pointed at too. */
  adopt<T extends object>(made: T, from: object): T {
    const tree = this.#trees.get(from);
    if (tree !== undefined) this.#trees.set(made, tree);
    return made;
  }

  /** Of a key of something compiled, or of an index of a list; null where the file does not have it. */
  line(made: object, key: string | number): Position | null {
    const tree = this.#trees.get(made);
    const spot =
      tree?.kind === "sequence" ? tree.items[Number(key)]?.at : this.#entry(made, String(key))?.keyAt;
    return spot === undefined ? null : positionOf(spot);
  }

  /** Whether a key was written, be it with a value that was refused. */
  has(value: object, key: string): boolean {
    return this.#entry(value, key) !== undefined;
  }

  /** Of a whole mapping or list. */
  of(value: object): Spot {
    return this.#trees.get(value)?.at ?? this.#fallback;
  }

  /** Of a key; of the mapping when the key is not there. */
  key(value: object, key: string): Spot {
    return this.#entry(value, key)?.keyAt ?? this.of(value);
  }

  /** Of what a key or an index holds; of the whole when it is not there. */
  value(value: object, key: string | number): Spot {
    const tree = this.#trees.get(value);
    if (tree?.kind === "sequence") return tree.items[Number(key)]?.at ?? tree.at;
    return this.#entry(value, String(key))?.value.at ?? this.of(value);
  }

  #entry(value: object, key: string) {
    const tree = this.#trees.get(value);
    return tree?.kind === "mapping" ? tree.entries.find((entry) => entry.key === key) : undefined;
  }
}

/** The part of a place that a Snapshot keeps. */
export const positionOf = ({ file, line, column }: Spot): Position => ({ file, line, column });
