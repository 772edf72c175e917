import type { Alias, Deprecation, FailoverPolicy, Model, Target } from "../../domain/snapshot.ts";
import { builtInPolicy } from "../compile/policies.ts";
import { limits, timeouts } from "./limits.ts";
import { byName, duration, type Form, lastDay, nothingElse, present } from "./written.ts";

/** What a target is called within its model. */
export const targetId = ({ provider, model }: Target): string => `${provider.name}/${model}`;

/** `models.x`. */
export function model(described: Model): Form {
  const {
    name: _,
    at: _at,
    strategy,
    stickTo,
    targets,
    defaults,
    overrides,
    max,
    failover,
    ...more
  } = described;
  const { fallbacks, enabled, visible, deprecated, timeouts: clocks, ...rest } = more;
  nothingElse(rest);
  return {
    strategy,
    stick_to: stickTo,
    targets: targets.map(targetId),
    "targets[]": byName(targets, targetId, target),
    defaults,
    overrides,
    max,
    failover: failover.name,
    fallbacks: { ...fallbacks },
    enabled,
    visible,
    deprecated: deprecation(deprecated),
    timeouts: timeouts(clocks),
  };
}

function target(described: Target): Form {
  const {
    provider: _,
    model: _model,
    at: _at,
    weight,
    enabled,
    limits: rules,
    defaults,
    ...more
  } = described;
  const { timeouts: clocks, ...rest } = more;
  nothingElse(rest);
  return { weight, enabled, limits: limits(rules), defaults, timeouts: timeouts(clocks) };
}

/** `aliases.x`. */
export function alias({ name: _, at: _at, to, deprecated, ...rest }: Alias): Form {
  nothingElse(rest);
  return { to, deprecated: deprecation(deprecated) };
}

const deprecation = (said: Deprecation | null): Form | null =>
  said === null ? null : present({ use: said.use, after: said.after === null ? null : lastDay(said.after) });

/** `failover`: the policies of the file that models follow, by name. */
export const policies = (models: readonly Model[]): Form =>
  byName(
    models.flatMap(({ failover }) => (failover.name === builtInPolicy.name ? [] : failover)),
    ({ name }) => name,
    policy,
  );

function policy({
  name: _,
  on,
  maxAttempts,
  retries,
  backoff,
  deadlineMs,
  breaker,
  ...rest
}: FailoverPolicy): Form {
  nothingElse(rest);
  return {
    on,
    max_attempts: maxAttempts,
    retries,
    backoff: { base: duration(backoff.baseMs), max: duration(backoff.maxMs) },
    deadline: duration(deadlineMs),
    breaker: {
      failures: breaker.failures,
      within: duration(breaker.withinMs),
      open_for: duration(breaker.openForMs),
    },
  };
}
