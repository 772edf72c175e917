import type { EpochMs } from "../../core/units.ts";
import type { Refusal } from "../../domain/refusal.ts";
import type { ClientKey } from "../../domain/snapshot.ts";
import type { Tried } from "../../gateway/failover.ts";
import { addAnswered, addRefused, addRetry, type HeaderFields } from "../../gateway/response/headers.ts";
import { upstreamOf } from "../../gateway/story.ts";
import { lookUp } from "../../routing/resolve.ts";
import type { World } from "../world.ts";

/** The head of an answer as the gateway would write it now, but for the request's id and the generation. */
export function answeredHead(
  { snapshot, ledger, clock }: World,
  answer: {
    readonly key: ClientKey | null;
    readonly model: string | null;
    readonly tried: readonly Tried[];
    readonly warnings: readonly string[];
  },
): HeaderFields {
  const { key, model, tried, warnings } = answer;
  const headers: HeaderFields = {};
  const decision = tried.at(-1)?.decision;
  if (decision === undefined) return headers;
  const now = clock.now();
  const deprecations = lookUp(snapshot, model ?? snapshot.defaultModel ?? "")?.deprecations ?? [];
  const told = { key, decision, attempts: tried.length, warnings, deprecations, ...timesOf(tried, now) };
  addAnswered(headers, told, ledger, now);
  return headers;
}

/** The head of a refusal, likewise. */
export function refusedHead(
  { ledger, clock }: World,
  key: ClientKey | null,
  refusal: Refusal,
  tried: readonly Tried[],
): HeaderFields {
  const headers: HeaderFields = {};
  const now = clock.now();
  const last = tried.at(-1)?.decision ?? null;
  addRefused(headers, { key, last, attempts: tried.length, ...timesOf(tried, now) }, ledger, now);
  addRetry(headers, refusal);
  return headers;
}

/** Our own side takes no time here. */
const timesOf = (tried: readonly Tried[], now: EpochMs) => ({
  gatewayMs: 0,
  upstreamMs: upstreamOf({ tried }, now),
});
