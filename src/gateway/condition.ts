import type { EpochMs } from "../core/units.ts";
import { type Claim, type LimitName, limits } from "../domain/limits.ts";
import type { State } from "../domain/route.ts";
import type { PoolMember, Provider, Snapshot } from "../domain/snapshot.ts";
import type { Ledger } from "../limits/ledger.ts";
import type { EndpointHealth, Health } from "../resilience/health.ts";
import { credentialId, secretsOf } from "../routing/identity.ts";

/** How a provider is doing, for /health and /metrics. Never a secret. */
export interface Condition {
  readonly provider: string;
  /** It could serve a request now. */
  readonly healthy: boolean;
  /** Of its endpoints together: open when all that were used are, half open when none is closed. */
  readonly circuit: "closed" | "open" | "half_open";
  /** Why it is not healthy; null when it is. */
  readonly reason: "disabled" | "not_configured" | "set_aside" | "circuit_open" | null;
  readonly limits: readonly { readonly limit: LimitName; readonly used: number; readonly of: number }[];
}

/** How every provider of the file is doing. */
export function conditions(
  snapshot: Snapshot,
  state: State,
  health: Health,
  ledger: Ledger,
  now: EpochMs,
): readonly Condition[] {
  const endpoints = health.list(now);
  return [...snapshot.providers.values()].map((provider) => {
    const circuit = circuitOf(endpoints.filter((endpoint) => endpoint.provider === provider.name));
    const reason = reasonOf(provider, circuit, state, now);
    return {
      provider: provider.name,
      healthy: reason === null,
      circuit,
      reason,
      limits: limitsOf(provider, ledger, now),
    };
  });
}

function reasonOf(
  provider: Provider,
  circuit: Condition["circuit"],
  state: State,
  now: EpochMs,
): Condition["reason"] {
  if (!provider.enabled || state.disabled({ kind: "provider", name: provider.name }, now) !== null)
    return "disabled";
  const pool: readonly (PoolMember | null)[] = provider.pool.length === 0 ? [null] : provider.pool;
  const set = pool.filter((member) => secretsOf(provider, member).every((ref) => state.isSet(ref)));
  if (set.length === 0) return "not_configured";
  if (set.every((member) => state.setAside(credentialId(provider, member), member, now) !== null))
    return "set_aside";
  return circuit === "open" ? "circuit_open" : null;
}

function circuitOf(endpoints: readonly EndpointHealth[]): Condition["circuit"] {
  if (endpoints.length === 0 || endpoints.some(({ circuit }) => circuit === "closed")) return "closed";
  return endpoints.every(({ circuit }) => circuit === "open") ? "open" : "half_open";
}

function limitsOf(provider: Provider, ledger: Ledger, now: EpochMs): Condition["limits"] {
  return provider.limits
    .filter(({ limit }) => limits[limit].kind !== "ceiling")
    .map((rule) => {
      const claim: Pick<Claim, "scope" | "name" | "rule"> = { scope: "provider", name: provider.name, rule };
      return { limit: rule.limit, used: ledger.used(claim, now), of: rule.of };
    });
}
