import type { DurationMs, EpochMs, Share } from "../core/units.ts";
import type { Breaker } from "../domain/snapshot.ts";
import { covers, type Span } from "./span.ts";

/** A probe that nobody ended makes room for the next one after this; longer than the longest attempt lasts by default. */
export const probeLeaseMs: DurationMs = 900_000;
/** A busy endpoint that fails now and then is not down: below this share only failures in a row open the circuit. */
export const openingShare: Share = 0.1;

/** The circuit of one endpoint. Plain data, replaced by {@link after} and never changed in place. */
export type Circuit =
  | {
      readonly kind: "closed";
      /** The newest failures, at most as many as open the circuit. */
      readonly failedAt: readonly EpochMs[];
      /** Failures since the last success. */
      readonly inARow: number;
      /** Attempts that succeeded and failed, older ones weighing less; as of `weighedAt`. */
      readonly succeeded: number;
      readonly failed: number;
      readonly weighedAt: EpochMs;
    }
  /** Open over the span, half open after it. */
  | { readonly kind: "open"; readonly span: Span; readonly probe: Span | null };

/** What can happen to a circuit: an attempt begins, and later ends one way or the other. */
export type CircuitEvent = { readonly kind: "begun" } | AttemptEnd;

/** How an attempt ended; `inconclusive` says nothing about the endpoint. */
export interface AttemptEnd {
  readonly kind: "succeeded" | "failed" | "inconclusive";
  readonly startedAt: EpochMs;
  /** Whether the circuit was waiting for one attempt when it began. */
  readonly isProbe: boolean;
  readonly policy: Breaker;
}

/** Nothing has happened yet. */
export const closedCircuit: Circuit = {
  kind: "closed",
  failedAt: [],
  inARow: 0,
  succeeded: 0,
  failed: 0,
  weighedAt: 0,
};

/** What a circuit lets through now: all, nothing, or one attempt that decides. */
export function circuitAt(circuit: Circuit, now: EpochMs): "closed" | "open" | "probe" {
  if (circuit.kind === "closed") return "closed";
  if (covers(circuit.span, now)) return "open";
  return circuit.probe !== null && covers(circuit.probe, now) ? "open" : "probe";
}

/** The same for people: `half_open` until a probe has decided. */
export function circuitState(circuit: Circuit, now: EpochMs): "closed" | "open" | "half_open" {
  if (circuit.kind === "closed") return "closed";
  return covers(circuit.span, now) ? "open" : "half_open";
}

/** The circuit after an event. */
export function after(circuit: Circuit, event: CircuitEvent, now: EpochMs): Circuit {
  if (event.kind === "begun") {
    const probe: Span = { since: now, until: now + probeLeaseMs };
    return circuit.kind === "open" && circuitAt(circuit, now) === "probe" ? { ...circuit, probe } : circuit;
  }
  return circuit.kind === "closed"
    ? afterWhenClosed(circuit, event, now)
    : afterWhenOpen(circuit, event, now);
}

type Closed = Extract<Circuit, { readonly kind: "closed" }>;
type Open = Extract<Circuit, { readonly kind: "open" }>;

function afterWhenOpen(circuit: Open, event: AttemptEnd, now: EpochMs): Circuit {
  // Attempts from before the opening say nothing new; one that was let through because everything was open, and worked, does.
  // At the same moment it is one from after it: on a clock that is played, attempts may take no time.
  if (event.kind === "succeeded") return event.startedAt >= circuit.span.since ? closedCircuit : circuit;
  const decides = event.isProbe && event.startedAt === circuit.probe?.since;
  if (!decides) return circuit;
  return event.kind === "failed" ? opened(event.policy, now) : { ...circuit, probe: null };
}

function afterWhenClosed(circuit: Closed, event: AttemptEnd, now: EpochMs): Circuit {
  if (event.kind === "inconclusive") return circuit;
  const { policy } = event;
  const age = Math.exp(-Math.max(0, now - circuit.weighedAt) / policy.withinMs);
  const succeeded = circuit.succeeded * age + (event.kind === "succeeded" ? 1 : 0);
  const failed = circuit.failed * age + (event.kind === "failed" ? 1 : 0);
  if (event.kind === "succeeded") return { ...circuit, inARow: 0, succeeded, failed, weighedAt: now };

  const failedAt = [...circuit.failedAt, now].slice(-policy.failures);
  const inARow = circuit.inARow + 1;
  const often = failedAt.length >= policy.failures && now - (failedAt[0] ?? now) < policy.withinMs;
  const shared = failed >= openingShare * (succeeded + failed) || inARow >= policy.failures;
  return often && shared
    ? opened(policy, now)
    : { kind: "closed", failedAt, inARow, succeeded, failed, weighedAt: now };
}

const opened = (policy: Breaker, now: EpochMs): Circuit => ({
  kind: "open",
  span: { since: now, until: now + policy.openForMs },
  probe: null,
});
