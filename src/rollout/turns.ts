/** One thing after the other: what is asked for while another is under way waits for its turn. */
export class Turns {
  #last: Promise<unknown> = Promise.resolve();

  /** Does `work` when all before it is done, whether or not that went well. */
  take<T>(work: () => Promise<T>): Promise<T> {
    const mine = this.#last.then(work, work);
    this.#last = mine.catch(() => {});
    return mine;
  }
}
