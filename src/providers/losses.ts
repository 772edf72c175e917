import type { Loss } from "../domain/adapter.ts";

/** Gathers what a translation cannot carry over; what is said twice is kept once. */
export class Losses {
  readonly #all = new Map<string, Loss>();

  get all(): readonly Loss[] {
    return [...this.#all.values()];
  }

  /** A field is left out. Null, false and absent ask for nothing, so nothing is lost; `where` names the place when it is not the top. */
  dropped(param: string, because: string, value: unknown, where = param): void {
    if (value === null || value === undefined || value === false) return;
    this.say(param, `${where} dropped: ${because}`);
  }

  /** A field is sent with another value than asked for; `says` tells which, and why. */
  say(param: string, says: string): void {
    this.#all.set(says, { param, says });
  }
}
