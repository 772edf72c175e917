/** Stands for the labels that there was no room for. */
export const other = "other";

/** Label sets per name; further ones are counted under `other`, so that no client can fill a Prometheus. */
const mostSeries = 5_000;

type Begin<Series> = (...labels: readonly [string, string, string]) => Series;

/** Series by up to three labels, found by one lookup for each: a key made of them would cost more than the counting. */
export class SeriesTable<Series> {
  readonly #begin: Begin<Series>;
  readonly #tree = new Map<string, Map<string, Map<string, Series>>>();
  readonly #most: number;
  readonly #all: Series[] = [];

  constructor(begin: Begin<Series>, most = mostSeries) {
    this.#begin = begin;
    this.#most = most;
  }

  /** In the order in which they turned up. */
  get all(): readonly Series[] {
    return this.#all;
  }

  /** The series of these labels; it begins when there is none. */
  find(first: string, second: string, third: string): Series {
    const found = this.#tree.get(first)?.get(second)?.get(third);
    if (found !== undefined) return found;
    const isOther = first === other && second === other && third === other;
    return this.#all.length < this.#most || isOther
      ? this.#add(first, second, third)
      : this.find(other, other, other);
  }

  #add(first: string, second: string, third: string): Series {
    const series = this.#begin(first, second, third);
    this.#all.push(series);
    const branch = this.#tree.get(first) ?? new Map<string, Map<string, Series>>();
    const leaves = branch.get(second) ?? new Map<string, Series>();
    this.#tree.set(first, branch.set(second, leaves.set(third, series)));
    return series;
  }
}
