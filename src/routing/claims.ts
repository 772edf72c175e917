import { type Claim, type LimitRule, type LimitScope, limits } from "../domain/limits.ts";
import type { RouteRequest } from "../domain/route.ts";
import type { PoolMember, Target } from "../domain/snapshot.ts";
import type { Path } from "./path.ts";

/** What an attempt's size is measured by. */
export interface Size {
  /** Estimated with what was learned: what tpm reserves. */
  readonly tokens: number;
  /** bytes/4 + max_tokens, never learned: what tpr and `context` look at. */
  readonly ceiling: number;
}

/** What a client request takes from its key and its team, once, however many attempts follow. */
export function requestClaims({ key }: RouteRequest, size: Size): Claim[] {
  const claims: Claim[] = [];
  if (key === null) return claims;
  add(claims, "key", key.id, key.limits, size);
  if (key.team !== null) add(claims, "team", key.team.name, key.team.limits, size);
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

function add(
  claims: Claim[],
  scope: LimitScope,
  name: string,
  rules: readonly LimitRule[],
  size: Size,
): void {
  for (const rule of rules) {
    const { kind, unit } = limits[rule.limit];
    const amount = kind === "ceiling" ? size.ceiling : unit === "tokens" ? size.tokens : 1;
    claims.push({ scope, name, rule, amount });
  }
}
