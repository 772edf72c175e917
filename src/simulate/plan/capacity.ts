import { reachOf } from "../../config/reach.ts";
import { type LimitName, type LimitRule, limitNames, limits } from "../../domain/limits.ts";
import type { Model, Provider, Snapshot, Target } from "../../domain/snapshot.ts";
import { fact } from "../../routing/facts.ts";

/** How much a model can take under each limit; null: no limit holds it. */
export type Capacity = Readonly<Record<LimitName, number | null>>;

/** A model's capacity in two configurations; null where clients cannot ask for it. */
export interface CapacityChange {
  readonly model: string;
  readonly before: Capacity | null;
  readonly after: Capacity | null;
}

/** Every public model of either configuration, patterns as they are written. */
export function capacities(base: Snapshot, head: Snapshot): readonly CapacityChange[] {
  const [before, after] = [byModel(base), byModel(head)];
  return [...new Set([...before.keys(), ...after.keys()])].map((model) => ({
    model,
    before: before.get(model) ?? null,
    after: after.get(model) ?? null,
  }));
}

const byModel = (snapshot: Snapshot): ReadonlyMap<string, Capacity> =>
  new Map(
    [...snapshot.models.values(), ...snapshot.patterns]
      .filter(({ enabled }) => enabled)
      .map((model) => [model.name, capacityOf(snapshot, model)]),
  );

/**
 * The sum of the limits on the way to every target that a model reaches, its fallbacks included, each shared window once.
 * `tpr` is the largest request that fits. Keys' and teams' limits hold clients, not models, and are left out.
 */
export function capacityOf(snapshot: Snapshot, model: Model): Capacity {
  const targets = reachOf(snapshot, model, ["any"]).map(({ target }) => target);
  const providers = groupBy(targets, ({ provider }) => provider);
  return Object.fromEntries(
    limitNames.map((limit) => {
      const room = join(
        limit,
        [...providers].map(([provider, its]) => roomAt(limit, provider, its)),
      );
      return [limit, Number.isFinite(room) ? room : null];
    }),
  ) as Record<LimitName, number | null>;
}

/** Everything at one provider: its own limit, that of all its credentials together, and those on the way to its models. */
function roomAt(limit: LimitName, provider: Provider, targets: readonly Target[]): number {
  const entries = groupBy(targets, ({ model }) => fact(provider, model, "limits")?.entry ?? null);
  const below = [...entries].map(([entry, its]) =>
    Math.min(
      of(limit, entry?.limits ?? []),
      join(
        limit,
        its.map((target) => of(limit, target.limits)),
      ),
    ),
  );
  const pool = provider.pool.map((member) => of(limit, member.limits));
  const credentials = pool.length === 0 ? Number.POSITIVE_INFINITY : join(limit, pool);
  return Math.min(of(limit, provider.limits), credentials, join(limit, below));
}

/** Rooms beside each other: for what one request may take they are no more than the largest. */
const join = (limit: LimitName, rooms: readonly number[]): number =>
  limits[limit].kind === "ceiling" ? Math.max(0, ...rooms) : rooms.reduce((sum, room) => sum + room, 0);

const of = (limit: LimitName, rules: readonly LimitRule[]): number =>
  rules.find((rule) => rule.limit === limit)?.of ?? Number.POSITIVE_INFINITY;

function groupBy<T, K>(items: readonly T[], keyOf: (item: T) => K): ReadonlyMap<K, readonly T[]> {
  const groups = new Map<K, T[]>();
  for (const item of items) {
    const group = groups.get(keyOf(item));
    if (group === undefined) groups.set(keyOf(item), [item]);
    else group.push(item);
  }
  return groups;
}
