/**
 * Finished requests on their way to the database. Each is the number of its attempts, then its values, then those of its
 * attempts, all by position: numbers as they are, null as NaN, text as its place in `texts`. That is a tenth of the price
 * of writing them as JSON, and outside of the heap.
 */
export interface PackedBatch {
  readonly requests: number;
  readonly cells: Float64Array<ArrayBuffer>;
  /** A JSON array of strings. */
  readonly texts: string;
}

/** A batch on the other side, its texts told apart. */
export interface OpenBatch {
  readonly cells: PackedBatch["cells"];
  readonly texts: readonly string[];
}

/** Opens what {@link Batch} packed, and nobody else. */
export const openBatch = ({ cells, texts }: PackedBatch): OpenBatch => ({ cells, texts: JSON.parse(texts) });

/** What no text holds and no figure is. */
const nothing = Number.NaN;

/** A batch being filled, value by value, in the order of the columns. */
export class Batch {
  #requests = 0;
  #cells = new Float64Array(4_096);
  #used = 0;
  readonly #texts: string[] = [];
  readonly #places = new Map<string, number>();

  /** The values of one request follow, and then those of so many attempts. */
  beginRequest(attempts: number): void {
    this.#requests += 1;
    this.#push(attempts);
  }

  number(value: number | null): void {
    this.#push(value ?? nothing);
  }

  /** A text that is unlikely to come again. */
  text(value: string | null): void {
    this.#push(value === null ? nothing : this.#texts.push(JSON.stringify(value)) - 1);
  }

  /** A text from a small set, such as the name of a model: kept once. */
  name(value: string | null): void {
    this.#push(value === null ? nothing : this.#placeOf(value));
  }

  /** A copy to be sent; the batch can be packed again. */
  pack(): PackedBatch {
    return {
      requests: this.#requests,
      cells: this.#cells.slice(0, this.#used),
      texts: `[${this.#texts.join(",")}]`,
    };
  }

  #placeOf(name: string): number {
    const known = this.#places.get(name);
    if (known !== undefined) return known;
    const place = this.#texts.push(JSON.stringify(name)) - 1;
    this.#places.set(name, place);
    return place;
  }

  #push(cell: number): void {
    if (this.#used === this.#cells.length) {
      const larger = new Float64Array(2 * this.#used);
      larger.set(this.#cells);
      this.#cells = larger;
    }
    this.#cells[this.#used] = cell;
    this.#used += 1;
  }
}
