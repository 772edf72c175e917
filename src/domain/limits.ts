import type { DurationMs } from "../core/units.ts";
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

/** One rule of the file: at most `of`, written at `at`. */
export interface LimitRule {
  readonly limit: LimitName;
  readonly of: number;
  readonly at: Position;
}

/** Whose limit it is. A key's and a team's count a client request once; the others count attempts. */
export type LimitScope = "key" | "team" | "provider" | "api_key" | "upstream_model" | "target";

/** What an attempt would take from one limit. Counters are keyed by (scope, name, limit) and outlive reloads. */
export interface Claim {
  readonly scope: LimitScope;
  /** The name under which the scope is counted, e.g. `web-app`, `openai/spare`, `chat→openai/gpt-4o`. */
  readonly name: string;
  readonly rule: LimitRule;
  /** Requests (1) or tokens (estimated). */
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

type Counted = Pick<Claim, "scope" | "name"> & { readonly rule: Pick<LimitRule, "limit"> };
const counters = new WeakMap<Counted["rule"], Pick<Claim, "scope" | "name"> & { readonly counter: string }>();

/** Whether a claim belongs to the client's request (kept over its attempts) or to one attempt. */
export const perRequest = (claim: Claim): boolean => claim.scope === "key" || claim.scope === "team";
