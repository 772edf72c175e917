import type { LimitRule } from "../domain/limits.ts";
import type { Model, PoolMember, Price, Snapshot, Target, Timeouts } from "../domain/snapshot.ts";
import { fact, timeoutsOf } from "./facts.ts";
import { credentialId, endpointId, targetName, upstreamName } from "./identity.ts";

/** What a target is, whatever the time: the way to one upstream model, with everything the file says about it. */
export interface Path {
  readonly upstream: string;
  /** The name under which what is learned of the upstream model is kept. */
  readonly learnedName: string;
  readonly targetName: string;
  readonly timeouts: Timeouts;
  readonly price: Price | null;
  readonly context: number | null;
  /** Limits of the entry under `providers.x.models` that fits, by the name of its window. */
  readonly upstreamLimits: { readonly name: string; readonly rules: readonly LimitRule[] } | null;
  /** One for each credential; a single one with none where the provider needs none. */
  readonly doors: readonly Door[];
}

/** One credential's way in. */
export interface Door {
  readonly member: PoolMember | null;
  readonly endpointId: string;
  readonly credentialId: string;
}

/** A target object belongs to one model of one snapshot, so what is derived from it never changes. */
const known = new WeakMap<Target, Map<string, Path>>();
/** Patterns can name any number of upstream models. */
const mostRemembered = 1_000;

/** The path to `upstream` by a target of `model`; derived once. */
export function pathOf(snapshot: Snapshot, model: Model, target: Target, upstream: string): Path {
  const paths = known.get(target) ?? new Map<string, Path>();
  known.set(target, paths);
  const found = paths.get(upstream);
  if (found !== undefined) return found;
  const path = derive(snapshot, model, target, upstream);
  if (paths.size < mostRemembered) paths.set(upstream, path);
  return path;
}

function derive(snapshot: Snapshot, model: Model, target: Target, upstream: string): Path {
  const { provider } = target;
  const limited = fact(provider, upstream, "limits");
  const pool: readonly (PoolMember | null)[] = provider.pool.length === 0 ? [null] : provider.pool;
  return {
    upstream,
    learnedName: upstreamName(provider, upstream),
    targetName: targetName(model, target),
    timeouts: timeoutsOf(snapshot, model, target, upstream),
    price: fact(provider, upstream, "price")?.value ?? null,
    context: fact(provider, upstream, "context")?.value ?? null,
    upstreamLimits:
      limited === null ? null : { name: `${provider.name}/${limited.entry.model}`, rules: limited.value },
    doors: pool.map((member) => ({
      member,
      endpointId: endpointId(provider, member, upstream),
      credentialId: credentialId(provider, member),
    })),
  };
}
