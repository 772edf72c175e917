import { valueAt } from "../../core/json_pointer.ts";
import { err, ok, type Result } from "../../core/result.ts";
import { Secret } from "../../core/secret.ts";
import type { DurationMs, EpochMs } from "../../core/units.ts";
import { type Failure, type FailureKind, failure } from "../../domain/failure.ts";
import type { Login } from "../../domain/service.ts";
import { parseError } from "../../openai/error.ts";

/** What a login gave: a token, and for how long it may be used. */
export interface Grant {
  readonly token: Secret;
  readonly livesMs: DurationMs;
}

/** Where services put a token, the commonest place first; the last is an answer that is nothing else. */
const usualTokens = [
  "/access_token",
  "/token",
  "/data/access_token",
  "/data/token",
  "/id_token",
  "/accessToken",
  "/data/accessToken",
  "/result/access_token",
  "/result/token",
  "/auth_token",
  "/jwt",
  "/data",
  "",
];
const usualLifetimes = [
  "/expires_in",
  "/data/expires_in",
  "/expiresIn",
  "/data/expiresIn",
  "/result/expires_in",
  "/expires_at",
  "/data/expires_at",
  "/expiresAt",
];

/** What no header may hold is no token. */
const sendable = /^[\x20-\x7e]+$/;

/** Reads the decoded answer to a login; or a sentence why it is none. */
export function readGrant(body: unknown, login: Login, now: EpochMs): Result<Grant, string> {
  const places = login.token === null ? usualTokens : [login.token];
  const token = places.map((pointer) => tokenIn(valueAt(body, pointer))).find((found) => found !== null);
  if (token === undefined || token === null) {
    const where = login.token === null ? "at any of the usual places" : `at ${login.token}`;
    return err(`the answer of the login has no token ${where}`);
  }
  const ends = (login.expiresIn === null ? usualLifetimes : [login.expiresIn])
    .map((pointer) => lifetimeOf(valueAt(body, pointer), now))
    .find((found) => found !== null);
  return ok({ token: new Secret(token), livesMs: Math.min(ends ?? login.cacheMs, login.cacheMs) });
}

/** What a login that was answered with another status than 2xx means. Never the client's fault, whatever the status. */
export function refusedLogin(status: number, body: string): Failure {
  const kind = kindOf(status);
  const said = parseError(body).message;
  const happened = kind === "auth" ? "was refused with" : "answered";
  return failure(kind, `the login ${happened} ${status}${said === "" ? "" : `: ${said}`}`, {
    reached: false,
  });
}

function kindOf(status: number): FailureKind {
  if (status === 429) return "rate_limited";
  if (status >= 500) return "server";
  return status >= 400 ? "auth" : "malformed";
}

function tokenIn(said: unknown): string | null {
  const token = typeof said === "string" ? said.trim().replace(/^Bearer +/i, "") : "";
  return sendable.test(token) ? token : null;
}

/** Seconds are below this, moments of our time above; from the square of it on in milliseconds. */
const firstMomentS = 1_000_000_000;
const firstMomentMs = 1_000_000_000_000;

/** From a number of seconds, a moment in seconds or milliseconds, or a date; null where that is no time to come. */
function lifetimeOf(said: unknown, now: EpochMs): DurationMs | null {
  const number = typeof said === "string" && /^\d+(\.\d+)?$/.test(said) ? Number(said) : said;
  const lives =
    typeof number === "number"
      ? number >= firstMomentMs
        ? number - now
        : number >= firstMomentS
          ? number * 1_000 - now
          : number * 1_000
      : typeof said === "string" && /^\d{4}-\d\d-\d\dT/.test(said)
        ? Date.parse(said) - now
        : Number.NaN;
  return Number.isFinite(lives) && lives > 0 ? lives : null;
}
