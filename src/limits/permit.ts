import type { EpochMs } from "../core/units.ts";
import { countsTokens, type Hold, settle } from "./counter.ts";

/**
 * What was taken for an attempt, until it is settled with what it really took. Its claims live twice: those of key and
 * team until the client's request ends, the others until this attempt ends. Settling again changes nothing.
 */
export interface Permit {
  /**
   * Ends the attempt: frees its concurrency, and books real tokens in place of the reserved ones.
   * `tokens`: 0 for a failure that cost nothing, null to keep the reservation as booked.
   * `reached: false`: no byte got to the provider, and nothing is counted.
   */
  readonly endAttempt: (tokens: number | null, how: { readonly reached: boolean }, now: EpochMs) => void;
  /**
   * Ends the client's request. Its rpm and rpd stay counted; tokens as above, over all attempts.
   * An attempt that nobody ended ends with it, so that nothing stays in flight.
   */
  readonly endRequest: (tokens: number | null, now: EpochMs) => void;
}

/** The permit over bookings that were made together. */
export function permitOver(attempt: readonly Hold[], request: readonly Hold[]): Permit {
  let openAttempt = attempt;
  let openRequest = request;

  const endAttempt: Permit["endAttempt"] = (tokens, { reached }, now) => {
    const ending = openAttempt;
    openAttempt = [];
    for (const held of ending) settle(held, reached ? realOf(held, tokens) : 0, now);
  };
  const endRequest: Permit["endRequest"] = (tokens, now) => {
    endAttempt(tokens, { reached: true }, now);
    const ending = openRequest;
    openRequest = [];
    for (const held of ending) settle(held, realOf(held, tokens), now);
  };
  return { endAttempt, endRequest };
}

/** A figure that is no count of tokens is not known. */
const realOf = (held: Hold, tokens: number | null): number | null =>
  tokens !== null && tokens >= 0 && Number.isFinite(tokens) && countsTokens(held) ? tokens : null;
