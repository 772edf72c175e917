import { standings } from "../rank.ts";
import { lookUp } from "../resolve.ts";
import type { Look } from "../watch.ts";
import { accessSteps } from "./access.ts";
import { orderText } from "./order.ts";
import { type Step, step } from "./step.ts";

/** What `auto` stands for, who of it is left to the key, and which comes first. */
export function autoSteps(look: Look): readonly Step[] {
  const { scene, start } = look;
  const { auto } = scene.snapshot;
  if (auto === null) return [];
  const all = standings(scene);
  const order = start.map(({ model }) => model.name);
  const items = all.map((item) => ({ ...item, name: item.node.model.name }));
  const unable = all.filter(({ able }) => !able).map(({ node }) => node.model.name);
  return [
    step(`auto stands for ${auto.models.join(", ")}`, auto.at),
    ...auto.models.flatMap((name) => memberSteps(look, name)),
    ...(order.length < 2
      ? []
      : [step(orderText(auto.strategy, items, order, scene.request.chance), auto.at)]),
    ...(unable.length === 0 || order.length < 2
      ? []
      : [step(`nothing of ${unable.join(", ")} can serve now, so it comes last`, null)]),
  ];
}

/** Whether one of its models may be used. */
function memberSteps(look: Look, name: string): readonly Step[] {
  const { snapshot } = look.scene;
  const model = lookUp(snapshot, name)?.model;
  if (model === undefined) return [];
  return model.enabled
    ? accessSteps(look, [name, model.name, "auto"])
    : [step(`${name} is off`, snapshot.lines.of(model, "enabled") ?? model.at)];
}
