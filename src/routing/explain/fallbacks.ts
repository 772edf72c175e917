import { isThere, nextNames } from "../chain.ts";
import { lookUp, type Named } from "../resolve.ts";
import type { Look, Visited } from "../watch.ts";
import { modelStep } from "./names.ts";
import { type Step, step } from "./step.ts";

/** How the search came to a model that the client did not name, and what it passed over on the way. */
export function entrySteps(look: Look, visit: Visited): readonly Step[] {
  const { node } = visit;
  const first = look.start.findIndex(({ model }) => model === node.model);
  if (first === 0) return [modelStep(node, node.model.name)];
  if (first > 0)
    return [
      step(`auto goes on with ${node.model.name}`, look.scene.snapshot.auto?.at ?? null),
      modelStep(node, node.model.name),
    ];
  return [...edgeSteps(look, visit), modelStep(node, node.model.name)];
}

/** The models that were left before a visit, latest first: one of them has it among its fallbacks. */
function edgeSteps(look: Look, visit: Visited): readonly Step[] {
  const { snapshot } = look.scene;
  const earlier = look.visits.slice(0, look.visits.indexOf(visit));
  const left: readonly Pick<Visited, "node" | "candidates">[] = [
    ...earlier.toReversed(),
    ...look.start.map((node) => ({ node, candidates: [] })),
  ];
  for (const { node, candidates } of left) {
    const names = nextNames(look.scene, node.model, candidates);
    const name = names.find((each) => lookUp(snapshot, each)?.model === visit.node.model);
    if (name === undefined) continue;
    const skipped = names.slice(0, names.indexOf(name)).flatMap((each) => skippedSteps(look, node, each));
    return [...skipped, step(`${node.model.name} falls back to ${name}`, placeOf(look, node, name))];
  }
  return [];
}

/** That a fallback is not there. */
function skippedSteps(look: Look, from: Named, name: string): readonly Step[] {
  const next = lookUp(look.scene.snapshot, name);
  if (next !== null && isThere(look.scene, next)) return [];
  return [step(`the fallback ${name} is passed over: it is off`, placeOf(look, from, name))];
}

function placeOf({ scene: { snapshot } }: Look, { model }: Named, name: string) {
  const { fallbacks } = model;
  const all = [fallbacks.context_window, fallbacks.content_policy, fallbacks.any];
  const lists = all.filter((names) => names.includes(name));
  const [at = null] = lists.flatMap((names) => snapshot.lines.of(names, names.indexOf(name)) ?? []);
  return at ?? snapshot.lines.of(model, "fallbacks") ?? model.at;
}
