import type { EpochMs } from "../../core/units.ts";
import type { Alias, Snapshot } from "../../domain/snapshot.ts";
import { lookUp } from "../../routing/resolve.ts";
import { withoutAlias } from "./edit.ts";
import { lineOf, type Mutant } from "./mutant.ts";

/** Aliases taken away or kept for ever, the default model taken away, `auto` with a model less or another strategy. */
export function nameMutants(snapshot: Snapshot): readonly Mutant[] {
  const { aliases, auto, defaultModel } = snapshot;
  const mutants: Mutant[] = [];
  for (const alias of aliases.values()) {
    const { name, at, deprecated } = alias;
    const touches: Mutant["touches"] = (reach) => reach.aliases.has(name);
    mutants.push({ at, says: `no alias ${name}`, make: () => withoutAlias(snapshot, name), touches });
    if (deprecated?.after == null || endsBefore(snapshot, alias, deprecated.after)) continue;
    const kept = { ...alias, deprecated: { ...deprecated, after: null } };
    mutants.push({
      at: lineOf(snapshot, alias, "deprecated", at),
      says: `the alias ${name} without its last day`,
      make: () => ({ ...snapshot, aliases: new Map([...aliases, [name, kept]]) }),
      touches,
    });
  }
  if (defaultModel !== null) {
    mutants.push({
      at: lineOf(snapshot, snapshot, "default_model", { file: "routes.yaml", line: 1, column: 1 }),
      says: "no default_model",
      make: () => ({ ...snapshot, defaultModel: null }),
      touches: ({ unnamed }) => unnamed,
    });
  }
  if (auto === null) return mutants;
  const touches: Mutant["touches"] = (reach) => reach.auto;
  for (const name of auto.models) {
    const models = auto.models.filter((each) => each !== name);
    const make = () => ({ ...snapshot, auto: { ...auto, models } });
    mutants.push({ at: auto.at, says: `auto without ${name}`, make, touches });
  }
  if (auto.strategy !== "priority" && auto.models.length > 1) {
    const make = () => ({ ...snapshot, auto: { ...auto, strategy: "priority" as const } });
    mutants.push({ at: auto.at, says: `auto by priority instead of ${auto.strategy}`, make, touches });
  }
  return mutants;
}

/** Whether what an alias leads to is gone by then anyway. */
const endsBefore = (snapshot: Snapshot, { to }: Alias, after: EpochMs): boolean =>
  lookUp(snapshot, to)?.deprecations.some((other) => other.after !== null && other.after <= after) === true;
