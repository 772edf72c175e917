import type { DurationMs, EpochMs } from "../core/units.ts";
import type { SetAside } from "../domain/route.ts";
import { probeLeaseMs } from "./breaker.ts";
import { covers, type Span } from "./span.ts";

/** After a 429 that does not say how long. */
export const limitedForMs: DurationMs = 30_000;
/** After a 401, 402 or 403; then one probe. */
export const refusedForMs: DurationMs = 600_000;

/** Why a credential is set aside. Plain data, replaced and never changed in place. */
export interface Cooldown {
  /** After a 429. */
  readonly limited: Span | null;
  /** After a 401, 402 or 403. Past its span it is half lifted: one probe decides. */
  readonly refused: (Span & { readonly fingerprint: string | null; readonly probe: Span | null }) | null;
}

/** In use. */
export const inUse: Cooldown = { limited: null, refused: null };

/**
 * Until when and why a credential is set aside; null when it is usable. `fingerprint` stands for its value now, in the
 * caller's own opaque form: another one than was refused lifts the refusal. Null: not known, taken for the same.
 */
export function setAsideAt(cooldown: Cooldown, fingerprint: string | null, now: EpochMs): SetAside | null {
  const { limited } = cooldown;
  const refusedUntil = refusalUntil(cooldown, fingerprint, now);
  const limitedUntil = limited !== null && covers(limited, now) ? limited.until : null;
  if (refusedUntil !== null) return { until: Math.max(refusedUntil, limitedUntil ?? 0), cause: "credential" };
  return limitedUntil === null ? null : { until: limitedUntil, cause: "rate_limited" };
}

/** After a 429: until what the provider asked for, or what it asked for earlier, whichever is later. */
export function afterLimited(cooldown: Cooldown, retryAfterMs: DurationMs | null, now: EpochMs): Cooldown {
  const until = now + (retryAfterMs ?? limitedForMs);
  const { limited } = cooldown;
  const later = limited !== null && covers(limited, now) && limited.until >= until;
  return { ...cooldown, limited: later ? limited : { since: now, until } };
}

/** After a 401, 402 or 403 that the value behind `fingerprint` got. */
export const afterRefused = (cooldown: Cooldown, fingerprint: string | null, now: EpochMs): Cooldown => ({
  ...cooldown,
  refused: { since: now, until: now + refusedForMs, fingerprint, probe: null },
});

/** After an attempt, begun at `startedAt`, that the provider let in with that value; one from before the refusal says nothing. */
export const afterAccepted = (
  cooldown: Cooldown,
  fingerprint: string | null,
  startedAt: EpochMs,
): Cooldown =>
  isAbout(cooldown, fingerprint) && cooldown.refused !== null && startedAt >= cooldown.refused.since
    ? { ...cooldown, refused: null }
    : cooldown;

/** Whether the next attempt is the one that decides about a refusal whose time is over. */
export const wantsProbe = (cooldown: Cooldown, fingerprint: string | null, now: EpochMs): boolean =>
  isAbout(cooldown, fingerprint) && refusalUntil(cooldown, fingerprint, now) === null;

/** With the probe under way. */
export const probing = (cooldown: Cooldown, now: EpochMs): Cooldown =>
  withProbe(cooldown, { since: now, until: now + probeLeaseMs });

/** With room for another probe, after the one begun at `startedAt` said nothing. */
export const unprobed = (cooldown: Cooldown, startedAt: EpochMs): Cooldown =>
  cooldown.refused?.probe?.since === startedAt ? withProbe(cooldown, null) : cooldown;

/** What of it a restart has to know: no probe outlives one. */
export const lasting = ({ limited, refused }: Cooldown, now: EpochMs): Cooldown => ({
  limited: limited !== null && covers(limited, now) ? limited : null,
  refused: refused === null ? null : { ...refused, probe: null },
});

const withProbe = (cooldown: Cooldown, probe: Span | null): Cooldown =>
  cooldown.refused === null ? cooldown : { ...cooldown, refused: { ...cooldown.refused, probe } };

const isAbout = ({ refused }: Cooldown, fingerprint: string | null): boolean =>
  refused !== null &&
  (refused.fingerprint === null || fingerprint === null || refused.fingerprint === fingerprint);

function refusalUntil(cooldown: Cooldown, fingerprint: string | null, now: EpochMs): EpochMs | null {
  const { refused } = cooldown;
  if (refused === null || !isAbout(cooldown, fingerprint)) return null;
  if (covers(refused, now)) return refused.until;
  return refused.probe !== null && covers(refused.probe, now) ? refused.probe.until : null;
}
