import { isRecord } from "../../core/record.ts";
import type { DurationMs } from "../../core/units.ts";
import type { Failure, FailureKind } from "../../domain/failure.ts";
import { maxMessageLength, parseError, readError } from "../../openai/error.ts";
import { failureOf } from "../failures.ts";
import type { Fields } from "../fields.ts";

/** Google's names for what went wrong: reasons, then statuses. https://google.aip.dev/193 and https://ai.google.dev/gemini-api/docs/troubleshooting */
const meaning: Readonly<Record<string, FailureKind>> = {
  context_length_exceeded: "context_window",
  insufficient_quota: "quota",
  unreadable_file: "bad_request",
  api_key_invalid: "auth",
  access_token_expired: "auth",
  service_disabled: "auth",
  consumer_suspended: "auth",
  billing_disabled: "quota",
  unauthenticated: "auth",
  permission_denied: "auth",
  not_found: "not_found",
  resource_exhausted: "rate_limited",
  unavailable: "overloaded",
  deadline_exceeded: "timeout",
  internal: "server",
  unknown: "server",
  data_loss: "server",
  aborted: "server",
  cancelled: "server",
};

/** What Google says in words alone, by the reason that it would be. */
const phrases: readonly (readonly [reason: string, RegExp])[] = [
  [
    "context_length_exceeded",
    /input token count\b.{0,60}\b(?:exceeds|only supports)|input context is too long/i,
  ],
  ["insufficient_quota", /\bcredits are depleted\b|\bspending cap\b|\bbilling account\b.{0,40}\bdisabled\b/i],
  // Of a file or a cache that a request names, not of the model, and no reason to doubt the key.
  ["unreadable_file", /\baccess the file\b|\bcached ?content not found\b/i],
];

/** The answer to any status but 200. */
export function decodeError(status: number, body: string): Failure {
  try {
    return failureIn(status, JSON.parse(body));
  } catch {
    return failureOf(status, parseError(body), meaning);
  }
}

/** The error that an answer or an event of a 200 bears; null when it bears none. */
export const errorIn = (body: Fields): Failure | null =>
  isRecord(body["error"]) || typeof body["error"] === "string" ? failureIn(null, body) : null;

/** An error by itself or in a list of one; `status` is null inside a 200. */
function failureIn(status: number | null, said: unknown): Failure {
  const [first] = Array.isArray(said) ? said : [said];
  const error = isRecord(first) && isRecord(first["error"]) ? first["error"] : {};
  const read = readError(first);
  const details = Array.isArray(error["details"]) ? error["details"].filter(isRecord) : [];
  const innerCode = phrases.find(([, phrase]) => phrase.test(read.message))?.[0] ?? reasonIn(details);
  const retryAfterMs = retryDelayIn(details) ?? read.retryAfterMs;
  const failed = failureOf(status, { ...read, innerCode, retryAfterMs }, meaning);
  return { ...failed, message: wholeMessage(error["message"]) ?? failed.message };
}

/** A list of quotas stays a list. */
const wholeMessage = (message: unknown): string | null =>
  typeof message === "string" && message.includes("\n") && message.length <= maxMessageLength
    ? message.trim()
    : null;

/** https://github.com/googleapis/googleapis/blob/master/google/rpc/error_details.proto */
function reasonIn(details: readonly Fields[]): string | null {
  const reason = details.map((detail) => detail["reason"]).find((each) => typeof each === "string");
  return typeof reason === "string" ? reason : null;
}

/** How long to stay away: `"37s"`, `"0.5s"`. */
function retryDelayIn(details: readonly Fields[]): DurationMs | null {
  for (const { retryDelay: delay } of details) {
    const seconds = typeof delay === "string" ? /^(\d{1,9}(?:\.\d{1,9})?)s$/.exec(delay)?.[1] : undefined;
    if (seconds !== undefined) return Math.ceil(Number(seconds) * 1_000);
  }
  return null;
}
