/** A map of bounded size: what was set longest ago goes first. */
export class Recent<V> {
  readonly #values = new Map<string, V>();
  readonly #capacity: number;

  constructor(capacity: number) {
    this.#capacity = capacity;
  }

  get(key: string): V | undefined {
    return this.#values.get(key);
  }

  /** Sets, and makes the key the newest; a map that is not half full yet keeps its order, which nobody needs then. */
  set(key: string, value: V): void {
    if (this.#values.size > this.#capacity / 2) this.#values.delete(key);
    this.#values.set(key, value);
    if (this.#values.size <= this.#capacity) return;
    const [oldest] = this.#values.keys();
    if (oldest !== undefined) this.#values.delete(oldest);
  }

  delete(key: string): void {
    this.#values.delete(key);
  }

  entries(): IterableIterator<[string, V]> {
    return this.#values.entries();
  }
}
