import type { Fallbacks, Model, Snapshot, Target } from "../domain/snapshot.ts";
import { lookUp } from "../routing/resolve.ts";

/** What leads from a model to its fallbacks. */
export type Cause = keyof Fallbacks;

/** A target that can serve a model, by itself or by way of fallbacks. */
export interface Reached {
  readonly target: Target;
  /** The public model whose target it is. */
  readonly model: Model;
  /** The fallback of the first model that led here; null where the target is its own. */
  readonly by: { readonly cause: Cause; readonly index: number } | null;
}

/** Causes of every kind. */
export const everyCause: readonly Cause[] = ["any", "context_window", "content_policy"];

/** Every target that may serve a model, each once, nearest first; what the file disables is left out. */
export function reachOf(snapshot: Snapshot, model: Model, causes: readonly Cause[]): readonly Reached[] {
  const seen = new Set<string>([model.name]);
  const open: Pick<Reached, "model" | "by">[] = [{ model, by: null }];
  // Grows while it is walked: fallbacks of fallbacks count too.
  for (const { model: from, by } of open) {
    for (const { cause, index, name } of stepsOf(from, causes)) {
      const next = lookUp(snapshot, name)?.model;
      if (next === undefined || !next.enabled || seen.has(next.name)) continue;
      seen.add(next.name);
      open.push({ model: next, by: by ?? { cause, index } });
    }
  }
  return open.flatMap((each) =>
    each.model.targets
      .filter(({ enabled, provider }) => enabled && provider.enabled)
      .map((target) => ({ ...each, target })),
  );
}

const stepsOf = ({ fallbacks }: Model, causes: readonly Cause[]) =>
  causes.flatMap((cause) => fallbacks[cause].map((name, index) => ({ cause, index, name })));
