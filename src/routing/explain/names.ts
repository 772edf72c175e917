import type { Alias, Model } from "../../domain/snapshot.ts";
import { isAuto } from "../plan.ts";
import { lookUp, type Named } from "../resolve.ts";
import type { Look } from "../watch.ts";
import { accessSteps } from "./access.ts";
import { autoSteps } from "./auto.ts";
import { type Step, step } from "./step.ts";
import { leaving } from "./words.ts";

/** From the name in the request to the models to begin with. */
export function nameSteps(look: Look): readonly Step[] {
  const { snapshot, request } = look.scene;
  const name = request.model ?? snapshot.defaultModel;
  if (name === null) return [step("the request names no model, and there is no default_model", null)];
  return [
    ...(request.model === null
      ? [
          step(
            `the request names no model: default_model is ${name}`,
            snapshot.lines.of(snapshot, "default_model"),
          ),
        ]
      : []),
    ...(isAuto(snapshot, name) ? autoSteps(look) : namedSteps(look, name)),
  ];
}

function namedSteps(look: Look, name: string): readonly Step[] {
  const { snapshot } = look.scene;
  const found = look.start[0] ?? lookUp(snapshot, name);
  if (found === null) return [step(`no model, alias or pattern is called ${name}`, null)];
  const { via, model } = found;
  return [
    ...via.map((alias) => step(`${alias.name} is an alias of ${alias.to}`, alias.at)),
    modelStep(found, via.at(-1)?.to ?? name),
    ...closedSteps(look, model),
    ...accessSteps(look, [name, model.name]),
    ...[...via, model].flatMap((each) => deprecationSteps(look, each)),
  ];
}

/** What a model is made of. */
export function modelStep({ model, capture }: Named, name: string): Step {
  const targets = model.targets.map(({ provider, model: upstream }) => `${provider.name}/${upstream}`);
  const who = capture === null ? model.name : `${model.name} takes ${name} and`;
  return step(`${who} is served by ${targets.join(", ")}`, model.at, `model ${model.name}`);
}

/** Why a model that is there is not to be had. */
function closedSteps({ scene: { snapshot, state, now } }: Look, model: Model): readonly Step[] {
  const { lines } = snapshot;
  const taken = state.disabled({ kind: "model", name: model.name }, now);
  return [
    ...(model.enabled ? [] : [step(`${model.name} is off`, lines.of(model, "enabled"))]),
    ...(model.visible ? [] : [step(`${model.name} is for fallbacks only`, lines.of(model, "visible"))]),
    ...(taken === null ? [] : [step(`${model.name} was taken away by hand: ${taken.reason}`, null)]),
  ];
}

function deprecationSteps({ scene: { snapshot } }: Look, each: Alias | Model): readonly Step[] {
  if (each.deprecated === null) return [];
  const at = snapshot.lines.of(each, "deprecated") ?? each.at;
  return [step(`${each.name} is ${leaving(each.deprecated)}`, at)];
}
