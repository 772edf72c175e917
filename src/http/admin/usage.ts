import { Elysia } from "elysia";
import { err, ok } from "../../core/result.ts";
import { type BudgetRule, budgets, type LimitScope } from "../../domain/limits.ts";
import { refuse } from "../../domain/refusal.ts";
import type { Snapshot } from "../../domain/snapshot.ts";
import type { Gateway } from "../../gateway/gateway.ts";
import type { Ledger } from "../../limits/ledger.ts";
import { endOfPeriod, startOfPeriod } from "../../limits/period.ts";
import type { Journal } from "../../metrics/journal.ts";
import { keepingOf } from "../../metrics/keeping.ts";
import { noUsage, parseUsage, type Usage, type UsageReport } from "../../metrics/usage.ts";
import { type BadQuery, rfc3339 } from "../../metrics/window.ts";
import type { Known } from "../../simulate/world.ts";
import { type AdminFacts, guarded } from "./guard.ts";

/** What usage is told from. */
export interface UsageFacts {
  readonly gateway: Gateway;
  readonly admin: AdminFacts;
  readonly known: Pick<Known, "ledger">;
  readonly metrics: { readonly journal: Journal };
}

/** GET /admin/api/usage: what keys, teams, users or labels used and cost, and what is left of their budgets. */
export function usage({ gateway, admin, known, metrics }: UsageFacts) {
  return new Elysia({ name: "usage" }).get("/admin/api/usage", ({ request }) =>
    guarded(gateway, admin, request, async (asked, { snapshot }) => {
      const now = gateway.wire.clock.now();
      const { labels } = keepingOf(snapshot);
      const query = parseUsage(new URL(asked.url).searchParams, labels, now);
      if (!query.ok) return err(refusalFor(query.error));
      const report = await metrics.journal.usage(query.value);
      if (!report.ok) return err(refusalFor(report.error));
      const isWhole = query.value.where.length === 0;
      const usage = entriesOf(report.value, snapshot, isWhole, budgetState(known.ledger, now));
      return ok({ ...report.value, usage });
    }),
  );
}

const refusalFor = ({ param, message }: BadQuery) =>
  refuse(param === null ? "internal_error" : "invalid_request", message, { param });

/** A budget as it stands, all times in UTC. */
interface BudgetState {
  readonly per: "day" | "week" | "month";
  readonly spent_usd: number;
  readonly of_usd: number;
  readonly from: string;
  /** When it is renewed. */
  readonly until: string;
}

type Entry = Usage & { readonly group: string | null; readonly budgets?: readonly BudgetState[] };

/** Keys and teams have budgets; where nothing was chosen, those that used nothing follow. */
function entriesOf(
  { usage, by }: UsageReport,
  { auth }: Snapshot,
  isWhole: boolean,
  stateOf: (scope: LimitScope, name: string, rule: BudgetRule) => BudgetState,
): readonly Entry[] {
  if (by !== "key" && by !== "team") return usage;
  const owners = new Map<string | null, readonly BudgetRule[]>(
    by === "key"
      ? auth.keys.map(({ id, budgets }) => [id, budgets])
      : [...auth.teams.values()].map(({ name, budgets }) => [name, budgets]),
  );
  const used = new Set(usage.map(({ group }) => group));
  const idle = [...owners.keys()].filter((group) => isWhole && !used.has(group));
  return [...usage, ...idle.map((group) => ({ group, ...noUsage }))].map((entry) => ({
    ...entry,
    budgets: (owners.get(entry.group) ?? []).map((rule) => stateOf(by, entry.group ?? "", rule)),
  }));
}

const budgetState =
  (ledger: Ledger, now: number) =>
  (scope: LimitScope, name: string, rule: BudgetRule): BudgetState => {
    const { per } = budgets[rule.limit];
    return {
      per,
      // as the guard counts it: the cost of what is under way is in it
      spent_usd: Number(ledger.used({ scope, name, rule }, now).toPrecision(12)),
      of_usd: rule.of,
      from: rfc3339(startOfPeriod(per, now)),
      until: rfc3339(endOfPeriod(per, now)),
    };
  };
