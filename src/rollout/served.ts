/** How many requests each generation has served that no checkpoint has written down yet. */
export class ServedBy {
  readonly #counts = new Map<number, number>();

  count(generation: number): void {
    this.#counts.set(generation, this.of(generation) + 1);
  }

  of(generation: number): number {
    return this.#counts.get(generation) ?? 0;
  }

  /** As it is now, to be written. */
  unwritten(): ReadonlyMap<number, number> {
    return new Map(this.#counts);
  }

  /** So much of it is on disk. */
  written(counts: ReadonlyMap<number, number>): void {
    for (const [generation, requests] of counts) {
      const left = this.of(generation) - requests;
      if (left > 0) this.#counts.set(generation, left);
      else this.#counts.delete(generation);
    }
  }
}
