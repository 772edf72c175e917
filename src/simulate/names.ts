import type { EpochMs } from "../core/units.ts";
import type { Model, Snapshot } from "../domain/snapshot.ts";
import { isAuto } from "../routing/plan.ts";
import { isOver, lookUp } from "../routing/resolve.ts";

/** Every public model that clients can ask for, patterns last: enabled, visible, and not past its date. */
export const callable = (snapshot: Snapshot, now: EpochMs): readonly Model[] =>
  [...snapshot.models.values(), ...snapshot.patterns].filter(
    ({ enabled, visible, deprecated }) =>
      enabled && visible && !(deprecated !== null && isOver(deprecated, now)),
  );

/** A name that leads to a model: its own, or for a pattern one that its `*` stands for; null when others take them all. */
export function nameOf(snapshot: Snapshot, { name }: Model): string | null {
  if (!name.endsWith("*")) return name;
  const samples = ["any", "any-model", "any.other"].map((sample) => name.slice(0, -1) + sample);
  return samples.find((sample) => lookUp(snapshot, sample)?.model.name === name) ?? null;
}

/** Every name that clients can ask for: models, a pattern's as it is written, aliases, `auto`. */
export const publicNames = (snapshot: Snapshot): readonly string[] => [
  ...snapshot.models.keys(),
  ...snapshot.patterns.map(({ name }) => name),
  ...snapshot.aliases.keys(),
  ...(isAuto(snapshot, "auto") ? ["auto"] : []),
];
