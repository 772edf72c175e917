import type { Usd } from "../core/units.ts";
import { type Claim, counted, type LimitScope, type Rule } from "../domain/limits.ts";
import type { RouteRequest } from "../domain/route.ts";
import type { PoolMember, Target } from "../domain/snapshot.ts";
import type { Path } from "./path.ts";

/** What an attempt's size is measured by. */
export interface Size {
  /** Estimated with what was learned: what tpm reserves. */
  readonly tokens: number;
  /** bytes/4 + max_tokens, never learned: what tpr and `context` look at. */
  readonly ceiling: number;
  /** What it may cost: what budgets reserve. 0 where nobody has a budget, or the price is not known. */
  readonly usd: Usd;
}

/** What a client request takes from its key and its team, once, however many attempts follow. */
export function requestClaims({ key }: RouteRequest, size: Size): Claim[] {
  const claims: Claim[] = [];
  if (key === null) return claims;
  add(claims, "key", key.id, key.limits, size);
  add(claims, "key", key.id, key.budgets, size);
  if (key.team === null) return claims;
  add(claims, "team", key.team.name, key.team.limits, size);
  add(claims, "team", key.team.name, key.team.budgets, size);
  return claims;
}

/** What one attempt takes on its path: provider, upstream model, target. */
export function pathClaims({ provider, limits: own }: Target, path: Path, size: Size): Claim[] {
  const claims: Claim[] = [];
  add(claims, "provider", provider.name, provider.limits, size);
  if (path.upstreamLimits !== null) {
    add(claims, "upstream_model", path.upstreamLimits.name, path.upstreamLimits.rules, size);
  }
  add(claims, "target", path.targetName, own, size);
  return claims;
}

/** What one attempt takes from a credential. */
export function memberClaims({ provider }: Target, member: PoolMember | null, size: Size): Claim[] {
  const claims: Claim[] = [];
  if (member !== null && member.limits.length > 0) {
    add(claims, "api_key", `${provider.name}/${member.id}`, member.limits, size);
  }
  return claims;
}

function add(claims: Claim[], scope: LimitScope, name: string, rules: readonly Rule[], size: Size): void {
  for (const rule of rules) {
    claims.push({ scope, name, rule, amount: amountOf(rule, size) });
  }
}

function amountOf({ limit }: Rule, size: Size): number {
  const { kind, unit } = counted[limit];
  if (kind === "ceiling") return size.ceiling;
  return unit === "tokens" ? size.tokens : unit === "usd" ? size.usd : 1;
}
