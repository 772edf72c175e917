import type { RouteRequest } from "../../domain/route.ts";
import { type SecretRef, showRef } from "../../domain/secret_ref.ts";
import { refsOf } from "../../domain/service.ts";
import type { Deprecation, Model, Price, Provider, Snapshot } from "../../domain/snapshot.ts";
import type { Local } from "../../local.ts";
import { type Aim, aimed, aimsAt, endpointFor } from "../../routing/aims.ts";
import { fact } from "../../routing/facts.ts";

/** One public model, in the shape of the JSON output. */
export interface Listing {
  readonly name: string;
  readonly strategy: Model["strategy"];
  readonly enabled: boolean;
  readonly visible: boolean;
  readonly deprecated: Retirement | null;
  /** Other models that answer when no target here can, whatever the cause. */
  readonly fallbacks: readonly string[];
  readonly targets: readonly TargetListing[];
}

/** One of its targets. */
export interface TargetListing {
  readonly provider: string;
  readonly kind: string;
  readonly model: string;
  /** Whether a request could go there, as far as can be told without one. */
  readonly ready: boolean;
  /** Why none can; null when it is ready. */
  readonly reason: string | null;
  /** Secrets that are not set, as the file refers to them. */
  readonly missing: readonly string[];
  /** USD per million tokens; null: the file does not say. */
  readonly price: Price | null;
  /** In tokens; null: the file does not say. */
  readonly context: number | null;
}

/** That a name is going away. */
export interface Retirement {
  readonly use: string | null;
  /** RFC 3339, UTC. */
  readonly after: string | null;
}

/** What there is to know of a model. */
export function listingOf(model: Model, local: Local): Listing {
  const { name, strategy, enabled, visible, fallbacks } = model;
  const node = { model, capture: null, via: [], deprecations: [] };
  return {
    name,
    strategy,
    enabled,
    visible,
    deprecated: retirementOf(model.deprecated),
    fallbacks: [...new Set([...fallbacks.any, ...fallbacks.context_window, ...fallbacks.content_policy])],
    targets: aimsAt(node).map((aim) => targetOf(aim, local)),
  };
}

function targetOf(aim: Aim, local: Local): TargetListing {
  const { target, upstream } = aim;
  const { provider } = target;
  const missing = missingOf(provider, local);
  const reason = reasonAgainst(aim, missing, local);
  return {
    provider: provider.name,
    kind: provider.kind,
    model: upstream,
    ready: reason === null,
    reason,
    missing: [...missing.anyOf, ...missing.allOf],
    price: fact(provider, upstream, "price")?.value ?? null,
    context: fact(provider, upstream, "context")?.value ?? null,
  };
}

/** What the plan has against the smallest request there is. */
function reasonAgainst(aim: Aim, missing: Missing, { snapshot, gateway }: Local): string | null {
  const arrivedAt = gateway.wire.clock.now();
  const smallest: RouteRequest = {
    ...{ model: aim.node.model.name, endpoint: endpointFor(aim.node), stream: false, key: null },
    ...{ textBytes: 1, maxTokens: 1, n: 1, chance: 0, stickyChance: { key: 0, user: 0 }, arrivedAt },
  };
  const decision = aimed(snapshot, smallest, aim, gateway.state, arrivedAt);
  const objection = decision.kind === "miss" ? decision.objections[0] : undefined;
  if (objection !== undefined && objection.code !== "not_configured") return objection.says;
  const needs = [missing.anyOf.join(" or "), ...missing.allOf].filter((one) => one !== "");
  return needs.length > 0 ? `needs ${needs.join(" and ")}` : (objection?.says ?? null);
}

/** Secrets that are not set: one of `anyOf`, a pool, and each of `allOf`, a login, would have to be. */
interface Missing {
  readonly anyOf: readonly string[];
  readonly allOf: readonly string[];
}

function missingOf({ pool, service }: Provider, { vault, gateway }: Local): Missing {
  const now = gateway.wire.clock.now();
  const unset = (refs: readonly SecretRef[]) =>
    refs.filter((ref) => vault.look(ref, now).kind !== "set").map(showRef);
  const members = unset(pool.map(({ ref }) => ref));
  return {
    anyOf: members.length < pool.length ? [] : members,
    allOf: service?.login == null ? [] : unset(refsOf(service.login)),
  };
}

/** The other names that clients may use. */
export const namesIn = ({ aliases, auto, defaultModel }: Snapshot) => ({
  aliases: [...aliases.values()].map(({ name, to, deprecated }) => ({
    name,
    to,
    deprecated: retirementOf(deprecated),
  })),
  auto: auto === null ? null : { models: auto.models, strategy: auto.strategy },
  default_model: defaultModel,
});

/** A deprecation as it is shown. */
export const retirementOf = (deprecated: Deprecation | null): Retirement | null =>
  deprecated && {
    use: deprecated.use,
    after: deprecated.after === null ? null : new Date(deprecated.after).toISOString(),
  };
