import type { EpochMs } from "../core/units.ts";
import { type Refusal, refuse } from "../domain/refusal.ts";
import { type Arrival, requestIdOf } from "../gateway/request/arrival.ts";
import type { Clock } from "../runtime/clock.ts";
import type { Peer } from "../runtime/listen.ts";

/** A host name or address with an optional port. What else a Host header can hold would confuse a router. */
const hostPattern = /^(?:[A-Za-z0-9](?:[A-Za-z0-9._-]{0,252})|\[[0-9A-Fa-f:.]{2,45}\])(?::\d{1,5})?$/;
/** The router looks for the path from the 12th character of the address on, so a shorter host hides it. */
const shortestHost = 4;

const arrivals = new WeakMap<Request, Arrival>();

/** Checks what must be right before any router sees a request, and notes when and from where it came. */
export function enter(
  request: Request,
  peer: Peer,
  clock: Clock,
):
  | { readonly ok: true; readonly request: Request }
  | { readonly ok: false; readonly refusal: Refusal; readonly id: string } {
  const id = requestIdOf(request.headers);
  const host = request.headers.get("host") ?? "";
  if (!isHost(host)) {
    return {
      ok: false,
      id,
      refusal: refuse("invalid_request", "The Host header is not a host name with an optional port."),
    };
  }
  const routed = host.length < shortestHost ? withHost(request) : request;
  arrivals.set(routed, new Entered(routed, id, clock.now(), peer));
  return { ok: true, request: routed };
}

/** Most requests bear one of a few names; each is looked at once. */
const knownHosts = new Set<string>();
const mostKnownHosts = 1_000;

function isHost(host: string): boolean {
  if (knownHosts.has(host)) return true;
  // The form is not enough: 1.2.3.4.5 and x:99999 have it, and no address can be made of them.
  const good = hostPattern.test(host) && URL.canParse(`http://${host}/`);
  if (good && knownHosts.size < mostKnownHosts) knownHosts.add(host);
  return good;
}

/** The peer's address is asked for only where somebody wants it. */
class Entered implements Arrival {
  readonly request: Request;
  readonly id: string;
  readonly at: EpochMs;
  readonly #peer: Peer;

  constructor(request: Request, id: string, at: EpochMs, peer: Peer) {
    this.request = request;
    this.id = id;
    this.at = at;
    this.#peer = peer;
  }

  get peer(): string {
    return this.#peer.address;
  }

  patient(): void {
    this.#peer.patient();
  }
}

/** What {@link enter} noted. */
export function arrivalOf(request: Request): Arrival {
  const arrival = arrivals.get(request);
  if (arrival === undefined) throw new Error("a request reached a route without passing the door");
  return arrival;
}

function withHost(request: Request): Request {
  const { pathname, search } = new URL(request.url);
  return new Request(`http://gateway${pathname}${search}`, request);
}
