import type { FailureKind } from "../domain/failure.ts";
import type { RequestOutcome } from "../domain/journal.ts";
import type { Counted } from "./tally.ts";

/** What a tally needs to know of an attempt, by column name, with what it ended with: `ok`, or a failure's kind. */
export type Ended = Omit<Counted, "outcome"> & { readonly outcome: string | null };

/** How an attempt counts in its provider's tally, by what it ended with. */
const attemptOutcomes = {
  ok: "ok",
  rate_limited: "error",
  overloaded: "error",
  server: "error",
  timeout: "error",
  network: "error",
  auth: "error",
  quota: "error",
  not_found: "error",
  malformed: "error",
  context_window: "refused",
  content_policy: "refused",
  bad_request: "refused",
  cancelled: "cancelled",
} as const satisfies Record<"ok" | FailureKind, RequestOutcome>;

/** An attempt as its provider's tally counts it: a failed one answered nobody, so that it is no fallback and has no price to miss. */
export function attemptCounted(attempt: Ended): Counted {
  const outcome = attemptOutcomes[attempt.outcome as keyof typeof attemptOutcomes] ?? "error";
  const isAnswer = outcome === "ok";
  return {
    outcome,
    model: attempt.model,
    served_model: isAnswer ? attempt.served_model : null,
    provider: isAnswer ? attempt.provider : null,
    duration_ms: attempt.duration_ms,
    ttft_ms: attempt.ttft_ms,
    prompt_tokens: attempt.prompt_tokens,
    cached_tokens: attempt.cached_tokens,
    completion_tokens: attempt.completion_tokens,
    reasoning_tokens: attempt.reasoning_tokens,
    total_tokens: attempt.total_tokens,
    cost_usd: attempt.cost_usd,
  };
}
