import { err, type Result } from "../../core/result.ts";
import type { Secret } from "../../core/secret.ts";
import { type Failure, failure } from "../../domain/failure.ts";
import type { Transport } from "../../runtime/transport.ts";
import { type Call, type Opened, open } from "./exchange.ts";
import type { Patience } from "./patience.ts";
import type { Wire } from "./wire.ts";

/**
 * Sends a call with the credential that it needs. Where that is the token of a login, a 401 costs one fresh token and one
 * more call; a second 401 is final.
 */
export async function openAuthorized(
  call: Call,
  wire: Wire,
  transport: Transport,
  patience: Patience,
): Promise<Opened> {
  const { now } = wire.clock;
  const login = call.upstream.provider.service?.login ?? null;
  if (login === null) return open(call, transport, patience, now);
  const send = (credential: Secret) => open({ ...call, credential }, transport, patience, now);
  const { connect } = call.decision.timeouts;

  const held = await waited(wire.logins.token(login, connect), patience);
  if (!held.ok) return failed(held.error);
  const first = await send(held.value);
  if (!isRefused(first)) return first;
  const fresh = await waited(wire.logins.renewed(login, held.value, connect), patience);
  if (!fresh.ok) return failed({ ...fresh.error, reached: true });
  if (fresh.value === held.value) return first;
  const second = await send(fresh.value);
  if (isRefused(second)) wire.logins.refusedFresh(login, fresh.value);
  return second;
}

const isRefused = (opened: Opened): boolean => !opened.ok && opened.failure.status === 401;

/** A token, unless the attempt ends first. Whoever gives out tokens and is slow is out of reach, and no slow provider. */
async function waited(
  token: Promise<Result<Secret, Failure>>,
  patience: Patience,
): Promise<Result<Secret, Failure>> {
  const { signal } = patience;
  const { promise: ended, resolve } = Promise.withResolvers<Result<Secret, Failure>>();
  const end = (): void => {
    const why = patience.failureOf(null);
    const said = why.kind === "timeout" ? failure("network", `the login is too slow: ${why.message}`) : why;
    resolve(err({ ...said, reached: false }));
  };
  if (signal.aborted) end();
  signal.addEventListener("abort", end, { once: true });
  const first = await Promise.race([token, ended]);
  signal.removeEventListener("abort", end);
  return first;
}

const failed = (why: Failure): Opened => ({ ok: false, failure: why });
