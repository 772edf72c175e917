import type { DurationMs, Usd } from "../core/units.ts";
import type { Position } from "./position.ts";

/**
 * The limits there are. A new one is one row here: schema, admission and metrics read this table.
 *
 * `windowMs` and `slots`: any window of that length, kept in that many sub-windows, the oldest counted whole.
 */
export const limits = {
  rpm: { kind: "window", unit: "requests", windowMs: 60_000, slots: 60, says: "requests per minute" },
  tpm: { kind: "window", unit: "tokens", windowMs: 60_000, slots: 60, says: "tokens per minute" },
  rpd: { kind: "window", unit: "requests", windowMs: 86_400_000, slots: 96, says: "requests per day" },
  tpr: { kind: "ceiling", unit: "tokens", says: "tokens per request" },
  concurrency: { kind: "level", unit: "requests", says: "requests at the same time" },
} as const satisfies Record<string, LimitShape>;

/** How a limit counts: over a sliding window, once per request, or now. */
export type LimitShape =
  | {
      readonly kind: "window";
      readonly unit: "requests" | "tokens";
      readonly windowMs: DurationMs;
      readonly slots: number;
      readonly says: string;
    }
  | { readonly kind: "ceiling"; readonly unit: "tokens"; readonly says: string }
  | { readonly kind: "level"; readonly unit: "requests"; readonly says: string };

/** `rpm`, `tpm`, `rpd`, `tpr` or `concurrency`. */
export type LimitName = keyof typeof limits;
/** Every limit's name, in the order in which they are shown. */
export const limitNames = Object.keys(limits) as readonly LimitName[];

/**
 * What budgets count, in US dollars: a calendar period in UTC, weeks from Monday on. Unlike limits they are renewed all at
 * once, at the period's end.
 */
export const budgets = {
  budget_day: { kind: "period", unit: "usd", per: "day", says: "USD per day" },
  budget_week: { kind: "period", unit: "usd", per: "week", says: "USD per week" },
  budget_month: { kind: "period", unit: "usd", per: "month", says: "USD per month" },
} as const satisfies Record<`budget_${Per}`, BudgetShape>;

/** How often a budget is renewed. */
export type Per = "day" | "week" | "month";

interface BudgetShape {
  readonly kind: "period";
  readonly unit: "usd";
  readonly per: Per;
  readonly says: string;
}

/** `budget_day`, `budget_week` or `budget_month`. */
export type BudgetName = keyof typeof budgets;

/** Everything that is counted: limits and budgets. */
export const counted: Readonly<Record<LimitName | BudgetName, LimitShape | BudgetShape>> = {
  ...limits,
  ...budgets,
};

/** Whether a rule is about money. */
export const isBudget = (rule: Rule): rule is BudgetRule => Object.hasOwn(budgets, rule.limit);

/** One rule of the file: at most `of`, written at `at`. */
export interface LimitRule {
  readonly limit: LimitName;
  readonly of: number;
  readonly at: Position;
}

/** A budget of a key or a team. */
export interface BudgetRule {
  readonly limit: BudgetName;
  readonly of: Usd;
  readonly at: Position;
}

/** Whatever a claim can be tested against. */
export type Rule = LimitRule | BudgetRule;

/** Whose limit it is. A key's and a team's count a client request once; the others count attempts. */
export type LimitScope = "key" | "team" | "provider" | "api_key" | "upstream_model" | "target";

/** What an attempt would take from one limit. Counters are keyed by (scope, name, limit) and outlive reloads. */
export interface Claim {
  readonly scope: LimitScope;
  /** The name under which the scope is counted, e.g. `web-app`, `openai/spare`, `chat→openai/gpt-4o`. */
  readonly name: string;
  readonly rule: Rule;
  /** Requests (1), tokens or US dollars (estimated). */
  readonly amount: number;
}

/** The counter that a claim is booked on. */
export function counterOf({ scope, name, rule }: Counted): string {
  const known = counters.get(rule);
  // One rule is asked about many times a request, always for the same scope and name.
  if (known !== undefined && known.scope === scope && known.name === name) return known.counter;
  const counter = `${scope} ${name} ${rule.limit}`;
  counters.set(rule, { scope, name, counter });
  return counter;
}

type Counted = Pick<Claim, "scope" | "name"> & { readonly rule: Pick<Rule, "limit"> };
const counters = new WeakMap<Counted["rule"], Pick<Claim, "scope" | "name"> & { readonly counter: string }>();

/** Whether a claim belongs to the client's request (kept over its attempts) or to one attempt. */
export const perRequest = (claim: Claim): boolean => claim.scope === "key" || claim.scope === "team";
