import type { FailureKind } from "../domain/failure.ts";

/** What a failure says about the endpoint's health and about the credential that was used. */
export interface Verdict {
  /** Whether the circuit breaker counts it. */
  readonly breaks: boolean;
  /** `accepted`: the provider let the credential in and objected to something else. */
  readonly credential: "accepted" | "limited" | "refused" | "unknown";
}

const down: Verdict = { breaks: true, credential: "unknown" };
const callersFault: Verdict = { breaks: false, credential: "accepted" };

/** What each kind of failure says. */
export const verdicts = {
  overloaded: down,
  server: down,
  timeout: down,
  network: down,
  malformed: down,
  not_found: down,
  rate_limited: { breaks: false, credential: "limited" },
  auth: { breaks: false, credential: "refused" },
  quota: { breaks: false, credential: "refused" },
  context_window: callersFault,
  content_policy: callersFault,
  bad_request: callersFault,
  cancelled: { breaks: false, credential: "unknown" },
} as const satisfies Record<FailureKind, Verdict>;
