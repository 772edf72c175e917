import type { DurationMs } from "../core/units.ts";
import type { FailureKind } from "../domain/failure.ts";
import type { FailedAttempt } from "../domain/route.ts";
import { backoff } from "../resilience/backoff.ts";
import { type Candidate, type Choice, candidatesOf } from "./candidates.ts";
import type { Visit } from "./chain.ts";
import { ranked } from "./rank.ts";
import type { Named } from "./resolve.ts";
import type { Scene } from "./scene.ts";

/** A target to try, and how long to wait first. */
export interface Picked {
  readonly node: Named;
  readonly candidate: Candidate;
  readonly choice: Choice;
  readonly waitMs: DurationMs;
}

/**
 * How far one pass goes. `usual`: what may serve. `open_circuits`: a model all of whose targets are open is tried all the
 * same. `rate_limited`: nobody else is free, so the one who said 429 is asked again after its Retry-After.
 */
export const passes = ["usual", "open_circuits", "rate_limited"] as const;
export type Pass = (typeof passes)[number];

/** Failures after which the same target may answer a moment later. */
const passing: ReadonlySet<FailureKind> = new Set([
  "overloaded",
  "server",
  "timeout",
  "network",
  "malformed",
]);
/** Failures that another credential of the pool may not have. */
const ofCredential: ReadonlySet<FailureKind> = new Set(["auth", "quota", "rate_limited"]);

/** Looks for the next target within one model. */
export function pickAt(scene: Scene, node: Named, pass: Pass): Visit<Picked> {
  const here = scene.history.filter((attempt) => attempt.try.serving.name === node.model.name);
  const tried = new Set(
    here
      .filter((attempt) => ofCredential.has(attempt.failure.kind))
      .map((attempt) => attempt.try.credentialId),
  );
  const candidates = candidatesOf(scene, node, tried);
  const pick = (candidate: Candidate, choice: Choice | null, waitMs: DurationMs) =>
    choice === null ? null : { node, candidate, choice, waitMs };

  const found = {
    usual: () => retryOf(scene, candidates, here, pick) ?? fresh(scene, node, candidates, here, pick),
    open_circuits: () => behindCircuits(scene, node, candidates, here, pick),
    rate_limited: () => afterRateLimit(scene, candidates, here, pick),
  }[pass]();
  return { found, candidates };
}

type Pick = (candidate: Candidate, choice: Choice | null, waitMs: DurationMs) => Picked | null;

/** The target that just failed, once more, before moving on. */
function retryOf(
  scene: Scene,
  candidates: readonly Candidate[],
  here: readonly FailedAttempt[],
  pick: Pick,
): Picked | null {
  const last = scene.history.at(-1);
  if (last === undefined || last !== here.at(-1) || !passing.has(last.failure.kind)) return null;
  const candidate = candidates.find((entry) => sameTarget(entry, last));
  const failures = here.filter(
    (attempt) => attempt.try.target === last.try.target && passing.has(attempt.failure.kind),
  ).length;
  if (failures > scene.asked.failover.retries) return null;
  return candidate === undefined ? null : pick(candidate, candidate.choice, pause(scene, last, failures));
}

/** The first in the strategy's order that has not been spent by this request. */
function fresh(
  scene: Scene,
  node: Named,
  candidates: readonly Candidate[],
  here: readonly FailedAttempt[],
  pick: Pick,
): Picked | null {
  for (const candidate of ranked(scene, node.model, candidates)) {
    if (candidate.choice !== null && !isSpent(candidate, here)) return pick(candidate, candidate.choice, 0);
  }
  return null;
}

function behindCircuits(
  scene: Scene,
  node: Named,
  candidates: readonly Candidate[],
  here: readonly FailedAttempt[],
  pick: Pick,
): Picked | null {
  if (candidates.some((candidate) => candidate.choice !== null)) return null;
  for (const candidate of ranked(scene, node.model, candidates)) {
    if (candidate.behindCircuit !== null && !isSpent(candidate, here))
      return pick(candidate, candidate.behindCircuit, 0);
  }
  return null;
}

/** Its cooldown is our own doing and known: the wait obeys the Retry-After that came with it. */
function afterRateLimit(
  scene: Scene,
  candidates: readonly Candidate[],
  here: readonly FailedAttempt[],
  pick: Pick,
): Picked | null {
  const able = candidates.flatMap((candidate) => {
    const attempts = here.filter((attempt) => sameTarget(candidate, attempt));
    const limited = attempts.filter((attempt) => attempt.failure.kind === "rate_limited");
    const last = limited.at(-1);
    const others = candidate.objections.filter(
      (objection) => objection.code !== "cooling_down" && objection.code !== "credential_refused",
    );
    if (last === undefined || limited.length > scene.asked.failover.retries || others.length > 0) return [];
    const { member, endpointId, credentialId, isProbe } = last.try;
    const scope = member === null ? [] : last.try.claims.filter((claim) => claim.scope === "api_key");
    const choice: Choice = { member, endpointId, credentialId, isProbe, claims: scope };
    const picked = pick(candidate, choice, pause(scene, last, limited.length));
    return picked === null ? [] : [picked];
  });
  return able.sort((a, b) => a.waitMs - b.waitMs)[0] ?? null;
}

/** Full jitter, or the provider's Retry-After counted from its answer, whichever is longer. */
function pause(scene: Scene, last: FailedAttempt, retry: number): DurationMs {
  // Successive multiples of the golden ratio: each retry has a chance of its own, out of one drawn number.
  const chance = (scene.request.chance + retry * 0.618_033_988_75) % 1;
  const asked = last.failure.retryAfterMs;
  const rest = asked === null ? 0 : last.endedAt + asked - scene.now;
  return Math.max(backoff(scene.asked.failover.backoff, retry, chance), rest);
}

/** A target is itself whichever snapshot object bears it: the request is pinned to one. */
const sameTarget = (candidate: Candidate, attempt: FailedAttempt): boolean =>
  attempt.try.target === candidate.target;

/** Failed here in a way that another credential would not mend. */
const isSpent = (candidate: Candidate, here: readonly FailedAttempt[]): boolean =>
  here.some((attempt) => sameTarget(candidate, attempt) && !ofCredential.has(attempt.failure.kind));
