import { matchesGlob } from "../../core/glob.ts";
import type { Model, Snapshot, Target } from "../../domain/snapshot.ts";
import type { DiagnosticCode } from "../diagnostic.ts";
import type { ModelText } from "../schema/routes.ts";
import type { Spot } from "../tree.ts";
import type { Making } from "./making.ts";
import { type Names, targetOfAlias } from "./names.ts";
import type { Whole } from "./whole.ts";

type Warn = (code: DiagnosticCode, at: Spot, message: string) => void;

/** Says what works and is probably not meant. */
export function warn(making: Making, whole: Whole, names: Names, snapshot: Snapshot): void {
  const say: Warn = (code, at, message) => making.report(code, at, message, { severity: "warning" });
  const find = (name: string): Model | null => {
    const model = names.modelOf(name);
    return model === null
      ? null
      : (snapshot.models.get(model) ?? snapshot.patterns.find((each) => each.name === model) ?? null);
  };
  for (const { name, at, text } of whole.models) {
    const model = find(name);
    if (text === null || model === null) continue;
    warnOfSingle(model, at, say);
    for (const { fallback, at: fallbackAt } of fallbacksOf(making, text)) {
      const next = find(fallback);
      if (next !== null) warnOfFallback(model, next, fallbackAt, say);
    }
  }
  warnOfUnused(making, whole, snapshot, say);
  for (const { name, at } of referencesTo(making, whole)) {
    if ((find(name)?.deprecated ?? null) !== null)
      say("deprecated_model", at, `"${name}" is deprecated; name what replaces it.`);
  }
}

/** A pattern passes names through to one provider by nature, and nothing built in can be out of reach. */
function warnOfSingle({ name, targets, fallbacks }: Model, at: Spot, say: Warn): void {
  const [only, second] = targets.filter(({ enabled }) => enabled);
  if (only === undefined || second !== undefined || fallbacks.any.length > 0) return;
  if (name.endsWith("*") || only.provider.kind === "simulated") return;
  say(
    "single_target",
    at,
    `"${name}" has one target and no fallback, so it is down whenever ${only.provider.name} is.`,
  );
}

function warnOfFallback(model: Model, next: Model, at: Spot, say: Warn): void {
  const own = new Set(model.targets.map(({ provider }) => provider.name));
  if (next.targets.length > 0 && next.targets.every(({ provider }) => own.has(provider.name))) {
    say(
      "same_provider_fallback",
      at,
      `"${next.name}" goes to the same provider as "${model.name}", so an outage takes both.`,
    );
  }
  const [from, to] = [roomOf(model), roomOf(next)];
  if (from !== null && to !== null && to < from) {
    say(
      "smaller_context",
      at,
      `"${next.name}" has room for ${to} tokens and "${model.name}" for ${from}; long requests cannot fall back.`,
    );
  }
}

/** The largest context that is known of a model's targets. */
function roomOf({ targets }: Model): number | null {
  const known = targets.map(contextOf).filter((context) => context !== null);
  return known.length === 0 ? null : Math.max(...known);
}

const contextOf = ({ provider, model }: Target): number | null =>
  provider.facts.find((entry) => entry.context !== null && matchesGlob(entry.model, model))?.context ?? null;

function fallbacksOf({ places }: Making, { fallbacks = [] }: ModelText) {
  const lists: readonly (readonly string[])[] = Array.isArray(fallbacks)
    ? [fallbacks]
    : Object.values(fallbacks);
  return lists.flatMap((list) =>
    list.map((fallback, index) => ({ fallback, at: places.value(list, index) })),
  );
}

function warnOfUnused(
  { places }: Making,
  whole: Whole,
  { models, patterns, auth }: Snapshot,
  say: Warn,
): void {
  const all = [...models.values(), ...patterns];
  const providers = new Set(all.flatMap(({ targets }) => targets.map(({ provider }) => provider.name)));
  for (const { name, at } of whole.providers) {
    if (!providers.has(name)) say("unused", at, `No model has a target at the provider "${name}".`);
  }
  const policies = new Set(whole.models.map(({ text }) => text?.failover));
  const { failover = {} } = whole.root;
  for (const name of whole.policyNames) {
    if (name !== "default" && !policies.has(name))
      say("unused", places.key(failover, name), `No model names the failover policy "${name}".`);
  }
  const teams = new Set(auth.keys.map(({ team }) => team?.name));
  for (const { name, at } of whole.teams) {
    if (!teams.has(name)) say("unused", at, `No key belongs to the team "${name}".`);
  }
}

/** Names that lead to models from elsewhere in the file. */
function referencesTo(
  making: Making,
  { root, models, aliases }: Whole,
): readonly { readonly name: string; readonly at: Spot }[] {
  const { places } = making;
  const { auto, default_model } = root;
  return [
    ...models.flatMap(({ text }) =>
      text === null ? [] : fallbacksOf(making, text).map(({ fallback, at }) => ({ name: fallback, at })),
    ),
    ...aliases.flatMap(({ text, valueAt }) =>
      text === null
        ? []
        : [{ name: targetOfAlias(text), at: typeof text === "string" ? valueAt : places.value(text, "to") }],
    ),
    ...(auto?.models ?? []).map((name, index) => ({
      name,
      at: auto === undefined ? places.of(root) : places.value(auto.models, index),
    })),
    ...(default_model === undefined
      ? []
      : [{ name: default_model, at: places.value(root, "default_model") }]),
  ];
}
