import { type BudgetRule, type LimitRule, limitNames } from "../../domain/limits.ts";
import type { Deprecation, Timeouts } from "../../domain/snapshot.ts";
import { positionOf } from "../places.ts";
import { clocks, type LimitsText } from "../schema/common.ts";
import type { KeyText } from "../schema/routes.ts";
import type { Making } from "./making.ts";
import { valuesFor } from "./values.ts";

const minutesOfDay = 1440;

/** The rules of one `limits:` block, in the order of the table. */
export function makeLimits(making: Making, text: LimitsText | undefined): readonly LimitRule[] {
  if (text === undefined) return [];
  const values = valuesFor(making);
  const rules = limitNames.flatMap((limit) => {
    const written = text[limit];
    if (written === undefined) return [];
    return [
      { limit, of: values.whole(text, limit, written, 1), at: positionOf(making.places.key(text, limit)) },
    ];
  });
  checkTogether(making, text, rules);
  return rules;
}

function checkTogether({ report, places }: Making, text: LimitsText, rules: readonly LimitRule[]): void {
  const of = (limit: LimitRule["limit"]) => rules.find((rule) => rule.limit === limit)?.of;
  const [tpr, tpm, rpm, rpd] = [of("tpr"), of("tpm"), of("rpm"), of("rpd")];
  if (tpr !== undefined && tpm !== undefined && tpr > tpm) {
    report(
      "tpr_over_tpm",
      places.key(text, "tpr"),
      `A single request may take ${tpr} tokens (tpr), more than a minute may (tpm ${tpm}); tpr must be at most tpm.`,
    );
  }
  if (rpm !== undefined && rpd !== undefined && rpm * minutesOfDay < rpd) {
    const most = rpm * minutesOfDay;
    report(
      "unreachable_limit",
      places.key(text, "rpd"),
      `rpm ${rpm} lets at most ${most} requests through in a day, so rpd ${rpd} is never reached.`,
      { severity: "warning" },
    );
  }
}

/** One budget, or several. */
export function makeBudgets(making: Making, text: KeyText["budget"]): readonly BudgetRule[] {
  if (text === undefined) return [];
  const values = valuesFor(making);
  const list: readonly Exclude<typeof text, readonly unknown[]>[] = Array.isArray(text) ? text : [text];
  return list.map((budget) => ({
    limit: `budget_${budget.per}` as const,
    of: values.count(budget, "usd", budget.usd),
    at: positionOf(making.places.key(budget, "usd")),
  }));
}

/** The clocks that a `timeouts:` block sets. */
export function makeTimeouts(
  making: Making,
  text: { readonly [key in keyof Timeouts]?: string } | undefined,
): Partial<Timeouts> {
  if (text === undefined) return {};
  const values = valuesFor(making);
  const set = clocks.flatMap((clock) => {
    const written = text[clock];
    return written === undefined ? [] : [[clock, values.duration(text, clock, written)] as const];
  });
  return Object.fromEntries(set);
}

/** A `deprecated:` block. */
export function makeDeprecation(
  making: Making,
  text: { use?: string; after?: string } | undefined,
): Deprecation | null {
  if (text === undefined) return null;
  const after = text.after === undefined ? null : valuesFor(making).endOf(text, "after", text.after);
  return { use: text.use ?? null, after };
}
