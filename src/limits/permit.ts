import type { EpochMs, Usd } from "../core/units.ts";
import { type Hold, settle, unitOf } from "./counter.ts";

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
   * Ends the client's request. Its rpm and rpd stay counted; tokens as above, over all attempts, and what they cost.
   * An attempt that nobody ended ends with it, so that nothing stays in flight.
   */
  readonly endRequest: (tokens: number | null, now: EpochMs, usd?: Usd | null) => void;
}

/** The permit over bookings that were made together. */
export function permitOver(attempt: readonly Hold[], request: readonly Hold[]): Permit {
  let openAttempt = attempt;
  let openRequest = request;

  const endAttempt: Permit["endAttempt"] = (tokens, { reached }, now) => {
    const ending = openAttempt;
    openAttempt = [];
    for (const held of ending) settle(held, reached ? realOf(held, tokens, null) : 0, now);
  };
  const endRequest: Permit["endRequest"] = (tokens, now, usd = null) => {
    endAttempt(tokens, { reached: true }, now);
    const ending = openRequest;
    openRequest = [];
    for (const held of ending) settle(held, realOf(held, tokens, usd), now);
  };
  return { endAttempt, endRequest };
}

/** What a claim really took; a figure that is no amount is not known. */
function realOf(held: Hold, tokens: number | null, usd: Usd | null): number | null {
  const unit = unitOf(held);
  const real = unit === "tokens" ? tokens : unit === "usd" ? usd : null;
  return real !== null && real >= 0 && Number.isFinite(real) ? real : null;
}
