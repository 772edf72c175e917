import { timingSafeEqual } from "node:crypto";
import { err, ok, type Result } from "../../core/result.ts";
import type { EpochMs } from "../../core/units.ts";
import { type Refusal, refuse } from "../../domain/refusal.ts";
import type { State } from "../../domain/route.ts";
import type { ClientKey, Role } from "../../domain/snapshot.ts";
import { sha256 } from "../../runtime/digest.ts";
import type { Keyring } from "./keyring.ts";

/** Who is calling, and may: a key of the file that nobody has taken away, or anyone where the file has none. */
export function authenticate(
  state: Pick<State, "disabled">,
  keyring: Keyring,
  headers: Headers,
  now: EpochMs,
): Result<ClientKey | null, Refusal> {
  const known = recognise(keyring, headers, now);
  if (!known.ok) return known;
  const free = notTaken(state, known.value, now);
  return free.ok ? known : free;
}

/** Who is calling: a key of the file, or anyone where the file has none. */
export function recognise(
  keyring: Keyring,
  headers: Headers,
  now: EpochMs,
): Result<ClientKey | null, Refusal> {
  if (keyring.open) return ok(null);
  const token = bearerOf(headers);
  if (token === null) {
    return err(refuse("invalid_api_key", 'No API key was given. Send it as "Authorization: Bearer …".'));
  }
  const key = keyring.find(token, now);
  return key === null ? err(refuse("invalid_api_key", "The API key is not known, or has expired.")) : ok(key);
}

/** Whether nobody has taken the key away by hand. */
export function notTaken(
  { disabled }: Pick<State, "disabled">,
  key: ClientKey | null,
  now: EpochMs,
): Result<null, Refusal> {
  const taken = key === null ? null : disabled({ kind: "key", name: key.id }, now);
  if (key === null || taken === null) return ok(null);
  return err(refuse("invalid_api_key", `The key "${key.id}" is disabled at the moment: ${taken.reason}`));
}

/** Whether the key's role is one of those that a route is for. */
export function permit(key: ClientKey | null, roles: readonly Role[]): Result<null, Refusal> {
  if (key === null || roles.includes(key.role)) return ok(null);
  return err(
    refuse(
      "role_not_allowed",
      `The key "${key.id}" has the role ${key.role}; this needs ${roles.join(" or ")}.`,
    ),
  );
}

/** The Bearer token; null when there is none, or when two headers were joined into one. */
export function bearerOf(headers: Headers): string | null {
  const matched = /^Bearer +([^\s,]+)$/i.exec(headers.get("authorization") ?? "");
  return matched?.[1] ?? null;
}

/** Whether two secrets are the same, in time that does not depend on where they differ. */
export const isSame = (a: string, b: string): boolean => timingSafeEqual(sha256(a), sha256(b));
