import { err, ok, type Result } from "../../core/result.ts";
import { type Secret, scrub } from "../../core/secret.ts";
import type { DurationMs, EpochMs } from "../../core/units.ts";
import { type Failure, failure } from "../../domain/failure.ts";
import { showRef } from "../../domain/secret_ref.ts";
import type { Login } from "../../domain/service.ts";
import { type Grant, readGrant, refusedLogin } from "../../providers/request/grant.ts";
import { retryAfter } from "../../resilience/retry_after.ts";
import { fixedHeaders, readText } from "./exchange.ts";
import { Patience } from "./patience.ts";
import type { Vault } from "./vault.ts";
import type { World } from "./world.ts";

const maxBytes = 1024 * 1024;
/** A login belongs to all who wait for it: none of them ends it. */
const nobody = new AbortController().signal;

/** How long a login may take. */
export interface Bounds {
  readonly connectMs: DurationMs;
  /** From the beginning to the end of the answer. */
  readonly longestMs: DurationMs;
}

/** Fetches a token. Tells no secret, whatever goes wrong. */
export async function logIn(
  { transport, vault, clock }: World,
  login: Login,
  { connectMs, longestMs }: Bounds,
): Promise<Result<Grant, Failure>> {
  const filled = fillBody(login, vault, clock.now());
  if (!filled.ok) return err(failed("auth", `${filled.error} of the login is not set`));
  const { body, secrets } = filled.value;
  const patience = new Patience(nobody, longestMs);
  try {
    const response = await transport.send({
      method: "POST",
      url: new URL(login.url),
      headers: { ...fixedHeaders, accept: "application/json" },
      body,
      signal: patience.signal,
      connectMs,
    });
    const text = (await readText(response, maxBytes, true)) ?? "";
    const { status, headers } = response;
    if (status >= 200 && status < 300) return read(text, login, clock.now());
    const said = refusedLogin(status, scrub(text, secrets));
    const isLimited = said.kind === "rate_limited";
    return err(isLimited ? { ...said, retryAfterMs: retryAfter(headers, clock.now()) } : said);
  } catch (error) {
    const { message } = patience.failureOf(error);
    const why = patience.signal.aborted ? `no answer within ${longestMs / 1_000} s` : message;
    return err(failed("network", `the login failed: ${why}`));
  } finally {
    patience.stop();
  }
}

function read(text: string, login: Login, now: EpochMs): Result<Grant, Failure> {
  let body: unknown;
  try {
    body = JSON.parse(text);
  } catch {
    return err(failed("malformed", "the answer of the login is not JSON"));
  }
  const grant = readGrant(body, login, now);
  return grant.ok ? grant : err(failed("malformed", grant.error));
}

/** The body with the secrets as they are now; or which of them is not there. */
function fillBody(
  login: Login,
  vault: Vault,
  now: EpochMs,
): Result<{ readonly body: string; readonly secrets: readonly Secret[] }, string> {
  const fields: (readonly [string, string])[] = [];
  const secrets: Secret[] = [];
  for (const [name, value] of Object.entries(login.body)) {
    if (typeof value === "string") {
      fields.push([name, value]);
      continue;
    }
    const looked = vault.look(value, now);
    if (looked.kind !== "set") return err(showRef(value));
    fields.push([name, looked.secret.reveal()]);
    secrets.push(looked.secret);
  }
  return ok({ body: JSON.stringify(Object.fromEntries(fields)), secrets });
}

/** Nothing reached the service that the token is for. */
const failed = (kind: Failure["kind"], message: string): Failure =>
  failure(kind, message, { reached: false });
