import { builtInPolicy } from "../config/compile/policies.ts";
import type { Position } from "../domain/position.ts";
import type { FailoverPolicy, Model, Snapshot } from "../domain/snapshot.ts";
import { lookUp } from "../routing/resolve.ts";
import { withModel, withoutAlias, withPolicy } from "./mutants/edit.ts";
import { ownedRules } from "./mutants/limits.ts";
import { isOn, modelsIn, targetIn } from "./mutants/mutant.ts";
import type { Reach } from "./reach.ts";

/** One rule of a routing file that its tests can assert on. */
export interface Part {
  readonly kind: "model" | "target" | "fallback" | "alias" | "limit" | "policy";
  /** As in `target openai/gpt-4o of chat`. */
  readonly name: string;
  readonly at: Position;
  /** The configuration without it. */
  readonly without: () => Snapshot;
  readonly touches: (reach: Reach) => boolean;
  /** Why no case can ever meet it; null: one can. */
  readonly shadow: string | null;
}

/** Every rule of the file that coverage counts, kind by kind. */
export const partsOf = (snapshot: Snapshot): readonly Part[] => {
  const models = modelsIn(snapshot);
  return [
    ...models.map((model) => modelPart(snapshot, model)),
    ...models.flatMap((model) => targetParts(snapshot, model)),
    ...models.flatMap((model) => fallbackParts(snapshot, model)),
    ...aliasParts(snapshot),
    ...limitParts(snapshot),
    ...policyParts(snapshot, models),
  ];
};

const modelPart = (snapshot: Snapshot, model: Model): Part => ({
  kind: "model",
  name: `model ${model.name}`,
  at: model.at,
  without: () => withModel(snapshot, model.name, () => null),
  touches: ({ models }) => models.has(model.name),
  shadow: !model.enabled ? "it is switched off" : isLost(snapshot, model) ? "nothing leads to it" : null,
});

/** Hidden, and nobody's fallback. */
const isLost = (snapshot: Snapshot, model: Model): boolean =>
  !model.visible &&
  !modelsIn(snapshot).some((other) =>
    fallbacksOf(other).some(({ to }) => lookUp(snapshot, to)?.model === model),
  );

const targetParts = (snapshot: Snapshot, model: Model): readonly Part[] =>
  model.targets.map((target) => ({
    kind: "target",
    name: `target ${targetIn(target)} of ${model.name}`,
    at: target.at,
    without: () =>
      withModel(snapshot, model.name, (before) => ({
        ...before,
        targets: before.targets.filter((each) => each !== target),
      })),
    touches: ({ models }) => models.has(model.name),
    shadow: model.enabled && isOn(target) ? null : "it is switched off",
  }));

/** Every fallback with the cause that leads to it. */
export const fallbacksOf = ({ fallbacks }: Model) =>
  (["any", "context_window", "content_policy"] as const).flatMap((cause) =>
    fallbacks[cause].map((to) => ({ cause, to })),
  );

const fallbackParts = (snapshot: Snapshot, model: Model): readonly Part[] =>
  fallbacksOf(model).map(({ cause, to }) => ({
    kind: "fallback",
    name: `fallback ${to} of ${model.name}${cause === "any" ? "" : ` (${cause})`}`,
    at: snapshot.lines.of(model.fallbacks[cause], model.fallbacks[cause].indexOf(to)) ?? model.at,
    without: () =>
      withModel(snapshot, model.name, (before) => ({
        ...before,
        fallbacks: { ...before.fallbacks, [cause]: before.fallbacks[cause].filter((name) => name !== to) },
      })),
    touches: ({ models }) => models.has(model.name),
    shadow: model.enabled && lookUp(snapshot, to)?.model.enabled === true ? null : "it is switched off",
  }));

const aliasParts = (snapshot: Snapshot): readonly Part[] =>
  [...snapshot.aliases.values()].map(({ name, at }) => ({
    kind: "alias",
    name: `alias ${name}`,
    at,
    without: () => withoutAlias(snapshot, name),
    touches: ({ aliases }) => aliases.has(name),
    shadow: null,
  }));

const limitParts = (snapshot: Snapshot): readonly Part[] =>
  ownedRules(snapshot).map(({ owner, rule, replaced, touches, shadow }) => ({
    kind: "limit",
    name: `${rule.limit} ${rule.of} of ${owner}`,
    at: rule.at,
    without: () => replaced(null),
    touches,
    shadow,
  }));

/** Without a policy nothing is tried twice: whoever expects that more is done notices. */
const policyParts = (snapshot: Snapshot, models: readonly Model[]): readonly Part[] => {
  const used = new Map<string, Model[]>();
  for (const model of models) {
    const { name } = model.failover;
    if (name !== builtInPolicy.name) used.set(name, [...(used.get(name) ?? []), model]);
  }
  return [...used].map(([name, followers]) => ({
    kind: "policy",
    name: `policy ${name}`,
    at: policyAt(snapshot, followers),
    without: () =>
      withPolicy(
        snapshot,
        name,
        (policy): FailoverPolicy => ({ ...policy, on: [], maxAttempts: 1, retries: 0 }),
      ),
    touches: ({ asked }) => followers.some((model) => asked.has(model.name)),
    shadow: followers.some(({ enabled, visible }) => enabled && visible)
      ? null
      : "no model that is asked follows it",
  }));
};

/** The first line of a policy; one that says nothing of its own is found where it is followed. */
function policyAt({ lines }: Snapshot, followers: readonly Model[]): Position {
  const [model] = followers;
  const fields = ["on", "max_attempts", "retries", "backoff", "deadline", "breaker"];
  const written = fields.flatMap((field) =>
    model === undefined ? [] : (lines.of(model.failover, field) ?? []),
  );
  const first = written.toSorted((a, b) => a.line - b.line || a.column - b.column)[0];
  return first ?? model?.at ?? nowhere;
}

const nowhere: Position = { file: "routes.yaml", line: 1, column: 1 };
