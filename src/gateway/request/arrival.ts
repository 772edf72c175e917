import type { EpochMs } from "../../core/units.ts";

/** A request at the door. */
export interface Arrival {
  readonly request: Request;
  /** The client's own id where it is a good one, else ours. */
  readonly id: string;
  readonly at: EpochMs;
  /** The address of the other end. */
  readonly peer: string;
  /** Lifts the server's own idle clock, once the body is here: ours take over. */
  readonly patient: () => void;
}

/** The client's `x-request-id`, when it is 1–128 characters of `A-Za-z0-9._-`; else a fresh one. */
export function requestIdOf(headers: Headers): string {
  const own = headers.get("x-request-id");
  return own !== null && /^[A-Za-z0-9._-]{1,128}$/.test(own) ? own : `req-${crypto.randomUUID()}`;
}
