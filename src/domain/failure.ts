import type { DurationMs } from "../core/units.ts";

/** Why an attempt did not answer. The words of `failover.on` in routes.yaml; tables over them are `satisfies Record<FailureKind, …>`. */
export const failureKinds = [
  "rate_limited",
  "overloaded",
  "server",
  "timeout",
  "network",
  "auth",
  "quota",
  "not_found",
  "malformed",
  "context_window",
  "content_policy",
  "bad_request",
  "cancelled",
] as const;

/** One of {@link failureKinds}. */
export type FailureKind = (typeof failureKinds)[number];

/** The kinds that a failover policy may name; the others have rules of their own. */
export const failoverKinds = failureKinds.slice(0, 9) as readonly FailureKind[];

/** What one attempt ended with, when it was no answer. */
export interface Failure {
  readonly kind: FailureKind;
  /** The provider's HTTP status; null when none arrived, or when the failure came inside a 200. */
  readonly status: number | null;
  /** The provider's own words, bounded and scrubbed of credentials; never a prompt of ours. */
  readonly message: string;
  /** The provider's `error.code`, `error.type` and `error.param`, where it gave them. */
  readonly code: string | null;
  readonly type: string | null;
  readonly param: string | null;
  /** How long the provider asked us to stay away. */
  readonly retryAfterMs: DurationMs | null;
  /** False when no byte reached the provider, so that nothing is counted against its limits. */
  readonly reached: boolean;
}

/** Builds a failure from its kind and words; everything else is unknown unless said. */
export const failure = (
  kind: FailureKind,
  message: string,
  more: Partial<Omit<Failure, "kind" | "message">> = {},
): Failure => ({
  kind,
  message,
  status: null,
  code: null,
  type: null,
  param: null,
  retryAfterMs: null,
  reached: true,
  ...more,
});

/** The kind that an HTTP status means, before an adapter looks at the body. */
export function kindOfStatus(status: number): FailureKind {
  if (status === 429) return "rate_limited";
  if (status === 503 || status === 529) return "overloaded";
  if (status === 408 || status === 504) return "timeout";
  if (status === 401 || status === 403) return "auth";
  if (status === 402) return "quota";
  if (status === 404) return "not_found";
  if (status >= 500) return "server";
  if (status >= 400) return "bad_request";
  return "malformed";
}
