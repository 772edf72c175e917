import type { Share } from "../../core/units.ts";
import { chanceOf } from "../../runtime/digest.ts";
import type { Live, Pointer } from "../live.ts";
import type { Arrival } from "./arrival.ts";
import { attributionOf } from "./attribution.ts";
import { bearerOf } from "./auth.ts";
import { readAhead } from "./body.ts";

/** Who is asking, as far as it can be told before any configuration is read. */
export interface Client {
  /** The token that it presents; null without one. */
  readonly token: string | null;
  /** Its address. */
  readonly peer: string;
  /** The end user that it speaks for; null when it names none. */
  readonly user: string | null;
}

/** Whether a client is in the canary's arm: the same client always is, on every replica, for one digest. */
export function isInCanary({ token, peer, user }: Client, digest: string, share: Share): boolean {
  const who = token === null ? ["peer", peer] : ["token", token];
  return chanceOf(JSON.stringify(["canary", digest, ...who, user])) < share;
}

/** The generation that serves a request. Chosen before a snapshot is read: authentication is already its own. */
export async function chooseLive(pointer: Pointer, arrival: Arrival): Promise<Live> {
  const stable = pointer.current();
  const canary = pointer.canary();
  if (canary === null) return stable;
  const client = {
    token: bearerOf(arrival.request.headers),
    peer: arrival.peer,
    user: await userOf(stable, canary.live, arrival),
  };
  return isInCanary(client, canary.live.snapshot.digest, canary.share) ? canary.live : stable;
}

/** The body is read for it, once: who reads it later gets what was read. */
async function userOf(stable: Live, canary: Live, { request }: Arrival): Promise<string | null> {
  const most = Math.max(stable.snapshot.http.maxBodyBytes, canary.snapshot.http.maxBodyBytes);
  // A client that leaves while it sends is met where the body is read for good.
  const read = await readAhead(request, most).catch(() => null);
  const body = read?.ok ? read.value.value : {};
  const { user } = attributionOf(stable.snapshot.attribution, request.headers, body);
  return user ?? (typeof body["user"] === "string" ? body["user"] : null);
}
