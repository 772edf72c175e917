import { matchesGlob } from "../../core/glob.ts";
import type { Model, Snapshot } from "../../domain/snapshot.ts";
import { lookUp } from "../../routing/resolve.ts";
import { nameOf, publicNames } from "../names.ts";
import type { Case } from "./case.ts";
import type { Variant } from "./player.ts";

/**
 * The names to ask for that a glob stands for: of models, a pattern by one of those it takes, of aliases, and `auto`; what
 * cannot be asked for is left out. A name without a star stands for itself.
 */
export function namesFor(snapshot: Snapshot, glob: string): readonly string[] {
  if (!glob.includes("*")) return [glob];
  return publicNames(snapshot)
    .filter((name) => matchesGlob(glob, name))
    .flatMap((name) => {
      if (name === "auto") return [name];
      const model = modelBehind(snapshot, name);
      if (!model?.enabled || !model.visible) return [];
      return name.endsWith("*") ? (nameOf(snapshot, model) ?? []) : [name];
    });
}

const modelBehind = (snapshot: Snapshot, name: string): Model | undefined =>
  snapshot.patterns.find((model) => model.name === name) ?? lookUp(snapshot, name)?.model;

/** Every world in which a case has to hold. */
export function variantsOf(snapshot: Snapshot, { send, forAll }: Case): readonly Variant[] {
  if (forAll === null) return [{ model: send.model, outage: null }];
  const outages = forAll.anyOutage ? [null, ...snapshot.providers.keys()] : [null];
  return (forAll.names ?? [send.model]).flatMap((model) => outages.map((outage) => ({ model, outage })));
}

/** `eu-chat while local is down`; empty where there is nothing to tell. */
export function showVariant({ forAll }: Case, { model, outage }: Variant): string {
  if (forAll === null) return "";
  const asked = model ?? "no model";
  return outage === null ? asked : `${asked} while ${outage} is down`;
}
