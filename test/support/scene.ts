import { type Failure, type FailureKind, failure } from "../../src/domain/failure.ts";
import type { Claim } from "../../src/domain/limits.ts";
import type { Decision, FailedAttempt, RouteRequest, State, Stop, Try } from "../../src/domain/route.ts";
import type { Snapshot } from "../../src/domain/snapshot.ts";
import { plan } from "../../src/routing/plan.ts";

export const noon = Date.parse("2026-11-21T12:00:00Z");

/** A request for `model` that nothing is special about. */
export const requestFor = (model: string | null, more: Partial<RouteRequest> = {}): RouteRequest => ({
  model,
  endpoint: "chat",
  stream: false,
  key: null,
  textBytes: 40,
  maxTokens: null,
  n: 1,
  chance: 0.5,
  stickyChance: { key: 0.5, user: 0.5 },
  arrivedAt: noon,
  ...more,
});

/** A world in which all is well, but for what is said. */
export const stateWith = (more: Partial<State> = {}): State => ({
  wait: () => 0,
  headroom: () => 1,
  circuit: () => "closed",
  setAside: () => null,
  latency: () => null,
  tokensPerByte: () => 0.25,
  meanAnswer: () => 256,
  mayRetry: () => true,
  isSet: () => true,
  disabled: () => null,
  ...more,
});

/** Refuses every claim that `is` picks, for `waitMs`. */
export const without = (is: (claim: Claim) => boolean, waitMs = 5_000): Partial<State> => ({
  wait: (claim) => (is(claim) ? waitMs : 0),
});

export function tried(decision: Decision): Try {
  if (decision.kind !== "try") throw new Error(`stopped: ${decision.refusal.message}`);
  return decision;
}

export function stopped(decision: Decision): Stop {
  if (decision.kind !== "stop") throw new Error(`tries ${decision.target.provider.name}`);
  return decision;
}

/** Runs the plan against a script of outcomes, each attempt taking no time; what it tried, and how it ended. */
export function run(
  snapshot: Snapshot,
  request: RouteRequest,
  script: readonly (FailureKind | "ok" | Failure)[],
  state: State = stateWith(),
): {
  readonly went: readonly string[];
  readonly waits: readonly number[];
  readonly stop: Stop | null;
  readonly last: Try | null;
} {
  const history: FailedAttempt[] = [];
  const went: string[] = [];
  const waits: number[] = [];
  let now = request.arrivedAt;
  let last: Try | null = null;
  for (;;) {
    const decision = plan(snapshot, request, history, state, now);
    if (decision.kind === "stop") return { went, waits, stop: decision, last };
    last = decision;
    now += decision.waitMs;
    waits.push(decision.waitMs);
    went.push(
      `${decision.serving.name}:${decision.target.provider.name}${decision.member === null ? "" : `#${decision.member.id}`}`,
    );
    const outcome = script[history.length] ?? "ok";
    if (outcome === "ok") return { went, waits, stop: null, last };
    const why = typeof outcome === "string" ? failure(outcome, "scripted") : outcome;
    history.push({ try: decision, startedAt: now, endedAt: now, failure: why });
  }
}
