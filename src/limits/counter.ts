import type { EpochMs } from "../core/units.ts";
import { type BudgetName, type Claim, counted, type LimitName, type LimitScope } from "../domain/limits.ts";
import type { Meter } from "./meter.ts";
import { Period } from "./period.ts";
import { Window } from "./window.ts";

/** What a counter counts. */
export type CounterName = LimitName | BudgetName;

/** What one limit of one scope and name has taken. Which limit it is tested against comes with each claim. */
export interface Counter {
  readonly scope: LimitScope;
  readonly name: string;
  readonly limit: CounterName;
  /** Null for `concurrency`, which counts {@link held} alone. */
  readonly meter: Meter | null;
  /** Permits that still may settle here. */
  held: number;
  /** Booked on since it was last saved. */
  changed: boolean;
  /** Whether a store may have a row of it. */
  saved: boolean;
}

/** One counter in plain data. */
export interface SavedCounter {
  readonly scope: LimitScope;
  readonly name: string;
  readonly limit: CounterName;
  /** Pairs of (epoch ms, amount) in a row, oldest first. Empty: nothing is left of it, its row can go. */
  readonly booked: readonly number[];
}

/** What one live counter has taken. */
export interface CounterUse {
  readonly scope: LimitScope;
  readonly name: string;
  readonly limit: CounterName;
  /** Requests, tokens or US dollars, as the rule counts. */
  readonly used: number;
}

/** A counter that has taken nothing; null for a limit that needs none. */
export function openCounter(scope: LimitScope, name: string, limit: CounterName): Counter | null {
  const shape = counted[limit];
  if (shape.kind === "ceiling") return null;
  const meter = shape.kind === "level" ? null : meterOf(shape);
  return { scope, name, limit, meter, held: 0, changed: false, saved: false };
}

const meterOf = (shape: Extract<(typeof counted)[CounterName], { kind: "window" | "period" }>): Meter =>
  shape.kind === "window" ? new Window(shape.windowMs, shape.slots) : new Period(shape.per);

/** What counts against the limit at `now`. */
export const usedOf = (counter: Counter, now: EpochMs): number => counter.meter?.used(now) ?? counter.held;

/** A counter as a store keeps it; levels are of this process and are not saved. */
export const savedForm = (counter: Counter, now: EpochMs): SavedCounter => ({
  scope: counter.scope,
  name: counter.name,
  limit: counter.limit,
  booked: counter.meter?.booked(now) ?? [],
});

/** Another counter that has taken as much; what is booked on one is not on the other. */
export const copyOf = (counter: Counter): Counter => ({ ...counter, meter: counter.meter?.copy() ?? null });

/** One claim of a permit that is not settled yet. */
export interface Hold {
  readonly counter: Counter;
  readonly amount: number;
  /** The sub-window it was booked on. */
  readonly slot: number;
}

/** Books a claim; the caller has seen that it fits. */
export function hold(counter: Counter, claim: Claim, now: EpochMs): Hold {
  counter.held++;
  counter.changed = true;
  return { counter, amount: claim.amount, slot: counter.meter?.take(claim.amount, now) ?? 0 };
}

/** How much a settled claim really took; null: as much as was booked. */
export function settle({ counter, amount, slot }: Hold, real: number | null, now: EpochMs): void {
  counter.held--;
  if (counter.meter === null || real === null || real === amount) return;
  counter.changed = true;
  if (real < amount) counter.meter.give(slot, amount - real);
  else counter.meter.take(real - amount, now);
}

/** What a claim is settled with, once it is known; requests are not settled at all. */
export const unitOf = ({ counter }: Hold): "requests" | "tokens" | "usd" => counted[counter.limit].unit;
