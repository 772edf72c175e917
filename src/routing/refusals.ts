import type { DurationMs } from "../core/units.ts";
import type { Failure, FailureKind } from "../domain/failure.ts";
import { counterOf, isBudget } from "../domain/limits.ts";
import { type Position, showPosition } from "../domain/position.ts";
import { type Refusal, refuse } from "../domain/refusal.ts";
import type { FailedAttempt, Objection } from "../domain/route.ts";
import type { Model } from "../domain/snapshot.ts";
import type { Candidate } from "./candidates.ts";
import { liftsByWaiting } from "./objections.ts";
import type { Scene } from "./scene.ts";

/** Waits longer than this are the client's to plan, not its SDK's to sit out. */
const longestSdkWaitMs = 60_000;

/** The answer when no target could be tried: 429 where waiting would help any of them, else 503. */
export function withoutAttempt(asked: Model, seen: readonly Candidate[]): Refusal {
  const lifting = seen.filter((candidate) => candidate.liftsAfterMs !== null);
  const first = lifting.reduce<Candidate | null>(
    (best, candidate) =>
      best === null || (candidate.liftsAfterMs ?? 0) < (best.liftsAfterMs ?? 0) ? candidate : best,
    null,
  );
  if (first === null) {
    const why = seen
      .flatMap((candidate) => candidate.objections)
      .map((objection) => `${objection.provider}: ${objection.says}`);
    const message = `No target of the model "${asked.name}" is available: ${unique(why).join("; ") || "it has none"}.`;
    return refuse("no_target_available", message, { shouldRetry: null });
  }
  return limited(asked, first.liftsAfterMs ?? 0, first.objections.filter(liftsByWaiting));
}

/** The 429 of our own limits, which names the rule that keeps the request out longest. */
export function limited(asked: Model, waitMs: DurationMs, objections: readonly Objection[]): Refusal {
  // The rule that keeps the request out longest is the one to name.
  const worst = objections.reduce<Objection | null>(
    (most, objection) => (most === null || (objection.waitMs ?? 0) > (most.waitMs ?? 0) ? objection : most),
    null,
  );
  const never = waitMs === Number.POSITIVE_INFINITY;
  const says =
    worst === null
      ? `every target of "${asked.name}" is over a limit`
      : `${worst.says}, set at ${placeOf(worst.at)}`;
  const when = never ? "It can never fit: make the request smaller." : `Try again in ${seconds(waitMs)} s.`;
  const code = worst?.claim != null && isBudget(worst.claim.rule) ? "budget_exceeded" : "rate_limit_exceeded";
  return refuse(code, `${capital(says)}. ${when}`, {
    retryAfterMs: never ? null : waitMs,
    shouldRetry: never || waitMs > longestSdkWaitMs ? false : null,
    rule: worst?.claim == null ? null : `${counterOf(worst.claim)} ${placeOf(worst.at)}`,
  });
}

/** Where the server keeps its files is none of a client's business: the root file is shown without its directory. */
const placeOf = (at: Position): string =>
  showPosition(
    /^(\/|\.\.?\/|[A-Za-z]:)/.test(at.file) ? { ...at, file: at.file.replace(/^.*[\\/]/, "") } : at,
  );

/** The answer after a chain that failed. What was the caller's own fault keeps the provider's words and status. */
export function afterAttempts(scene: Scene, seen: readonly Candidate[]): Refusal {
  const { history } = scene;
  const last = history.at(-1);
  if (last === undefined) return withoutAttempt(scene.asked, seen);
  const kinds = history.map((attempt) => attempt.failure.kind);
  const all = (...wanted: readonly FailureKind[]) => kinds.every((kind) => wanted.includes(kind));

  if (last.failure.kind === "cancelled") return refuse("cancelled", "The client left.");
  if (isCallers(last.failure.kind) || all("not_found")) return passedOn(last.failure);
  const message = `Every attempt failed: ${history.map(told).join("; ")}`;
  if (all("rate_limited")) {
    const waitMs = earliest(scene, seen);
    return refuse("rate_limit_exceeded", message, { retryAfterMs: waitMs, shouldRetry: false });
  }
  const code = all("timeout")
    ? "upstream_timeout"
    : all("auth", "quota")
      ? "upstream_credentials"
      : "upstream_error";
  return refuse(code, message, { shouldRetry: false });
}

const isCallers = (kind: FailureKind): boolean =>
  kind === "bad_request" || kind === "context_window" || kind === "content_policy";

/** A provider's 4xx in our shape. Two codes are OpenAI's own and keep their names whoever said them. */
function passedOn(failure: Failure): Refusal {
  const named = {
    context_window: "context_length_exceeded",
    content_policy: "content_filter",
    not_found: "model_not_found",
  };
  const code = failure.kind in named ? named[failure.kind as keyof typeof named] : failure.code;
  const status =
    failure.status !== null && failure.status >= 400 && failure.status < 500 ? failure.status : 400;
  return {
    status: failure.kind === "not_found" ? 404 : status,
    code,
    type: failure.type ?? "invalid_request_error",
    message: failure.message,
    param: failure.param,
    retryAfterMs: null,
    shouldRetry: false,
    rule: null,
  };
}

const told = ({ try: { target }, failure }: FailedAttempt): string =>
  `${target.provider.name}: ${failure.kind}${failure.message === "" ? "" : ` (${failure.message})`}`;

/**
 * The soonest moment at which one of those who said 429, or one that a limit of ours kept out, may serve. Who was asked
 * again means what was said last.
 */
function earliest({ history, now }: Scene, seen: readonly Candidate[]): DurationMs {
  const latest = new Map(history.map((attempt) => [attempt.try.endpointId, attempt]));
  const said = [...latest.values()].map(({ endedAt, failure }) =>
    failure.retryAfterMs === null ? Number.POSITIVE_INFINITY : endedAt + failure.retryAfterMs - now,
  );
  const ours = seen.map((candidate) => candidate.liftsAfterMs ?? Number.POSITIVE_INFINITY);
  const soonest = Math.min(...said, ...ours);
  return Number.isFinite(soonest) ? Math.max(1_000, soonest) : 30_000;
}

/** Whole seconds, rounded up: an SDK that waits them is not too early. */
export const seconds = (ms: DurationMs): number => Math.max(1, Math.ceil(ms / 1_000));

const unique = (texts: readonly string[]): readonly string[] => [...new Set(texts)];
const capital = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1);
