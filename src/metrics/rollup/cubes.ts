import { type Level, levels } from "./levels.ts";

/**
 * By what requests can be told apart: the column of `requests` that holds it, and how a bucket keeps it. A `name` comes
 * from the file, a `word` is one of ours, and both are kept in a dictionary; a `text` may be a client's.
 */
export const dimensions = {
  model: { column: "model", kind: "name" },
  /** The one that answered. */
  provider: { column: "provider", kind: "name" },
  upstream: { column: "upstream", kind: "name" },
  key: { column: "key_id", kind: "name" },
  team: { column: "team", kind: "name" },
  generation: { column: "generation", kind: "number" },
  arm: { column: "arm", kind: "word" },
  outcome: { column: "outcome", kind: "word" },
  user: { column: "user_hash", kind: "text" },
  /** The name of a label, and what it is: a request counts once for each of its labels. */
  label: { column: null, kind: "name" },
  value: { column: null, kind: "text" },
} as const satisfies Record<string, { readonly column: string | null; readonly kind: ValueKind }>;

export type Dimension = keyof typeof dimensions;
type ValueKind = "name" | "word" | "number" | "text";

/** The value of a dimension; null: it has none. */
export type Value = string | number | null;

/** What is counted in cells, and from which dimensions on cubes of it are made. */
export const bases = {
  requests: ["model", "provider", "upstream", "key", "team", "generation", "arm", "outcome"],
  users: ["user"],
  labels: ["label", "value"],
  /** By the provider that was tried. */
  attempts: ["provider"],
} as const satisfies Record<string, readonly Dimension[]>;
export type Base = keyof typeof bases;

/** What is kept of a base in every bucket: one cell for each combination of values that occurred. */
export interface Cube {
  /** Part of the key in the database: never used again for another one. */
  readonly id: number;
  readonly base: Base;
  readonly dimensions: readonly Dimension[];
  readonly levels: readonly Level[];
  /** Whether days are kept for ever; otherwise, as long as hours. */
  readonly lasting: boolean;
  /** Cells in a day for each value of the first `per` dimensions. */
  readonly most: number;
  readonly per: number;
  /** What of a further one is called `other`; beyond twice as many, all of its names are. */
  readonly first: readonly Dimension[];
}

const ofRequests = { base: "requests", levels, lasting: true, most: 10_000, per: 0, first: [] } as const;

/** All that is kept, the smaller ones first: the first that has the dimensions of a question answers it. */
export const cubes: readonly Cube[] = [
  { ...ofRequests, id: 0, dimensions: [] },
  { ...ofRequests, id: 1, dimensions: ["provider"] },
  { ...ofRequests, id: 2, dimensions: ["team"] },
  { ...ofRequests, id: 3, dimensions: ["model"] },
  { ...ofRequests, id: 4, dimensions: ["key"] },
  { ...ofRequests, id: 5, dimensions: bases.requests, first: ["key", "team"] },
  {
    id: 6,
    base: "users",
    dimensions: bases.users,
    levels: ["day", "hour"],
    lasting: false,
    most: 1_000,
    per: 0,
    first: [],
  },
  {
    id: 7,
    base: "labels",
    dimensions: bases.labels,
    levels: ["day", "hour"],
    lasting: false,
    most: 1_000,
    per: 1,
    first: [],
  },
  {
    id: 8,
    base: "attempts",
    dimensions: bases.attempts,
    levels: ["minute"],
    lasting: false,
    most: 1_000,
    per: 0,
    first: [],
  },
];

/** What can be counted: requests, or the attempts that were made for them, by the provider tried. */
export type Subject = "requests" | "attempts";

/** The smallest cube that knows all of these dimensions; null when only the requests themselves do. */
export const cubeFor = (of: Subject, wanted: readonly Dimension[]): Cube | null =>
  cubes.find(
    ({ base, dimensions }) =>
      (base === "attempts") === (of === "attempts") &&
      wanted.every((dimension) => dimensions.includes(dimension)),
  ) ?? null;
