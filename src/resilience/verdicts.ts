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

/** What each kind of failure says of an attempt with a credential of the file. */
const verdicts = {
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

/** What a failure says. Where no credential of the file was shown there is none to set aside: a refusal is the endpoint's. */
export const verdictOf = (kind: FailureKind, isKeyed: boolean): Verdict =>
  !isKeyed && verdicts[kind].credential === "refused" ? down : verdicts[kind];
