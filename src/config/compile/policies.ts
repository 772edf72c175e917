import { type FailureKind, failoverKinds } from "../../domain/failure.ts";
import type { FailoverPolicy } from "../../domain/snapshot.ts";
import type { RoutesText } from "../schema/routes.ts";
import type { Making } from "./making.ts";
import { valuesFor } from "./values.ts";

type PolicyText = NonNullable<RoutesText["failover"]>[string];

/** What a policy is where the file is silent. */
export const builtInPolicy: FailoverPolicy = {
  name: "(built-in)",
  on: failoverKinds,
  maxAttempts: 4,
  retries: 1,
  backoff: { baseMs: 250, maxMs: 4_000 },
  deadlineMs: 90_000,
  breaker: { failures: 5, withinMs: 30_000, openForMs: 30_000 },
};

/** All policies of the file by name. */
export function makePolicies(
  making: Making,
  policies: RoutesText["failover"],
): ReadonlyMap<string, FailoverPolicy> {
  return new Map(
    Object.entries(policies ?? {}).map(([name, text]) => [name, makePolicy(making, name, text)]),
  );
}

function makePolicy(making: Making, name: string, text: PolicyText): FailoverPolicy {
  const values = valuesFor(making);
  const or = <O extends object, K extends string & keyof O, T>(
    owner: O | undefined,
    key: K,
    fallback: T,
    make: (owner: O, key: K, value: NonNullable<O[K]>) => T,
  ): T => {
    const written = owner?.[key];
    return owner === undefined || written === undefined || written === null
      ? fallback
      : make(owner, key, written);
  };
  const { backoff, breaker } = text;
  const whole = (minimum: number) => (owner: object, key: string, value: number | string) =>
    values.whole(owner, key, value, minimum);
  const policy: FailoverPolicy = {
    name,
    on: text.on === undefined ? builtInPolicy.on : inOrder(text.on),
    maxAttempts: or(text, "max_attempts", builtInPolicy.maxAttempts, whole(1)),
    retries: or(text, "retries", builtInPolicy.retries, whole(0)),
    backoff: {
      baseMs: or(backoff, "base", builtInPolicy.backoff.baseMs, values.duration),
      maxMs: or(backoff, "max", builtInPolicy.backoff.maxMs, values.duration),
    },
    deadlineMs: or(text, "deadline", builtInPolicy.deadlineMs, values.duration),
    breaker: {
      failures: or(breaker, "failures", builtInPolicy.breaker.failures, whole(1)),
      withinMs: or(breaker, "within", builtInPolicy.breaker.withinMs, values.duration),
      openForMs: or(breaker, "open_for", builtInPolicy.breaker.openForMs, values.duration),
    },
  };
  return making.places.adopt(policy, text);
}

/** A set of kinds has no order of its own. */
const inOrder = (kinds: readonly FailureKind[]): readonly FailureKind[] =>
  failoverKinds.filter((kind) => kinds.includes(kind));
