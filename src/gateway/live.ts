import type { Share } from "../core/units.ts";
import type { Snapshot } from "../domain/snapshot.ts";
import type { Keyring } from "./request/keyring.ts";

/** One generation of the configuration, ready to serve. A request pins it to the end of its stream. */
export interface Live {
  readonly snapshot: Snapshot;
  readonly keyring: Keyring;
  readonly generation: number;
  /** `canary` while it has only a slice of the traffic. */
  readonly arm: "stable" | "canary";
  /** `<generation>-<digest8>`, as the header `x-gateway-config` shows it. */
  readonly label: string;
}

/** A generation on trial, and the share of clients that it serves. */
export interface CanaryLive {
  readonly live: Live;
  readonly share: Share;
}

/** The one pointer: replaced by one assignment, after everything that can refuse a configuration has run. */
export class Pointer {
  #now: { readonly stable: Live; readonly canary: CanaryLive | null };

  constructor(stable: Live) {
    this.#now = { stable, canary: null };
  }

  /** What serves everybody but the clients of a canary. */
  current(): Live {
    return this.#now.stable;
  }

  canary(): CanaryLive | null {
    return this.#now.canary;
  }

  replace(stable: Live, canary: CanaryLive | null = null): void {
    this.#now = { stable, canary };
  }
}

/** Joins what makes a generation. */
export const liveOf = (
  snapshot: Snapshot,
  keyring: Keyring,
  generation: number,
  arm: Live["arm"] = "stable",
): Live => ({ snapshot, keyring, generation, arm, label: `${generation}-${snapshot.digest.slice(0, 8)}` });
