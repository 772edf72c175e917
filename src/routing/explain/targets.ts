import { perRequest } from "../../domain/limits.ts";
import type { Objection } from "../../domain/route.ts";
import type { Model } from "../../domain/snapshot.ts";
import type { Candidate } from "../candidates.ts";
import { chanceFor, measures, ranked } from "../rank.ts";
import type { Scene } from "../scene.ts";
import type { Look, Visited } from "../watch.ts";
import { entrySteps } from "./fallbacks.ts";
import { limitStep, type Used } from "./limits.ts";
import { orderText } from "./order.ts";
import { type Step, step } from "./step.ts";
import { span } from "./words.ts";

/** `openai/gpt-4o`. */
export const nameOf = ({ target, path }: Pick<Candidate, "target" | "path">): string =>
  `${target.provider.name}/${path.upstream}`;

/** What speaks against the targets of the models that were looked at, and the order of the others. */
export const visitSteps = (look: Look, used: Used): readonly Step[] =>
  look.visits.flatMap((visit) => [
    ...entrySteps(look, visit),
    ...orderSteps(look, visit),
    ...objectionSteps(look, visit, used),
  ]);

/** The order in which a strategy would try the targets; a model with one target has none. */
function orderSteps({ scene }: Look, { node: { model }, candidates }: Visited): readonly Step[] {
  const { asked } = scene;
  if (model.targets.length < 2 || asked === null) return [];
  const own: Scene = { ...scene, asked };
  const items = candidates.map((candidate) => ({ name: nameOf(candidate), ...measures(own, candidate) }));
  const chance = chanceFor(own, model);
  const text =
    model.strategy === "priority"
      ? "priority: targets are tried in the order of the file"
      : orderText(model.strategy, items, ranked(own, model, candidates).map(nameOf), chance) +
        stickText(model);
  const at = scene.snapshot.lines.of(model, "strategy") ?? model.at;
  return [step(text, at, `order of ${model.name}`)];
}

const stickText = ({ strategy, stickTo }: Model): string =>
  strategy === "weighted" && stickTo !== "request" ? `; the same for all requests of one ${stickTo}` : "";

function objectionSteps({ scene }: Look, { candidates }: Visited, used: Used): readonly Step[] {
  return candidates.flatMap((candidate) =>
    candidate.objections.map((objection) => {
      const { claim } = objection;
      if (claim === null) return objectionStep(objection);
      const limit = limitStep(claim, used(claim, scene.now), objection.waitMs ?? 0);
      // What keeps the request out wherever it goes is told once.
      if (perRequest(claim)) return limit;
      const name = nameOf(candidate);
      return step(`${name} is passed over: ${limit.text}`, limit.at, `${name} ${limit.about}`);
    }),
  );
}

function objectionStep({ provider, upstream, code, says, at, waitMs }: Objection): Step {
  const when = waitMs === null || waitMs === 0 ? "" : `, for another ${span(waitMs)}`;
  const text = `${provider}/${upstream} is passed over: ${says}${when}`;
  return step(text, at, `${provider}/${upstream} ${code} ${says}`);
}
