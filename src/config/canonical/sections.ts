import type { Assertion, Gates, Logging, Retention, Rollout, Snapshot } from "../../domain/snapshot.ts";
import { duration, type Form, nothingElse, percentage, size, unordered } from "./written.ts";

/** `http`. */
export function http({ corsOrigins, maxBodyBytes, ...rest }: Snapshot["http"]): Form {
  nothingElse(rest);
  return { cors_origins: unordered(corsOrigins), max_body: size(maxBodyBytes) };
}

/** `logging`. */
export function logging({ interactions, redact, maxFileBytes, keepMs, ...rest }: Logging): Form {
  nothingElse(rest);
  return { interactions, redact: unordered(redact), max_file: size(maxFileBytes), keep: duration(keepMs) };
}

/** `metrics`. */
export function metrics({ requestsMs, minuteMs, hourMs, ...rest }: Retention): Form {
  nothingElse(rest);
  return { keep: { requests: duration(requestsMs), minute: duration(minuteMs), hour: duration(hourMs) } };
}

/** `rollout`. */
export function rollout(described: Rollout): Form {
  const { canary, forMs, minRequests, maxErrorIncrease, maxP95Increase, ...more } = described;
  const { maxCostIncrease, onInconclusive, ...rest } = more;
  nothingElse(rest);
  return {
    canary: percentage(canary),
    for: duration(forMs),
    min_requests: minRequests,
    max_error_increase: percentage(maxErrorIncrease),
    max_p95_increase: percentage(maxP95Increase),
    max_cost_increase: percentage(maxCostIncrease),
    on_inconclusive: onInconclusive,
  };
}

/** `gates`. */
export function gates({ replay, ...rest }: Gates): Form {
  nothingElse(rest);
  if (replay === null) return { replay: null };
  const { sinceMs, maxNewlyRefused, maxCostIncrease, ...more } = replay;
  nothingElse(more);
  const share = (value: number | null) => (value === null ? null : percentage(value));
  return {
    replay: {
      since: duration(sinceMs),
      max_newly_refused: share(maxNewlyRefused),
      max_cost_increase: share(maxCostIncrease),
    },
  };
}

/** `assert`, by the names that each is about. All of them have to hold, so that several make one. */
export function asserts(assertions: readonly Assertion[]): Form {
  const globs = unordered(assertions.map(({ model }) => model));
  return Object.fromEntries(
    globs.map((glob) => [glob, together(assertions.filter(({ model }) => model === glob))]),
  );
}

function together(assertions: readonly Assertion[]): Form {
  for (const {
    model: _,
    minProviders: _least,
    anyTag: _any,
    onlyTags: _only,
    at: _at,
    ...rest
  } of assertions)
    nothingElse(rest);
  const least = Math.max(0, ...assertions.map(({ minProviders }) => minProviders ?? 0));
  return {
    min_providers: least === 0 ? null : least,
    any_tag: tagSets(assertions.map(({ anyTag }) => anyTag)),
    only_tags: tagSets(assertions.map(({ onlyTags }) => onlyTags)),
  };
}

/** `eu | us`: each set of tags as one text. */
const tagSets = (sets: readonly (readonly string[])[]): readonly string[] =>
  unordered(sets.filter((tags) => tags.length > 0).map((tags) => unordered(tags).join(" | ")));
