import { isRecord } from "../../core/record.ts";
import { err, ok, type Result } from "../../core/result.ts";
import { parseDuration } from "../../core/units.ts";
import { failureKinds } from "../../domain/failure.ts";
import type { Outcome } from "../scenario/case.ts";
import { outcomeOf, wellDone } from "../scenario/outcome.ts";

/** How the next attempts at a provider end. */
export interface Fault {
  readonly outcome: Outcome;
  /** For so many of them; infinity: for all that follow. */
  readonly times: number;
}

/** What becomes of the attempts at each provider, in order; then all are ok. */
export type Script = ReadonlyMap<string, readonly Fault[]>;

/**
 * Reads what becomes of one provider: `server`, `rate_limited:2,retry_after=20s`, the same as a mapping, or a list of them.
 * Without a count one alone is for all attempts, and one of a list for one. Else: what it has to be.
 */
export function readFaults(written: unknown): Result<readonly Fault[], string> {
  const isList = Array.isArray(written);
  const faults: Fault[] = [];
  for (const item of isList ? written : [written]) {
    const fault = readFault(item, isList ? 1 : Number.POSITIVE_INFINITY);
    if (!fault.ok) return fault;
    faults.push(fault.value);
  }
  return ok(faults);
}

function readFault(written: unknown, otherwise: number): Result<Fault, string> {
  const text = isRecord(written) ? textOf(written) : written;
  if (typeof text !== "string") return err(kinds);
  const [head = "", ...more] = text.split(",").map((part) => part.trim());
  const [, word, times] = /^([a-z_]+)(?::([1-9]\d{0,8}|\*))?$/.exec(head) ?? [];
  const kind = word === "ok" ? word : failureKinds.find((each) => each === word);
  if (kind === undefined) return err(kinds);
  let outcome: Outcome = outcomeOf(kind);
  for (const part of more) {
    const told = withDetail(outcome, part);
    if (!told.ok) return told;
    outcome = told.value;
  }
  const many = times === "*" ? Number.POSITIVE_INFINITY : Number(times);
  return ok({ outcome, times: times === undefined ? otherwise : many });
}

const kinds = `one of ${failureKinds.join(", ")} or ok, with :N behind it for the next N attempts`;

/** `{ kind: server, times: 2, latency: 1s }` as one text. */
function textOf({ kind, times, ...details }: Readonly<Record<string, unknown>>): string {
  const head = times === undefined ? `${kind}` : `${kind}:${times ?? "*"}`;
  return [head, ...Object.entries(details).map(([name, value]) => `${name}=${value}`)].join(",");
}

function withDetail(outcome: Outcome, part: string): Result<Outcome, string> {
  const [, name, value = ""] = /^([a-z_]+)=(.+)$/.exec(part) ?? [];
  const time = parseDuration(value);
  switch (name) {
    case "retry_after":
      return time.ok
        ? ok({ ...outcome, retryAfterMs: time.value })
        : err(`followed by a retry_after that is ${time.error}`);
    case "latency":
      return time.ok
        ? ok({ ...outcome, latencyMs: time.value })
        : err(`followed by a latency that is ${time.error}`);
    case "status":
      return /^[2-5]\d\d$/.test(value)
        ? ok({ ...outcome, status: Number(value) })
        : err("followed by a status such as 503");
    default:
      return err("followed by retry_after=, latency= or status=, and nothing else");
  }
}

/** A script while it is played: what becomes of the next attempt at a provider. */
export function playing(script: Script): (provider: string) => Outcome {
  const made = new Map<string, number>();
  return (provider) => {
    const nth = made.get(provider) ?? 0;
    made.set(provider, nth + 1);
    let before = 0;
    for (const { outcome, times } of script.get(provider) ?? []) {
      before += times;
      if (nth < before) return outcome;
    }
    return wellDone;
  };
}
