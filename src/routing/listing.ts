import type { EpochMs } from "../core/units.ts";
import type { ClientKey, Model, Snapshot } from "../domain/snapshot.ts";
import { isOver, lookUp, mayUse } from "./resolve.ts";

/** One name that a client may ask for. */
export interface Listed {
  readonly id: string;
  /** The provider of its first target. */
  readonly ownedBy: string;
}

/** Public names, aliases and `auto`, by the key's permission; patterns and what is hidden are left out. */
export function listed(snapshot: Snapshot, key: ClientKey | null, now: EpochMs): readonly Listed[] {
  const names = [...snapshot.models.keys(), ...snapshot.aliases.keys()];
  const found = names.flatMap((name) => one(snapshot, key, name, now) ?? []);
  const auto = snapshot.auto?.models.some((name) => one(snapshot, key, name, now) !== null) ?? false;
  return auto && !names.includes("auto") ? [...found, { id: "auto", ownedBy: "switchyard" }] : found;
}

/** One name, if the key may ask for it. A pattern lends its models any name that fits. */
export function one(snapshot: Snapshot, key: ClientKey | null, name: string, now: EpochMs): Listed | null {
  const named = lookUp(snapshot, name);
  if (named === null || !isListed(named.model) || !mayUse(key, [name, named.model.name])) return null;
  if (named.deprecations.some((deprecation) => isOver(deprecation, now))) return null;
  return { id: name, ownedBy: named.model.targets[0]?.provider.name ?? "switchyard" };
}

const isListed = (model: Model): boolean => model.enabled && model.visible;
