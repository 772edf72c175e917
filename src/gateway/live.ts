import type { Snapshot } from "../domain/snapshot.ts";
import type { Keyring } from "./request/keyring.ts";

/** One generation of the configuration, ready to serve. A request pins it to the end of its stream. */
export interface Live {
  readonly snapshot: Snapshot;
  readonly keyring: Keyring;
  readonly generation: number;
  /** `<generation>-<digest8>`, as the header `x-gateway-config` shows it. */
  readonly label: string;
}

/** The one pointer: replaced by one assignment, after everything that can refuse a configuration has run. */
export class Pointer {
  #live: Live;

  constructor(live: Live) {
    this.#live = live;
  }

  current(): Live {
    return this.#live;
  }

  replace(live: Live): void {
    this.#live = live;
  }
}

/** Joins what makes a generation. */
export const liveOf = (snapshot: Snapshot, keyring: Keyring, generation: number): Live => ({
  snapshot,
  keyring,
  generation,
  label: `${generation}-${snapshot.digest.slice(0, 8)}`,
});
