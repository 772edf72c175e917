import type { Change, Side } from "../config/diff/change.ts";
import { diff } from "../config/diff.ts";
import type { Mix } from "../metrics/mix.ts";
import { type AccessChange, accessChanges } from "./plan/access.ts";
import { type CapacityChange, capacities } from "./plan/capacity.ts";
import { type CostChange, costChange } from "./plan/cost.ts";
import { type Resilience, resilienceOf } from "./plan/resilience.ts";

/** What a change of configuration would do, before it goes live. */
export interface PlanReport {
  readonly has_changes: boolean;
  readonly changes: readonly Change[];
  readonly capacity: readonly CapacityChange[];
  /** Who may ask for what it could not, and the other way round. */
  readonly access: readonly AccessChange[];
  readonly resilience: Resilience;
  readonly cost: CostChange;
}

/** Compares two configurations. `guards`: changes of what stands beside them, as their tests. */
export async function planChange(
  base: Side,
  head: Side,
  { mix, guards }: { readonly mix: Mix | null; readonly guards: readonly Change[] },
): Promise<PlanReport> {
  const [before, after] = [base.snapshot, head.snapshot];
  const changes = [...diff(base, head), ...guards];
  return {
    has_changes: changes.length > 0,
    changes,
    capacity: capacities(before, after),
    access: accessChanges(before, after),
    resilience: await resilienceOf(before, after),
    cost: costChange(before, after, mix),
  };
}
