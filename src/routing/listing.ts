import type { EpochMs } from "../core/units.ts";
import type { ClientKey, Model, Snapshot } from "../domain/snapshot.ts";
import { isAuto } from "./plan.ts";
import { isOver, lookUp, mayUse } from "./resolve.ts";

/** One name that a client may ask for. */
export interface Listed {
  readonly id: string;
  /** The provider of its first target. */
  readonly ownedBy: string;
}

/** Public names, aliases and `auto`, by the key's permission; patterns and what is hidden are left out. */
export function listed(snapshot: Snapshot, key: ClientKey | null, now: EpochMs): readonly Listed[] {
  const names = new Set([...snapshot.models.keys(), ...snapshot.aliases.keys(), "auto"]);
  return [...names].flatMap((name) => one(snapshot, key, name, now) ?? []);
}

/** One name, if the key may ask for it. A pattern lends its models any name that fits. */
export function one(snapshot: Snapshot, key: ClientKey | null, name: string, now: EpochMs): Listed | null {
  if (isAuto(snapshot, name)) {
    return hasAuto(snapshot, key) ? { id: name, ownedBy: "switchyard" } : null;
  }
  const named = lookUp(snapshot, name);
  if (named === null || !isListed(named.model) || !mayUse(key, [name, named.model.name])) return null;
  if (named.deprecations.some((deprecation) => isOver(deprecation, now))) return null;
  return { id: name, ownedBy: named.model.targets[0]?.provider.name ?? "switchyard" };
}

/** As routing has it: `auto` stands for those of its models that the key may use, or all where it may use `auto`. */
const hasAuto = (snapshot: Snapshot, key: ClientKey | null): boolean =>
  snapshot.auto?.models.some((name) => {
    const model = lookUp(snapshot, name)?.model;
    return model?.enabled === true && mayUse(key, [name, model.name, "auto"]);
  }) ?? false;

const isListed = (model: Model): boolean => model.enabled && model.visible;
