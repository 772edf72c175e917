import type { Share } from "../../core/units.ts";
import { chanceOf, sha256Hex } from "../../runtime/digest.ts";
import type { Arrival } from "./arrival.ts";

/** What is kept of an end user's name: 128 bits of its SHA-256, in hex. */
export const userHashOf = (user: string): string => sha256Hex(user).slice(0, 32);

/** The chance of all requests of one key; by its id, so that it can be drawn again from what was recorded. */
export const keyChance = (keyId: string): Share => chanceOf(`key ${keyId}`);

/** The chance of all requests of one end user, by its hash. */
export const userChance = (userHash: string): Share => chanceOf(`user ${userHash}`);

/** Worked out only where a strategy asks: hashes and peer addresses cost more than the rest of a request's facts. */
export class StickyChance {
  readonly #user: string | null;
  readonly #keyId: string | null;
  readonly #arrival: Pick<Arrival, "peer">;

  constructor(user: string | null, keyId: string | null, arrival: Pick<Arrival, "peer">) {
    this.#user = user;
    this.#keyId = keyId;
    this.#arrival = arrival;
  }

  get key(): Share {
    return keyChance(this.#keyId ?? this.#arrival.peer);
  }

  get user(): Share {
    return this.#user === null ? this.key : userChance(userHashOf(this.#user));
  }
}
