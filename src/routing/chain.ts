import type { FailedAttempt } from "../domain/route.ts";
import type { Model } from "../domain/snapshot.ts";
import type { Candidate } from "./candidates.ts";
import { lookUp, type Named } from "./resolve.ts";
import type { Scene } from "./scene.ts";

/** What a visit of one model found: something to stop at, or what keeps its targets from serving. */
export interface Visit<T> {
  readonly found: T | null;
  readonly candidates: readonly Candidate[];
}

/**
 * Walks the model asked for and its fallbacks, theirs too, each once, until `visit` finds something. A model whose last
 * attempt failed for its context window or content policy is left by that cause's list at once.
 */
export function walk<T>(scene: Scene, start: readonly Named[], visit: (node: Named) => Visit<T>): T | null {
  const seen = new Set<string>();
  const from = (node: Named): T | null => {
    if (seen.has(node.model.name)) return null;
    seen.add(node.model.name);
    const seenHere = causeAt(scene.history, node.model.name) === null ? visit(node) : null;
    if (seenHere?.found != null) return seenHere.found;
    for (const name of nextNames(scene, node.model, seenHere?.candidates ?? [])) {
      const next = lookUp(scene.snapshot, name);
      if (next === null || !isThere(scene, next)) continue;
      const found = from(next);
      if (found !== null) return found;
    }
    return null;
  };
  for (const node of start) {
    const found = from(node);
    if (found !== null) return found;
  }
  return null;
}

/** A model that is disabled, in the file or by people, is skipped as a fallback. */
export const isThere = (scene: Pick<Scene, "state" | "now">, node: Named): boolean =>
  node.model.enabled && scene.state.disabled({ kind: "model", name: node.model.name }, scene.now) === null;

function causeAt(
  history: readonly FailedAttempt[],
  model: string,
): "context_window" | "content_policy" | null {
  const last = history.findLast((attempt) => attempt.try.serving.name === model)?.failure.kind;
  return last === "context_window" || last === "content_policy" ? last : null;
}

/** The fallbacks of a model, in order, for what became of it: a failed attempt, or no target that could serve. */
export function nextNames(
  { history }: Pick<Scene, "history">,
  { name, fallbacks }: Model,
  candidates: readonly Candidate[],
): readonly string[] {
  const cause = causeAt(history, name);
  if (cause !== null) return fallbacks[cause];
  const tooSmall = candidates.length > 0 && candidates.every(onlyContext);
  return tooSmall ? [...fallbacks.context_window, ...fallbacks.any] : fallbacks.any;
}

const onlyContext = (candidate: Candidate): boolean =>
  candidate.objections.length > 0 &&
  candidate.objections.every((objection) => objection.code === "context_too_small");
