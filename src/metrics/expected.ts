import type { Snapshot } from "../domain/snapshot.ts";
import { fact } from "../routing/facts.ts";

/** Labels that requests will have, as far as a configuration tells. */
export interface Expected {
  readonly model: string;
  /** Empty: of requests that nobody answered. */
  readonly provider: string;
  /** Whether its price is known. */
  readonly isPriced: boolean;
  readonly keys: readonly string[];
}

/** Label sets that begin at zero; beyond that, keys are too many to be told in advance. */
const most = 1_000;

/** A counter that appears with its first count hides that count from Prometheus: those to be expected begin at zero. */
export function expectedOf({ auth, models, patterns }: Snapshot): readonly Expected[] {
  const all = [...models.values(), ...patterns];
  const clients = auth.keys.filter(({ role }) => role !== "viewer").map(({ id }) => id);
  const pairs = all.flatMap(({ name, targets }) => {
    const priced = new Map<string, boolean>([["", false]]);
    for (const { provider, model } of targets) {
      const isPriced = fact(provider, model, "price") !== null;
      priced.set(provider.name, isPriced || priced.get(provider.name) === true);
    }
    return [...priced].map(([provider, isPriced]) => ({ model: name, provider, isPriced }));
  });
  const keys = auth.keys.length === 0 ? [""] : clients;
  return pairs.map((pair) => ({ ...pair, keys: pairs.length * keys.length <= most ? keys : [] }));
}
