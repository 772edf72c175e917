import type { EpochMs, Usd } from "../../core/units.ts";
import type { BudgetRule, LimitScope } from "../../domain/limits.ts";
import { budgets } from "../../domain/limits.ts";
import type { Snapshot } from "../../domain/snapshot.ts";
import type { Ledger } from "../../limits/ledger.ts";
import { startOfPeriod } from "../../limits/period.ts";
import { keyOf } from "./door.ts";

/** Books what keys have spent already, for themselves and for their teams, in the periods that run. */
export function spend(
  snapshot: Snapshot,
  ledger: Ledger,
  spent: ReadonlyMap<string, Usd>,
  now: EpochMs,
): void {
  const teams = new Map<string, { readonly budgets: readonly BudgetRule[]; usd: Usd }>();
  const book = (scope: LimitScope, name: string, rules: readonly BudgetRule[], usd: Usd) =>
    ledger.restore(
      rules.map(({ limit }) => ({
        scope,
        name,
        limit,
        booked: [startOfPeriod(budgets[limit].per, now), usd],
      })),
      now,
    );
  for (const [id, usd] of spent) {
    const key = keyOf(snapshot, id);
    if (key === null) continue;
    book("key", id, key.budgets, usd);
    if (key.team === null) continue;
    const team = teams.get(key.team.name) ?? { budgets: key.team.budgets, usd: 0 };
    teams.set(key.team.name, { ...team, usd: team.usd + usd });
  }
  for (const [name, team] of teams) book("team", name, team.budgets, team.usd);
}
