import type { EpochMs } from "../core/units.ts";
import { refuse } from "../domain/refusal.ts";
import type { Decision, FailedAttempt, RouteRequest, State, Stop, Try } from "../domain/route.ts";
import type { Model, Snapshot } from "../domain/snapshot.ts";
import type { Candidate } from "./candidates.ts";
import { walk } from "./chain.ts";
import { type Picked, passes, pickAt } from "./pick.ts";
import { rankedAuto } from "./rank.ts";
import { afterAttempts, withoutAttempt } from "./refusals.ts";
import { type Named, resolve } from "./resolve.ts";
import type { Scene } from "./scene.ts";
import type { End, Visited, Watch } from "./watch.ts";

/**
 * Decides what to do next for a request: try a target, or stop with a refusal. Called before each attempt.
 *
 * A pure function of its arguments: live traffic, tests and replay all call it, so a dry run cannot disagree with
 * production. `watch` hears what was looked at, and has no say.
 */
export function plan(
  snapshot: Snapshot,
  request: RouteRequest,
  history: readonly FailedAttempt[],
  state: State,
  now: EpochMs,
  watch: Watch | null = null,
): Decision {
  const start = startOf(snapshot, request, history, state, now);
  const asked = "kind" in start ? undefined : start[0]?.model;
  const visits: Visited[] = [];
  const decided = (decision: Decision, end: End | null): Decision => {
    if (watch !== null) {
      const scene = { snapshot, request, history, state, now, asked: asked ?? null };
      watch({ scene, start: "kind" in start ? [] : start, visits, decision, end });
    }
    return decision;
  };
  if ("kind" in start) return decided(start, "refused");
  if (asked === undefined) return decided(nothingToUse(), "refused");
  const scene: Scene = { snapshot, request, history, state, now, asked };

  const seen: Candidate[] = [];
  const stop = (end: End): Decision => decided(stopped(scene, seen), end);
  const final = finalBecause(scene);
  if (final !== null) return stop(final);
  for (const pass of passes) {
    if (pass === "rate_limited" && history.length === 0) break;
    const picked = walk(scene, start, (node) => {
      const visit = pickAt(scene, node, pass);
      if (pass === "usual") seen.push(...visit.candidates);
      if (watch !== null) visits.push({ node, pass, candidates: visit.candidates });
      return visit;
    });
    if (picked === null) continue;
    return isTooLate(scene, picked) ? stop("deadline") : decided(attempt(scene, picked, seen), null);
  }
  return stop("nothing_left");
}

/** The models to begin with: the one asked for, or those of `auto`, best first; or why there is none. */
export function startOf(
  snapshot: Snapshot,
  request: RouteRequest,
  history: readonly FailedAttempt[],
  state: State,
  now: EpochMs,
): readonly Named[] | Stop {
  const name = request.model ?? snapshot.defaultModel;
  if (name === null) {
    const message = 'The request names no model, and routes.yaml has no default_model. Set "model".';
    return {
      kind: "stop",
      refusal: refuse("invalid_request", message, { param: "model" }),
      objections: [],
      asked: null,
    };
  }
  if (isAuto(snapshot, name)) {
    const nodes = rankedAuto({ snapshot, request, history, state, now });
    const pinned = history[0]?.try.asked;
    return pinned === undefined
      ? nodes
      : [...nodes].sort((a, b) => Number(b.model === pinned) - Number(a.model === pinned));
  }
  const found = resolve(snapshot, name, request.key, now);
  if (!found.ok) return { kind: "stop", refusal: found.error, objections: [], asked: null };
  if (state.disabled({ kind: "model", name: found.value.model.name }, now) !== null) {
    const refusal = refuse(
      "model_not_found",
      `The model "${found.value.model.name}" is disabled at the moment.`,
      { param: "model" },
    );
    return { kind: "stop", refusal, objections: [], asked: null };
  }
  return [found.value];
}

/** `auto` is a name like any other, unless the file itself gives it to a model or an alias. */
export const isAuto = (snapshot: Snapshot, name: string): boolean =>
  name === "auto" && snapshot.auto !== null && !snapshot.models.has(name) && !snapshot.aliases.has(name);

/** The end for a key that may use none of the models that `auto` stands for. */
export const nothingToUse = (): Stop => ({
  kind: "stop",
  refusal: refuse("model_not_allowed", "The key may use none of the models behind auto.", { param: "model" }),
  objections: [],
  asked: null,
});

/** Whether the last failure, or the number of attempts, ends the chain. */
function finalBecause({ history, asked: { failover } }: Scene): End | null {
  const last = history.at(-1)?.failure.kind;
  if (last === undefined) return null;
  if (last === "bad_request" || last === "cancelled") return "callers_fault";
  const hasOwnList = last === "context_window" || last === "content_policy";
  if (!hasOwnList && !failover.on.includes(last)) return "not_in_policy";
  return history.length >= failover.maxAttempts ? "max_attempts" : null;
}

/** The deadline is the last moment at which another attempt may start; the first may always. */
const isTooLate = ({ history, request, asked, now }: Scene, picked: Picked): boolean =>
  history.length > 0 && now + picked.waitMs > request.arrivedAt + asked.failover.deadlineMs;

/** The attempt that a pick amounts to. */
export function attempt(
  scene: Scene,
  { node, candidate, choice, waitMs }: Picked,
  seen: readonly Candidate[],
): Try {
  return {
    kind: "try",
    asked: scene.asked,
    serving: node.model,
    target: candidate.target,
    upstream: candidate.path.upstream,
    member: choice.member,
    endpointId: choice.endpointId,
    credentialId: choice.credentialId,
    waitMs,
    timeouts: candidate.path.timeouts,
    claims: [...candidate.claims, ...choice.claims],
    estimatedTokens: candidate.size.tokens,
    isProbe: choice.isProbe,
    isRetry: scene.history.length > 0,
    objections: seen.flatMap((entry) => entry.objections),
  };
}

function stopped(scene: Scene, seen: readonly Candidate[]): Stop {
  const refusal = scene.history.length > 0 ? afterAttempts(scene, seen) : withoutAttempt(scene.asked, seen);
  return { kind: "stop", refusal, objections: seen.flatMap((entry) => entry.objections), asked: scene.asked };
}

/** The fallback that served, for the header: the name asked for, when another model answered. */
export const fallbackFrom = (asked: Model, serving: Model): string | null =>
  asked.name === serving.name ? null : asked.name;
