import { type FailureKind, failure, kindOfStatus } from "../../domain/failure.ts";
import type { RouteRequest, Try } from "../../domain/route.ts";
import { isStreamed } from "../patience.ts";
import type { Scripted } from "../run.ts";
import type { Outcome } from "./case.ts";

/** What an attempt comes to when its script says nothing else. */
export const wellDone: Outcome = {
  kind: "ok",
  status: null,
  retryAfterMs: null,
  latencyMs: 0,
  ttftMs: null,
  promptTokens: null,
  completionTokens: null,
};

/** A kind of failure that says no more. */
export const outcomeOf = (kind: Outcome["kind"]): Outcome => ({ ...wellDone, kind });

/** What a status means that comes without a kind. */
export const kindOf = (status: number): Outcome["kind"] => (status === 200 ? "ok" : kindOfStatus(status));

/** Tokens of an answer that says nothing of them. */
const usualAnswer = 10;

/** What each kind of failure comes with; null: no answer at all, or a 200 that holds none. */
const statuses: Readonly<Record<FailureKind, number | null>> = {
  rate_limited: 429,
  overloaded: 503,
  server: 500,
  timeout: null,
  network: null,
  auth: 401,
  quota: 402,
  not_found: 404,
  malformed: null,
  context_window: 400,
  content_policy: 400,
  bad_request: 400,
  cancelled: null,
};

/** What an outcome does to one attempt; `tokens` is the size of the prompt. */
export function scriptedBy(outcome: Outcome, decision: Try, request: RouteRequest, tokens: number): Scripted {
  const { kind, latencyMs, retryAfterMs } = outcome;
  if (kind !== "ok") {
    const status = outcome.status ?? statuses[kind];
    return { kind: "failed", latencyMs, failure: failure(kind, "scripted", { status, retryAfterMs }) };
  }
  const prompt = outcome.promptTokens ?? tokens;
  const completion = outcome.completionTokens ?? (request.endpoint === "embeddings" ? 0 : usualAnswer);
  const ttftMs = isStreamed(decision, request) ? (outcome.ttftMs ?? latencyMs) : latencyMs;
  return {
    kind: "ok",
    ttftMs,
    latencyMs: Math.max(latencyMs, ttftMs),
    usage: {
      prompt,
      completion,
      total: prompt + completion,
      cached: null,
      cacheWrite: null,
      reasoning: null,
    },
    broken: null,
  };
}
