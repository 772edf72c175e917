import type { FailedAttempt, Try } from "../../domain/route.ts";
import type { FailoverPolicy } from "../../domain/snapshot.ts";
import type { Look } from "../watch.ts";
import { type Step, step } from "./step.ts";
import { span } from "./words.ts";

/** What was known when the decision before this one was made. */
export interface Before {
  /** Attempts that had failed by then. */
  readonly attempts: number;
  /** The circuit of the endpoint that was chosen; null: none was. */
  readonly circuit: "closed" | "open" | "probe" | null;
}

/** What became of the attempt since the last decision, and how the chain goes on. Empty where none was made. */
export function attemptSteps(look: Look, before: Before): readonly Step[] {
  const { history } = look.scene;
  const last = history.at(-1);
  if (last === undefined || history.length === before.attempts) return [];
  return [failureStep(last, history.length), ...circuitSteps(look, last, before), ...onwardSteps(look, last)];
}

/** `attempt 2: openai/gpt-4o → server (500)`. */
function failureStep({ try: decision, failure, startedAt, endedAt }: FailedAttempt, nth: number): Step {
  const { status, message, retryAfterMs, kind } = failure;
  const details = [
    ...(status === null ? [] : [`${status}`]),
    ...(retryAfterMs === null ? [] : [`Retry-After ${span(retryAfterMs)}`]),
    ...(message === "" ? [] : [message]),
    ...(endedAt > startedAt ? [`after ${span(endedAt - startedAt)}`] : []),
  ];
  const how = details.length > 0 ? ` (${details.join(", ")})` : "";
  return step(`attempt ${nth}: ${targetOf(decision)} → ${kind}${how}`, decision.target.at);
}

/** `openai/gpt-4o`, with the API key where there are several. */
export const targetOf = ({ target: { provider }, upstream, member }: Try): string =>
  `${provider.name}/${upstream}${provider.pool.length > 1 && member !== null ? ` by API key ${member.id}` : ""}`;

function circuitSteps(look: Look, last: FailedAttempt, before: Before): readonly Step[] {
  const { endpointId, asked } = last.try;
  const { scene } = look;
  if (before.circuit === "open" || scene.state.circuit(endpointId, scene.now) !== "open") return [];
  const { failures, withinMs, openForMs } = asked.failover.breaker;
  const why =
    before.circuit === "probe" ? "its probe failed" : `${failures} failures within ${span(withinMs)}`;
  return [policyStep(look, asked.failover, "breaker", `the circuit opens for ${span(openForMs)}: ${why}`)];
}

/** Why a chain of attempts stops here. */
export function endSteps(look: Look): readonly Step[] {
  const { end, scene } = look;
  const last = scene.history.at(-1);
  const policy = scene.asked?.failover;
  if (end === null || last === undefined || policy === undefined) return [];
  const { kind } = last.failure;
  switch (end) {
    case "callers_fault":
      return [step(`stops: ${kind} is the request's own doing, and would be met elsewhere too`, null)];
    case "not_in_policy":
      return [policyStep(look, policy, "on", `stops: ${says(policy)} does not go on after ${kind}`)];
    case "max_attempts":
      return [
        policyStep(
          look,
          policy,
          "max_attempts",
          `stops: ${says(policy)} makes at most ${policy.maxAttempts} attempts`,
        ),
      ];
    case "deadline":
      return [
        policyStep(
          look,
          policy,
          "deadline",
          `stops: another attempt would begin after the deadline of ${span(policy.deadlineMs)} (${says(policy)})`,
        ),
      ];
    case "refused":
    case "nothing_left":
      return [step("stops: nobody is left to ask", null)];
  }
}

/** Where the chain goes next, and how long it waits before. */
function onwardSteps(look: Look, last: FailedAttempt): readonly Step[] {
  const { decision, scene } = look;
  if (decision.kind === "stop") return [];
  const { target, credentialId, serving, asked } = decision;
  const policy = asked.failover;
  const nth = scene.history.length;
  const isAgain = target === last.try.target && serving === last.try.serving;
  const retry = scene.history.filter(({ try: tried }) => tried.target === target).length;
  const isRetry = isAgain && credentialId === last.try.credentialId;
  const text = isRetry
    ? `asks ${target.provider.name} again: retry ${retry} of ${policy.retries} that ${says(policy)} allows a target`
    : `goes on${isAgain ? " with another API key" : ""}: ${says(policy)} does so after ${last.failure.kind}`;
  return [
    numbered(
      hasOwnList(last) ? ownListStep(look, last) : policyStep(look, policy, isRetry ? "retries" : "on", text),
      nth,
    ),
    ...waitSteps(look, decision, last),
  ];
}

const hasOwnList = ({ failure: { kind } }: FailedAttempt): boolean =>
  kind === "context_window" || kind === "content_policy";

const ownListStep = ({ scene }: Look, { try: { serving }, failure: { kind } }: FailedAttempt): Step =>
  step(`goes on: ${kind} has fallbacks of its own`, scene.snapshot.lines.of(serving, "fallbacks"));

function waitSteps(look: Look, { waitMs, asked }: Try, last: FailedAttempt): readonly Step[] {
  if (waitMs === 0) return [];
  const { retryAfterMs } = last.failure;
  const nth = look.scene.history.length;
  const isAsked = retryAfterMs !== null && last.endedAt + retryAfterMs - look.scene.now === waitMs;
  const { failover } = asked;
  return [
    isAsked
      ? numbered(step(`waits ${span(waitMs)}, as its Retry-After asks`, null), nth)
      : numbered(
          policyStep(look, failover, "backoff", `waits ${span(waitMs)}: backoff, drawn by chance`),
          nth,
        ),
  ];
}

/** A rule of a failover policy that spoke; the built-in one stands in no file. */
const policyStep = ({ scene }: Look, policy: FailoverPolicy, key: string, text: string): Step =>
  step(text, scene.snapshot.lines.of(policy, key));

/** The same words may be said after each attempt. */
const numbered = (told: Step, nth: number): Step => ({ ...told, about: `${told.about} ${nth}` });

const says = ({ name }: FailoverPolicy): string =>
  name.startsWith("(") ? "the built-in policy" : `policy ${name}`;
