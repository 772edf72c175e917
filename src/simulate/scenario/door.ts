import { err, ok, type Result } from "../../core/result.ts";
import type { EpochMs } from "../../core/units.ts";
import { type Refusal, refuse } from "../../domain/refusal.ts";
import type { ClientKey, Snapshot } from "../../domain/snapshot.ts";
import { notTaken, permit } from "../../gateway/request/auth.ts";
import type { World } from "../world.ts";

/**
 * Who asks, by the id of a key, as the gateway lets them in: a key that is not there, has expired or was taken away is
 * refused, and so is a role that asks nothing of models. Without an id it is somebody whom no key rule restricts.
 */
export function enter(
  { snapshot, state }: Pick<World, "snapshot" | "state">,
  id: string | null,
  now: EpochMs,
): Result<ClientKey | null, Refusal> {
  if (id === null) return ok(null);
  const key = keyOf(snapshot, id);
  if (key === null || (key.expiresAt !== null && now >= key.expiresAt))
    return err(refuse("invalid_api_key", "The API key is not known, or has expired."));
  const free = notTaken(state, key, now);
  if (!free.ok) return free;
  const role = permit(key, ["client", "admin"]);
  return role.ok ? ok(key) : role;
}

/** The key of an id; null for none. */
export const keyOf = (snapshot: Snapshot, id: string): ClientKey | null =>
  snapshot.auth.keys.find((key) => key.id === id) ?? null;
