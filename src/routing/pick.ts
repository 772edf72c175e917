import type { DurationMs } from "../core/units.ts";
import type { FailureKind } from "../domain/failure.ts";
import type { FailedAttempt } from "../domain/route.ts";
import { backoff } from "../resilience/backoff.ts";
import { type Candidate, type Choice, candidateOf } from "./candidates.ts";
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

/** One model as the request finds it: what was tried here, and how its targets stand. */
interface Room {
  readonly scene: Scene;
  readonly node: Named;
  readonly attempts: readonly FailedAttempt[];
  readonly candidates: readonly Candidate[];
}

/** Looks for the next target within one model. */
export function pickAt(scene: Scene, node: Named, pass: Pass): Visit<Picked> {
  const attempts =
    scene.history.length === 0
      ? scene.history
      : scene.history.filter((one) => one.try.serving.name === node.model.name);
  const tried = new Set(
    attempts.filter(({ failure }) => ofCredential.has(failure.kind)).map((one) => one.try.credentialId),
  );
  const candidates: Candidate[] = [];
  for (const target of node.model.targets) {
    const candidate = candidateOf(scene, node, target, tried);
    candidates.push(candidate);
    // In file order the first that may serve is the answer: the rest need no look.
    if (attempts.length === 0 && node.model.strategy === "priority" && candidate.choice !== null) break;
  }
  const room = { scene, node, attempts, candidates };
  return { found: finders[pass](room), candidates };
}

const finders: Readonly<Record<Pass, (room: Room) => Picked | null>> = {
  usual: (room) => retryOf(room) ?? fresh(room),
  open_circuits: behindCircuits,
  rate_limited: afterRateLimit,
};

/** The target that just failed, once more, before moving on. */
function retryOf(room: Room): Picked | null {
  const { scene, attempts, candidates } = room;
  const last = scene.history.at(-1);
  if (last === undefined || last !== attempts.at(-1) || !passing.has(last.failure.kind)) return null;
  const { target } = last.try;
  const failures = attempts.filter(
    (one) => one.try.target === target && passing.has(one.failure.kind),
  ).length;
  if (failures > scene.asked.failover.retries) return null;
  const candidate = candidates.find((one) => one.target === target);
  return candidate === undefined
    ? null
    : picked(room, candidate, candidate.choice, pause(scene, last, failures));
}

/** The first in the strategy's order that has not been spent by this request. */
function fresh(room: Room): Picked | null {
  for (const candidate of ranked(room.scene, room.node.model, room.candidates)) {
    if (candidate.choice !== null && !isSpent(room, candidate))
      return picked(room, candidate, candidate.choice, 0);
  }
  return null;
}

function behindCircuits(room: Room): Picked | null {
  if (room.candidates.some(({ choice }) => choice !== null)) return null;
  for (const candidate of ranked(room.scene, room.node.model, room.candidates)) {
    const { behindCircuit } = candidate;
    if (behindCircuit !== null && !isSpent(room, candidate)) return picked(room, candidate, behindCircuit, 0);
  }
  return null;
}

/** Its cooldown is our own doing and known: the wait obeys the Retry-After that came with it. */
function afterRateLimit(room: Room): Picked | null {
  const { scene, attempts, candidates } = room;
  const able = candidates.flatMap((candidate) => {
    const limited = attempts.filter(
      (one) => one.try.target === candidate.target && one.failure.kind === "rate_limited",
    );
    const last = limited.at(-1);
    const others = candidate.objections.filter(
      ({ code }) => code !== "cooling_down" && code !== "credential_refused",
    );
    if (last === undefined || limited.length > scene.asked.failover.retries || others.length > 0) return [];
    const { member, endpointId, credentialId, isProbe } = last.try;
    const claims = last.try.claims.filter(({ scope }) => scope === "api_key");
    const choice: Choice = { member, endpointId, credentialId, isProbe, claims };
    return picked(room, candidate, choice, pause(scene, last, limited.length)) ?? [];
  });
  return able.sort((a, b) => a.waitMs - b.waitMs)[0] ?? null;
}

const picked = (
  { node }: Room,
  candidate: Candidate,
  choice: Choice | null,
  waitMs: DurationMs,
): Picked | null => (choice === null ? null : { node, candidate, choice, waitMs });

/** Full jitter, or the provider's Retry-After counted from its answer, whichever is longer. */
function pause(scene: Scene, last: FailedAttempt, retry: number): DurationMs {
  // Successive multiples of the golden ratio: each retry has a chance of its own, out of one drawn number.
  const chance = (scene.request.chance + retry * 0.618_033_988_75) % 1;
  const asked = last.failure.retryAfterMs;
  const rest = asked === null ? 0 : last.endedAt + asked - scene.now;
  return Math.max(backoff(scene.asked.failover.backoff, retry, chance), rest);
}

/** Failed here in a way that another credential would not mend. */
const isSpent = ({ attempts }: Room, { target }: Candidate): boolean =>
  attempts.some((one) => one.try.target === target && !ofCredential.has(one.failure.kind));
