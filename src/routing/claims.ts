import { type Claim, type LimitRule, type LimitScope, limits } from "../domain/limits.ts";
import type { RouteRequest } from "../domain/route.ts";
import type { Model, PoolMember, Target } from "../domain/snapshot.ts";
import { ceilingTokens } from "../limits/estimate.ts";
import { fact } from "./facts.ts";
import { targetName } from "./identity.ts";

/** What an attempt's size is measured by. */
export interface Size {
  /** Estimated with what was learned: what tpm reserves. */
  readonly tokens: number;
  /** bytes/4 + max_tokens, never learned: what tpr and `context` look at. */
  readonly ceiling: number;
}

/** The size that no learned figure touches. */
export const ceilingOf = (request: RouteRequest, maxTokens: number | null): number =>
  ceilingTokens({
    textBytes: request.textBytes,
    maxTokens: request.endpoint === "embeddings" ? 0 : maxTokens,
    n: request.n,
  });

/** What a client request takes from its key and its team, once, however many attempts follow. */
export function requestClaims(request: RouteRequest, size: Size): readonly Claim[] {
  if (request.key === null) return [];
  const { team } = request.key;
  return [
    ...claim("key", request.key.id, request.key.limits, size),
    ...(team === null ? [] : claim("team", team.name, team.limits, size)),
  ];
}

/** What one attempt takes on its path: provider, upstream model, target. */
export function pathClaims(model: Model, target: Target, upstream: string, size: Size): readonly Claim[] {
  const { provider } = target;
  const known = fact(provider, upstream, "limits");
  return [
    ...claim("provider", provider.name, provider.limits, size),
    ...(known === null
      ? []
      : claim("upstream_model", `${provider.name}/${known.entry.model}`, known.value, size)),
    ...claim("target", targetName(model, target), target.limits, size),
  ];
}

/** What one attempt takes from a credential. */
export const memberClaims = (target: Target, member: PoolMember | null, size: Size): readonly Claim[] =>
  member === null ? [] : claim("api_key", `${target.provider.name}/${member.id}`, member.limits, size);

function claim(scope: LimitScope, name: string, rules: readonly LimitRule[], size: Size): readonly Claim[] {
  return rules.map((rule) => {
    const { kind, unit } = limits[rule.limit];
    return {
      scope,
      name,
      rule,
      amount: kind === "ceiling" ? size.ceiling : unit === "tokens" ? size.tokens : 1,
    };
  });
}
