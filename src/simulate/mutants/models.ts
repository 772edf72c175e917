import type { Model, Snapshot, Target } from "../../domain/snapshot.ts";
import { lookUp } from "../../routing/resolve.ts";
import { withModel } from "./edit.ts";
import { isOn, lineOf, type Mutant, modelsIn, targetIn } from "./mutant.ts";

/** Targets taken away, put in another order or switched on; strategies, weights and fallbacks changed. */
export const modelMutants = (snapshot: Snapshot): readonly Mutant[] =>
  modelsIn(snapshot).flatMap((model) => [
    ...switchedOn(snapshot, model),
    ...(model.enabled
      ? [...ofTargets(snapshot, model), ...ofStrategy(snapshot, model), ...ofFallbacks(snapshot, model)]
      : []),
  ]);

/** One model with something else in it. */
const changed = (
  snapshot: Snapshot,
  { name }: Model,
  rest: Pick<Mutant, "at" | "says"> & { readonly to: Partial<Model> },
): Mutant => ({
  at: rest.at,
  says: rest.says,
  make: () => withModel(snapshot, name, (before) => ({ ...before, ...rest.to })),
  touches: ({ models }) => models.has(name),
});

function switchedOn(snapshot: Snapshot, model: Model): readonly Mutant[] {
  const { name, targets, enabled, visible, deprecated } = model;
  const on = (key: string, to: Partial<Model>, says: string) =>
    changed(snapshot, model, { at: lineOf(snapshot, model, key, model.at), says, to });
  return [
    ...(enabled ? [] : [on("enabled", { enabled: true }, `${name} switched on`)]),
    ...(visible ? [] : [on("visible", { visible: true }, `${name} visible`)]),
    ...(deprecated?.after == null
      ? []
      : [on("deprecated", { deprecated: { ...deprecated, after: null } }, `${name} without its last day`)]),
    ...targets
      .filter((target) => !target.enabled && target.provider.enabled && enabled)
      .map((target) =>
        changed(snapshot, model, {
          at: target.at,
          says: `${name} with its target ${targetIn(target)} switched on`,
          to: { targets: targets.map((each) => (each === target ? { ...each, enabled: true } : each)) },
        }),
      ),
  ];
}

function ofTargets(snapshot: Snapshot, model: Model): readonly Mutant[] {
  const { name, targets, strategy } = model;
  const used = targets.filter(isOn);
  const dropped = used.map((target) =>
    changed(snapshot, model, {
      at: target.at,
      says: `${name} without its target ${targetIn(target)}`,
      to: { targets: targets.filter((each) => each !== target) },
    }),
  );
  // Elsewhere the order decides ties at most.
  if (strategy !== "priority" && strategy !== "headroom") return dropped;
  const swapped = used.slice(1).map((target, index) => {
    const before = used[index] ?? target;
    return changed(snapshot, model, {
      at: target.at,
      says: `${name} with its target ${targetIn(target)} before ${targetIn(before)}`,
      to: { targets: exchanged(targets, before, target) },
    });
  });
  return [...dropped, ...swapped];
}

const exchanged = <T>(items: readonly T[], a: T, b: T): readonly T[] =>
  items.map((item) => (item === a ? b : item === b ? a : item));

function ofStrategy(snapshot: Snapshot, model: Model): readonly Mutant[] {
  const { name, strategy, stickTo, targets } = model;
  if (strategy === "priority" || targets.filter(isOn).length < 2) return [];
  const at = lineOf(snapshot, model, "strategy", model.at);
  const mutants = [
    changed(snapshot, model, {
      at,
      says: `${name} by priority instead of ${strategy}`,
      to: { strategy: "priority" },
    }),
  ];
  if (strategy !== "weighted") return mutants;
  if (stickTo !== "request") {
    const says = `${name} sticking to nothing instead of the ${stickTo}`;
    mutants.push(
      changed(snapshot, model, {
        at: lineOf(snapshot, model, "stick_to", model.at),
        says,
        to: { stickTo: "request" },
      }),
    );
  }
  return [...mutants, ...targets.filter(isOn).map((target) => reweighted(snapshot, model, target))];
}

function reweighted(snapshot: Snapshot, model: Model, target: Target): Mutant {
  const { weight } = target;
  const to = weight === 0 ? 1 : 0;
  return changed(snapshot, model, {
    at: lineOf(snapshot, target, "weight", target.at),
    says: `${model.name} with weight ${to} instead of ${weight} for ${targetIn(target)}`,
    to: { targets: model.targets.map((each) => (each === target ? { ...each, weight: to } : each)) },
  });
}

function ofFallbacks(snapshot: Snapshot, model: Model): readonly Mutant[] {
  const { name, fallbacks } = model;
  return (["any", "context_window", "content_policy"] as const).flatMap((cause) => {
    const list = fallbacks[cause].filter((each) => leadsOn(snapshot, each));
    const atOf = (fallback: string) =>
      lineOf(snapshot, fallbacks[cause], fallbacks[cause].indexOf(fallback), model.at);
    const because = cause === "any" ? "" : ` for ${cause}`;
    const dropped = list.map((fallback) =>
      changed(snapshot, model, {
        at: atOf(fallback),
        says: `${name} without its fallback ${fallback}${because}`,
        to: { fallbacks: { ...fallbacks, [cause]: fallbacks[cause].filter((each) => each !== fallback) } },
      }),
    );
    const swapped = list.slice(1).map((fallback, index) => {
      const before = list[index] ?? fallback;
      return changed(snapshot, model, {
        at: atOf(fallback),
        says: `${name} with its fallback ${fallback} before ${before}${because}`,
        to: { fallbacks: { ...fallbacks, [cause]: exchanged(fallbacks[cause], before, fallback) } },
      });
    });
    return [...dropped, ...swapped];
  });
}

const leadsOn = (snapshot: Snapshot, name: string): boolean => lookUp(snapshot, name)?.model.enabled === true;
