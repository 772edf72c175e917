import type { DurationMs } from "../core/units.ts";

/** Every code that our own errors bear, with its status and OpenAI's `type`. DESIGN.md §4 is this table. */
export const refusals = {
  invalid_json: { status: 400, type: "invalid_request_error" },
  invalid_request: { status: 400, type: "invalid_request_error" },
  invalid_api_key: { status: 401, type: "authentication_error" },
  model_not_allowed: { status: 403, type: "permission_error" },
  role_not_allowed: { status: 403, type: "permission_error" },
  model_not_found: { status: 404, type: "invalid_request_error" },
  not_found: { status: 404, type: "invalid_request_error" },
  method_not_allowed: { status: 405, type: "invalid_request_error" },
  refused_by_state: { status: 409, type: "invalid_request_error" },
  model_deprecated: { status: 410, type: "invalid_request_error" },
  body_too_large: { status: 413, type: "invalid_request_error" },
  rate_limit_exceeded: { status: 429, type: "rate_limit_error" },
  budget_exceeded: { status: 429, type: "insufficient_quota" },
  cancelled: { status: 499, type: "cancelled" },
  internal_error: { status: 500, type: "api_error" },
  upstream_error: { status: 502, type: "api_error" },
  upstream_credentials: { status: 502, type: "api_error" },
  no_target_available: { status: 503, type: "api_error" },
  draining: { status: 503, type: "api_error" },
  upstream_timeout: { status: 504, type: "api_error" },
} as const satisfies Record<string, { readonly status: number; readonly type: string }>;

/** A code of {@link refusals}. */
export type RefusalCode = keyof typeof refusals;

/** Why we did not answer. An upstream's own 4xx is one too: it keeps its status, code and type. */
export interface Refusal {
  readonly status: number;
  readonly code: string | null;
  readonly type: string;
  readonly message: string;
  /** The path of the field at fault, such as `messages[0].role`. */
  readonly param: string | null;
  /** When trying again may help; null when we cannot say. */
  readonly retryAfterMs: DurationMs | null;
  /** False tells OpenAI's SDKs not to repeat the request; null says nothing. */
  readonly shouldRetry: boolean | null;
  /** The rule of routes.yaml that refused, such as `key web-app rpm`; for the journal. */
  readonly rule: string | null;
}

/** Builds a refusal from its code; status and type come from the table. */
export const refuse = (
  code: RefusalCode,
  message: string,
  more: Partial<Pick<Refusal, "param" | "retryAfterMs" | "shouldRetry" | "rule">> = {},
): Refusal => ({
  ...refusals[code],
  code,
  message,
  param: null,
  retryAfterMs: null,
  shouldRetry: null,
  rule: null,
  ...more,
});
