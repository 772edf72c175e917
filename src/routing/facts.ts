import { matchesGlob } from "../core/glob.ts";
import type { Usd } from "../core/units.ts";
import type {
  Model,
  Price,
  Provider,
  Snapshot,
  Target,
  Timeouts,
  UpstreamFacts,
} from "../domain/snapshot.ts";
import { noUsage, type Usage } from "../domain/usage.ts";

/** One field of what the file says about an upstream model, from the most specific entry that has it. */
export function fact<K extends "price" | "context" | "limits">(
  provider: Provider,
  upstream: string,
  field: K,
): { readonly entry: UpstreamFacts; readonly value: NonNullable<UpstreamFacts[K]> } | null {
  for (const entry of provider.facts) {
    const value = entry[field];
    if (value !== null && matchesGlob(entry.model, upstream)) return { entry, value };
  }
  return null;
}

/** Each clock from the narrowest place that sets it: target, public model, upstream model, provider, file. */
export function timeoutsOf(snapshot: Snapshot, model: Model, target: Target, upstream: string): Timeouts {
  const entries = target.provider.facts.filter((entry) => matchesGlob(entry.model, upstream)).reverse();
  return Object.assign(
    {},
    snapshot.timeouts,
    target.provider.timeouts,
    ...entries.map((entry) => entry.timeouts),
    model.timeouts,
    target.timeouts,
  );
}

/** What an answer cost; null while the price or the tokens are unknown, never 0 for lack of knowledge. */
export function costOf(price: Price | null, usage: Usage): Usd | null {
  if (price === null || usage.prompt === null) return null;
  const cached = usage.cached ?? 0;
  const written = usage.cacheWrite ?? 0;
  const fresh = Math.max(0, usage.prompt - cached - written);
  const perMillion =
    fresh * price.input +
    cached * (price.cached_input ?? price.input) +
    written * (price.cache_write ?? price.input) +
    (usage.completion ?? 0) * price.output;
  return perMillion / 1_000_000 + (price.request ?? 0);
}

/** What a request may cost, from its estimated tokens; 0 while the price is unknown. */
export const estimateUsd = (price: Price | null, promptTokens: number, allTokens: number): Usd =>
  costOf(price, { ...noUsage, prompt: promptTokens, completion: Math.max(0, allTokens - promptTokens) }) ?? 0;
