import type { DraftModel, DraftTarget, JsonObject } from "../draft.ts";
import { atMostMinute, figureOf } from "../limits.ts";
import type { Scope } from "../scope.ts";

/** Puts the targets of a model in order, and makes one of two that go to the same place. */
export function settleTargets(name: string, model: DraftModel, scope: Scope): void {
  const { notes } = scope;
  const places = new Map<string, DraftTarget>();
  for (const target of model.targets) {
    const key = `${target.provider} ${target.model}`;
    const before = places.get(key);
    if (before !== undefined)
      notes.approximated(
        target.at,
        `models.${name}: there is a target at ${target.provider}/${target.model} already, which takes its weight and limits too`,
      );
    places.set(key, before === undefined ? target : joined(before, target));
  }
  const targets = [...places.values()];
  const hasOrder = targets.some(({ order }) => order !== null);
  const weighs = targets.some(({ weight }) => weight !== null && weight > 0);
  const inOrder = hasOrder
    ? targets.toSorted((a, b) => (a.order ?? Number.MAX_SAFE_INTEGER) - (b.order ?? Number.MAX_SAFE_INTEGER))
    : targets;
  // Weights of zero in sum mean nothing, and are a mistake.
  model.targets.splice(
    0,
    model.targets.length,
    ...inOrder.map((target) => (weighs ? target : { ...target, weight: null })),
  );
  if (hasOrder) model.strategy = "priority";
  else if (weighs && targets.length > 1 && model.strategy === null) model.strategy = "weighted";
}

/** Two that go to the same place share what both may. */
function joined(a: DraftTarget, b: DraftTarget): DraftTarget {
  return {
    ...a,
    weight: a.weight === null && b.weight === null ? null : (a.weight ?? 1) + (b.weight ?? 1),
    enabled: a.enabled || b.enabled,
    limits: atMostMinute(sum(a.limits, b.limits)),
    defaults: { ...b.defaults, ...a.defaults },
    timeouts: { ...b.timeouts, ...a.timeouts },
  };
}

function sum(a: JsonObject, b: JsonObject): JsonObject {
  // A limit that only one of the two has is none of both together.
  const shared = Object.keys(a).filter((limit) => Object.hasOwn(b, limit));
  return Object.fromEntries(
    shared.map((limit) => {
      const [x, y] = [figureOf(a[limit]), figureOf(b[limit])];
      return [limit, limit === "tpr" ? Math.max(x, y) : x + y];
    }),
  );
}
