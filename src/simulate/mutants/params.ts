import type { Endpoint } from "../../domain/endpoint.ts";
import type { Position } from "../../domain/position.ts";
import type { Model, Params, Snapshot, Target } from "../../domain/snapshot.ts";
import { effectiveParams } from "../../routing/params.ts";
import { nameOf } from "../names.ts";
import { modelsFrom } from "../reach.ts";
import { endpointOf } from "../scenario/ask.ts";
import { withModel, withProvider } from "./edit.ts";
import { lineOf, type Mutant, modelsIn, targetIn } from "./mutant.ts";

/** Defaults and overrides taken away, bounds doubled; only where that can make a difference to some request. */
export const paramMutants = (snapshot: Snapshot): readonly Mutant[] => [
  ...[...snapshot.providers.values()].flatMap((provider) => {
    const { name, defaults, overrides, at } = provider;
    const touches: Mutant["touches"] = ({ providers }) => providers.has(name);
    const change = (to: Partial<typeof provider>) =>
      withProvider(snapshot, name, (before) => ({ ...before, ...to }));
    return [
      ...fields(snapshot, `provider ${name}`, "default", defaults, at, touches, (to) =>
        change({ defaults: to }),
      ),
      ...fields(snapshot, `provider ${name}`, "override", overrides, at, touches, (to) =>
        change({ overrides: to }),
      ),
    ];
  }),
  ...modelsIn(snapshot).flatMap((model) => ofModel(snapshot, model)),
];

function ofModel(snapshot: Snapshot, model: Model): readonly Mutant[] {
  const { name, defaults, overrides, max, targets, at } = model;
  const touches: Mutant["touches"] = ({ models }) => models.has(name);
  const change = (to: Partial<Model>) => withModel(snapshot, name, (before) => ({ ...before, ...to }));
  const inTarget = (target: Target, to: Params) =>
    change({ targets: targets.map((each) => (each === target ? { ...each, defaults: to } : each)) });
  return [
    ...fields(snapshot, name, "default", defaults, at, touches, (to) => change({ defaults: to })),
    ...fields(snapshot, name, "override", overrides, at, touches, (to) => change({ overrides: to })),
    ...targets.flatMap((target) =>
      fields(
        snapshot,
        `${name} at ${targetIn(target)}`,
        "default",
        target.defaults,
        target.at,
        touches,
        (to) => inTarget(target, to),
      ),
    ),
    ...Object.entries(max).flatMap(([field, most]) => {
      const changed = change({ max: { ...max, [field]: most * 2 } });
      if (!differs(snapshot, changed, { [field]: most * 2 })) return [];
      const says = `${name} with a max ${field} of ${most * 2} instead of ${most}`;
      return [{ at: lineOf(snapshot, max, field, at), says, make: () => changed, touches }];
    }),
  ];
}

/** One mutant for each field without which somebody would be asked something else. */
function fields(
  snapshot: Snapshot,
  owner: string,
  kind: "default" | "override",
  params: Params,
  otherwise: Position,
  touches: Mutant["touches"],
  change: (to: Params) => Snapshot,
): readonly Mutant[] {
  return Object.keys(params).flatMap((field) => {
    const { [field]: value, ...rest } = params;
    const changed = change(rest);
    const other = typeof value === "number" ? value + 1 : typeof value === "boolean" ? !value : "another";
    if (!differs(snapshot, changed, {}) && !differs(snapshot, changed, { [field]: other })) return [];
    const says = `${owner} without its ${kind} ${field}`;
    return [{ at: lineOf(snapshot, params, field, otherwise), says, make: () => changed, touches }];
  });
}

/** Whether any target that a client can reach is asked something else for the same request. */
function differs(before: Snapshot, after: Snapshot, request: Params): boolean {
  const [old, young] = [waysOf(before), waysOf(after)];
  return old.some((way, index) => {
    const other = young[index];
    // What is the same thing is asked the same.
    const isOther = other === undefined || way.some((each, at) => each !== other[at]);
    return isOther && (other === undefined || asked(way, request) !== asked(other, request));
  });
}

type Way = readonly [asked: Model, serving: Model, target: Target, endpoint: Endpoint];

const waysOf = (snapshot: Snapshot): readonly Way[] =>
  modelsIn(snapshot)
    .filter(({ enabled, visible }) => enabled && visible)
    .flatMap((model) => {
      const endpoint = endpointOf(snapshot, nameOf(snapshot, model));
      return [...modelsFrom(snapshot, [model])].flatMap((serving) =>
        serving.targets.map((target): Way => [model, serving, target, endpoint]),
      );
    });

function asked([model, serving, target, endpoint]: Way, request: Params): string {
  const { params } = effectiveParams(model, serving, target, request, endpoint);
  return JSON.stringify(Object.entries(params).toSorted(([a], [b]) => (a < b ? -1 : 1)));
}
