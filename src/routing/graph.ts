import type { Share } from "../core/units.ts";
import type { Model, Price, Snapshot, Strategy, Target } from "../domain/snapshot.ts";
import { fact } from "./facts.ts";

/** Where requests can go, to be drawn: names, models, targets and fallbacks, in the order of the file. */
export interface Graph {
  /** What a request without a model asks for. */
  readonly default_model: string | null;
  readonly aliases: readonly { readonly name: string; readonly to: string }[];
  /** The models behind `auto`; null where there is no such name. */
  readonly auto: { readonly models: readonly string[]; readonly strategy: Strategy } | null;
  readonly models: readonly GraphModel[];
}

/** A public model. */
export interface GraphModel {
  /** As it is written; a trailing `*` makes it a pattern. */
  readonly name: string;
  readonly strategy: Strategy;
  readonly enabled: boolean;
  readonly visible: boolean;
  readonly deprecated: boolean;
  readonly targets: readonly GraphTarget[];
  readonly fallbacks: Model["fallbacks"];
  readonly file: string;
  readonly line: number;
}

/** A way out of a model. */
export interface GraphTarget {
  readonly provider: string;
  /** The upstream model, as it is written. */
  readonly model: string;
  readonly enabled: boolean;
  readonly weight: number;
  /** What its weight comes to among the targets that are enabled; null where the strategy does not look at weights. */
  readonly share: Share | null;
  /** USD per million tokens. */
  readonly price: Price | null;
}

/** Draws what a snapshot decides by. */
export function graphOf(snapshot: Snapshot): Graph {
  const { aliases, auto, defaultModel, models, patterns } = snapshot;
  return {
    default_model: defaultModel,
    aliases: [...aliases.values()].map(({ name, to }) => ({ name, to })),
    auto: auto && { models: auto.models, strategy: auto.strategy },
    models: [...models.values(), ...patterns].map(modelOf),
  };
}

function modelOf(model: Model): GraphModel {
  const { name, strategy, enabled, visible, deprecated, fallbacks, at } = model;
  const isOn = (target: Target) => target.enabled && target.provider.enabled;
  const all = model.targets.reduce((sum, target) => sum + (isOn(target) ? target.weight : 0), 0);
  const share = (target: Target) =>
    strategy !== "weighted" || all === 0 ? null : isOn(target) ? target.weight / all : 0;
  return {
    name,
    strategy,
    enabled,
    visible,
    deprecated: deprecated !== null,
    targets: model.targets.map((target) => ({
      provider: target.provider.name,
      model: target.model,
      enabled: isOn(target),
      weight: target.weight,
      share: share(target),
      price: fact(target.provider, target.model, "price")?.value ?? null,
    })),
    fallbacks,
    file: at.file,
    line: at.line,
  };
}
