import { type Failure, type FailureKind, failure, kindOfStatus } from "../domain/failure.ts";
import { type ProviderError, parseError, readError } from "../openai/error.ts";

/** Codes and types that mean one kind, in lower case, whatever the status. Order: the first kind that has one of them. */
const codes: readonly (readonly [FailureKind, readonly string[]])[] = [
  [
    "context_window",
    [
      "context_length_exceeded",
      "context_window_exceeded",
      "too_many_prompt_tokens",
      "model_max_prompt_tokens_exceeded",
      "exceed_context_size_error",
      "prompt_too_long",
    ],
  ],
  [
    "content_policy",
    [
      "content_filter",
      "content_policy_violation",
      "data_inspection_failed",
      "datainspectionfailed",
      "responsibleaipolicyviolation",
      "moderation_blocked",
      "content_management_policy",
      "sensitive_content",
      "safety",
    ],
  ],
  [
    "quota",
    [
      "insufficient_quota",
      "billing_not_active",
      "billing_hard_limit_reached",
      "insufficient_balance",
      "exceeded_current_quota_error",
      "insufficient_user_quota",
      "insufficient_credits",
      "arrearage",
      "account_deactivated",
    ],
  ],
  [
    "auth",
    [
      "invalid_api_key",
      "invalidapikey",
      "authentication_error",
      "invalid_authentication_error",
      "incorrect_api_key",
      "invalid_organization",
    ],
  ],
  [
    "not_found",
    ["model_not_found", "modelnotfound", "model_not_exist", "invalid_model", "deploymentnotfound"],
  ],
  [
    "rate_limited",
    [
      "rate_limit_exceeded",
      "rate_limit_error",
      "rate_limit_reached_error",
      "rate_limited",
      "ratelimitreached",
      "too_many_requests",
      "throttling",
      "throttling.ratequota",
      "throttling.allocationquota",
      "throttling.burstrate",
      "limit_requests",
      "limit_burst_rate",
    ],
  ],
  [
    "overloaded",
    [
      "overloaded_error",
      "overloaded",
      "engine_overloaded_error",
      "engine_overloaded",
      "service_unavailable",
      "serviceunavailable",
      "model_overloaded",
    ],
  ],
  ["timeout", ["request_timeout", "requesttimeout", "timeout", "timeout_error"]],
];

/** Words that mean one kind where no code does. Only for the statuses that may mean anything. */
const phrases: readonly (readonly [FailureKind, RegExp])[] = [
  [
    "context_window",
    /maximum context length|context (?:length|window|size)[^.]{0,40}exceed|exceeds? [^.]{0,60}context (?:length|window|size)|\b(?:prompt|input|messages?|request)\b[^.:]{0,40} (?:is|are) too long\b|too many (?:input|prompt) tokens|exceeds? context limit|range of input length should be/,
  ],
  [
    "content_policy",
    /content management policy|content policy|content filtering policy|usage polic(?:y|ies)|inappropriate content|input was flagged|safety system/,
  ],
  ["quota", /credit balance is too low|insufficient (?:balance|credits|funds)|account is in good standing/],
  ["auth", /(?:invalid|incorrect) api key|api key not valid/],
  ["not_found", /\bmodel\b[^.]{0,200}\b(?:does not exist|not exist|not found)\b|not a valid model/],
];

const ambiguous: ReadonlySet<number | null> = new Set([null, 400, 402, 403, 404, 413, 422, 451]);

/** What a provider's error means; `meaning` is what some of its codes mean with this provider alone. */
export function failureOf(
  status: number | null,
  said: ProviderError,
  meaning: Readonly<Record<string, FailureKind>> = {},
): Failure {
  const message = said.message === "" ? silence(status) : said.message;
  const kind = kindOf(status, said, meaning);
  return failure(kind, message, {
    status,
    code: said.code,
    type: said.type,
    param: said.param,
    retryAfterMs:
      kind === "rate_limited" || kind === "overloaded" ? (said.retryAfterMs ?? waitIn(message)) : null,
  });
}

/** The answer to any status but 200, in any shape. */
export const decodeError = (
  status: number,
  body: string,
  meaning?: Readonly<Record<string, FailureKind>>,
): Failure => failureOf(status, parseError(body), meaning);

/** An error inside a 200. */
export const inBandFailure = (error: unknown, meaning?: Readonly<Record<string, FailureKind>>): Failure =>
  failureOf(null, readError(error), meaning);

function kindOf(
  status: number | null,
  said: ProviderError,
  meaning: Readonly<Record<string, FailureKind>>,
): FailureKind {
  const names = [said.code, said.innerCode, said.type].flatMap((name) =>
    name === null ? [] : [name.toLowerCase()],
  );
  for (const name of names) if (Object.hasOwn(meaning, name)) return meaning[name] ?? "server";
  for (const [kind, known] of codes) if (names.some((name) => known.includes(name))) return kind;

  const effective = status ?? said.status;
  const words = said.message.toLowerCase();
  if (ambiguous.has(effective)) for (const [kind, phrase] of phrases) if (phrase.test(words)) return kind;
  if (effective !== null && effective >= 500 && /\boverloaded\b|(?:at|over) capacity/.test(words))
    return "overloaded";
  if (effective !== null) return kindOfStatus(effective);
  return names.some((name) => name.startsWith("invalid_request") || name.startsWith("invalidparameter"))
    ? "bad_request"
    : "server";
}

const silence = (status: number | null): string =>
  status === null
    ? "the provider reported an error without saying which"
    : `the provider answered ${status} without saying why`;

/** OpenAI and Azure write how long to wait into the sentence: `try again in 6m0.5s`, `retry after 7 seconds`. In milliseconds. */
function waitIn(message: string): number | null {
  const written =
    /(?:try again|retry) (?:in|after) (?:(\d{1,3})h)?(?:(\d{1,4})m(?!s))?(?:(\d{1,7}(?:\.\d{1,9})?) ?(ms|milliseconds?|s\b|seconds?))?/i.exec(
      message,
    );
  if (written === null || written.slice(1).every((part) => part === undefined)) return null;
  const [, hours = "0", minutes = "0", amount = "0", unit = "s"] = written;
  const scale = unit.toLowerCase().startsWith("m") ? 1 : 1_000;
  return Math.ceil(Number(hours) * 3_600_000 + Number(minutes) * 60_000 + Number(amount) * scale);
}
