import type { EpochMs } from "../core/units.ts";
import { type Claim, type LimitName, type LimitScope, limits } from "../domain/limits.ts";
import { Window } from "./window.ts";

/** What one limit of one scope and name has taken. Which limit it is tested against comes with each claim. */
export interface Counter {
  readonly scope: LimitScope;
  readonly name: string;
  readonly limit: LimitName;
  /** Null for `concurrency`, which counts {@link held} alone. */
  readonly window: Window | null;
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
  readonly limit: LimitName;
  /** Pairs of (epoch ms, amount) in a row, oldest first. Empty: nothing is left of it, its row can go. */
  readonly booked: readonly number[];
}

/** What one live counter has taken. */
export interface CounterUse {
  readonly scope: LimitScope;
  readonly name: string;
  readonly limit: LimitName;
  /** Requests or tokens, as the limit counts. */
  readonly used: number;
}

/** A counter that has taken nothing; null for a limit that needs none. */
export function openCounter(scope: LimitScope, name: string, limit: LimitName): Counter | null {
  const shape = limits[limit];
  if (shape.kind === "ceiling") return null;
  const window = shape.kind === "window" ? new Window(shape.windowMs, shape.slots) : null;
  return { scope, name, limit, window, held: 0, changed: false, saved: false };
}

/** What counts against the limit at `now`. */
export const usedOf = (counter: Counter, now: EpochMs): number => counter.window?.used(now) ?? counter.held;

/** A counter as a store keeps it; levels are of this process and are not saved. */
export const savedForm = (counter: Counter, now: EpochMs): SavedCounter => ({
  scope: counter.scope,
  name: counter.name,
  limit: counter.limit,
  booked: counter.window?.booked(now) ?? [],
});

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
  return { counter, amount: claim.amount, slot: counter.window?.take(claim.amount, now) ?? 0 };
}

/** How much a settled claim really took; null: as much as was booked. */
export function settle({ counter, amount, slot }: Hold, real: number | null, now: EpochMs): void {
  counter.held--;
  if (counter.window === null || real === null || real === amount) return;
  counter.changed = true;
  if (real < amount) counter.window.give(slot, amount - real);
  else counter.window.take(real - amount, now);
}

/** Whether a claim is settled with real tokens; the others count requests. */
export const countsTokens = ({ counter }: Hold): boolean => limits[counter.limit].unit === "tokens";
