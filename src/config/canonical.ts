import type { Snapshot } from "../domain/snapshot.ts";
import { attribution, auth } from "./canonical/auth.ts";
import { timeouts } from "./canonical/limits.ts";
import { alias, model, policies } from "./canonical/models.ts";
import { provider } from "./canonical/providers.ts";
import { asserts, gates, http, logging, metrics, rollout } from "./canonical/sections.ts";
import { byName, type Form, nothingElse } from "./canonical/written.ts";

/** A Snapshot without its digest and without where things are written: what it means. */
export type Meaning = Omit<Snapshot, "digest" | "lines">;

/**
 * A Snapshot in the words of its file: defaults filled in, secrets by reference, everything that has a name under it;
 * places, comments and meaningless order left out. Two files mean the same when this is the same.
 */
export function canonical(snapshot: Meaning): Form {
  const { providers, models, patterns, aliases, auto, defaultModel, ...sections } = snapshot;
  const { timeouts: clocks, rollout: trial, asserts: assertions, ...others } = sections;
  const {
    auth: access,
    attribution: sources,
    http: web,
    logging: logs,
    metrics: kept,
    gates: gate,
    ...rest
  } = others;
  nothingElse(rest);
  const named = ({ name }: { readonly name: string }) => name;
  const all = [...models.values(), ...patterns];
  return {
    auth: auth(access),
    attribution: attribution(sources),
    timeouts: timeouts(clocks),
    providers: byName(providers.values(), named, provider),
    models: byName(all, named, model),
    aliases: byName(aliases.values(), named, alias),
    auto: auto === null ? null : { models: auto.models, strategy: auto.strategy },
    default_model: defaultModel,
    failover: policies(all),
    http: http(web),
    logging: logging(logs),
    metrics: metrics(kept),
    rollout: trial === null ? null : rollout(trial),
    gates: gates(gate),
    assert: asserts(assertions),
  };
}

/** As text: the same for the same form, whatever the order of its keys. */
export const canonicalText = (value: unknown): string => JSON.stringify(sorted(value)) ?? "null";

/** Keys in alphabetical order, all the way down. */
function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== "object" || value === null) return value;
  const entries = Object.entries(value).toSorted(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0));
  return Object.fromEntries(entries.map(([key, held]) => [key, sorted(held)]));
}
