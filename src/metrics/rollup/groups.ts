import { type Count, clearCount, noCount } from "../tally.ts";
import { type Dimension, dimensions, type Value } from "./cubes.ts";
import type { Names } from "./names.ts";
import type { Code } from "./page.ts";
import { keyOf } from "./pending.ts";

/** What was counted for one combination of values of the dimensions that were asked for. */
export interface Group {
  readonly values: readonly Value[];
  readonly count: Count;
}

/** The values of a group as one name: `openai/gpt-4o`, or null where there is none. */
export function nameOf({ values }: Group): string | null {
  return values.every((value) => value === null) ? null : values.join("/");
}

/** Groups that are told apart; all further ones are one. */
const most = 20_000;

/** Counts by group, for one time after the other. */
export class Groups {
  readonly #by: readonly Dimension[];
  readonly #groups = new Map<string, Group>();
  /** The same groups, by what pages call them: a number or a text for one dimension, else a key. */
  readonly #coded = new Map<Code, Group>();
  readonly #touched = new Set<Group>();

  constructor(by: readonly Dimension[]) {
    this.#by = by;
  }

  /** Those that were counted in since the last {@link clear}. */
  get touched(): ReadonlySet<Group> {
    return this.#touched;
  }

  /** The count of a group. */
  of(values: readonly Value[]): Count {
    return this.#touch(this.#find(values));
  }

  /** The count of a group whose values are at these places of a page's codes. */
  ofCodes(codes: readonly Code[], places: readonly number[], names: Names): Count {
    const [first] = places;
    const code =
      first === undefined ? null : places.length === 1 ? (codes[first] ?? null) : keyAt(codes, places);
    const known = this.#coded.get(code);
    if (known !== undefined) return this.#touch(known);
    const group = this.#find(places.map((place, at) => this.#valueOf(codes[place] ?? null, at, names)));
    if (this.#coded.size < 2 * most) this.#coded.set(code, group);
    return this.#touch(group);
  }

  /** Begins the next time at zero. */
  clear(): void {
    for (const { count } of this.#touched) clearCount(count);
    this.#touched.clear();
  }

  #touch(group: Group): Count {
    this.#touched.add(group);
    return group.count;
  }

  #find(values: readonly Value[]): Group {
    const key = keyOf(values);
    const known = this.#groups.get(key);
    if (known !== undefined) return known;
    if (this.#groups.size >= most && values.some((value) => value !== "other"))
      return this.#find(values.map(() => "other"));
    const group = { values, count: noCount() };
    this.#groups.set(key, group);
    return group;
  }

  #valueOf(code: Code, at: number, names: Names): Value {
    const kind = dimensions[this.#by[at] ?? "value"].kind;
    if (kind === "text" || typeof code === "string") return code;
    if (kind !== "number") return names.nameOf(code ?? 0);
    return code === null || code === 0 ? null : code - 1;
  }
}

const keyAt = (codes: readonly Code[], places: readonly number[]): string =>
  places.map((place) => codes[place]).join("\n");
