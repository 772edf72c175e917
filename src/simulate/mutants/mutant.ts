import { matchesGlob } from "../../core/glob.ts";
import type { Position } from "../../domain/position.ts";
import type { Model, Snapshot, Target, UpstreamFacts } from "../../domain/snapshot.ts";
import { fact } from "../../routing/facts.ts";
import type { Reach } from "../reach.ts";

/** A routing file with one rule changed: a mistake that its tests should notice. */
export interface Mutant {
  readonly at: Position;
  /** What is different, as in `chat without its fallback small`. */
  readonly says: string;
  readonly make: () => Snapshot;
  /** Cases that it can make a difference to. */
  readonly touches: (reach: Reach) => boolean;
}

/** Every model, patterns last. */
export const modelsIn = ({ models, patterns }: Snapshot): readonly Model[] => [
  ...models.values(),
  ...patterns,
];

/** Whether a target is switched on, and its provider with it. */
export const isOn = ({ enabled, provider }: Target): boolean => enabled && provider.enabled;

/** How messages name a target. */
export const targetIn = ({ provider, model }: Target): string => `${provider.name}/${model}`;

/** The line of a key, or of what it belongs to. */
export const lineOf = (
  { lines }: Snapshot,
  made: object,
  key: string | number,
  otherwise: Position,
): Position => lines.of(made, key) ?? otherwise;

/** Whether a field of what is known of upstream models comes from this entry on the way of a target. */
export const leadsTo = (
  { provider, model }: Target,
  entry: UpstreamFacts,
  field: "context" | "limits" | "price",
): boolean =>
  model.endsWith("*")
    ? entry.model.startsWith(model.slice(0, -1)) || matchesGlob(entry.model, model)
    : fact(provider, model, field)?.entry === entry;
