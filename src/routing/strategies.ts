import type { DurationMs, Share, Usd } from "../core/units.ts";
import type { Strategy } from "../domain/snapshot.ts";

/** What a strategy may know of the things it puts in order; targets of a model, or the models of `auto`. */
export interface Rankable {
  readonly weight: number;
  /** What is left of the tightest limit; 1 where there is none. */
  readonly headroom: () => Share;
  /** Average time to first output; null without a recent sample. */
  readonly latencyMs: () => DurationMs | null;
  /** Estimated price of this request; null when unknown. */
  readonly price: () => Usd | null;
}

/** Each strategy is an ordering; ties keep file order. Adding one here and in the table of names adds it to the schema. */
export const orderings: Readonly<
  Record<Strategy, <T extends Rankable>(items: readonly T[], chance: Share) => readonly T[]>
> = {
  priority: (items) => items,
  weighted: (items, chance) => drawn(items, chance),
  headroom: (items) => ascending(items, (item) => -item.headroom()),
  latency: (items, chance) => {
    // One request in twenty goes to whoever has not been measured lately, so that no one is forgotten.
    const unmeasured = chance < 0.05 ? Number.NEGATIVE_INFINITY : Number.POSITIVE_INFINITY;
    return ascending(items, (item) => item.latencyMs() ?? unmeasured);
  },
  cost: (items) => ascending(items, (item) => item.price() ?? Number.POSITIVE_INFINITY),
};

function ascending<T>(items: readonly T[], measure: (item: T) => number): readonly T[] {
  return items
    .map((item) => ({ item, measured: measure(item) }))
    .sort((a, b) => (a.measured === b.measured ? 0 : a.measured - b.measured))
    .map(({ item }) => item);
}

/**
 * Draws without replacement by weight, from one number: where it falls inside the interval of the one it picks is again
 * uniform, and serves for the next pick. A weight of 0 comes last.
 */
function drawn<T extends Rankable>(items: readonly T[], chance: Share): readonly T[] {
  const left = items.filter((item) => item.weight > 0);
  const order: T[] = [];
  let u = chance;
  while (left.length > 0) {
    let at = u * left.reduce((sum, item) => sum + item.weight, 0);
    let index = 0;
    while (index < left.length - 1 && at >= (left[index]?.weight ?? 0)) at -= left[index++]?.weight ?? 0;
    const [picked] = left.splice(index, 1);
    if (picked === undefined) break;
    order.push(picked);
    u = Math.min(at / picked.weight, 1 - Number.EPSILON);
  }
  return [...order, ...items.filter((item) => item.weight <= 0)];
}
