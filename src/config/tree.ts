/** Where a piece of a file stands. The end is the first column after it; `path` is its JSON pointer. */
export interface Spot {
  readonly file: string;
  readonly path: string;
  readonly line: number;
  readonly column: number;
  readonly end_line: number;
  readonly end_column: number;
}

/** A file as it was written: plain data that knows where it stands. */
export type Tree = Scalar | Sequence | Mapping;

export interface Scalar {
  readonly kind: "scalar";
  readonly at: Spot;
  readonly value: string | number | boolean | null;
}

export interface Sequence {
  readonly kind: "sequence";
  readonly at: Spot;
  readonly items: readonly Tree[];
}

export interface Mapping {
  readonly kind: "mapping";
  readonly at: Spot;
  readonly entries: readonly Entry[];
}

/** One `key: value`. */
export interface Entry {
  readonly key: string;
  readonly keyAt: Spot;
  readonly value: Tree;
}

/** The first place of a file, for what concerns it as a whole. */
export const topOf = (file: string): Spot => ({
  file,
  path: "",
  line: 1,
  column: 1,
  end_line: 1,
  end_column: 1,
});

/** The value of a key; null when the tree is no mapping or lacks it. */
export function member(tree: Tree, key: string): Entry | null {
  if (tree.kind !== "mapping") return null;
  return tree.entries.find((entry) => entry.key === key) ?? null;
}

/** One step further down a JSON pointer. */
export const below = (path: string, key: string | number): string =>
  `${path}/${String(key).replaceAll("~", "~0").replaceAll("/", "~1")}`;
