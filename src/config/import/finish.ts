import type { DraftKey, DraftModel, DraftProvider, Json, JsonObject } from "./draft.ts";
import { present } from "./draft.ts";
import { settleAliases } from "./finish/aliases.ts";
import { settleFallbacks } from "./finish/fallbacks.ts";
import { modelBehind } from "./finish/names.ts";
import { settleTargets } from "./finish/targets.ts";
import type { Scope } from "./scope.ts";

/** The new file as data, its references settled: what would not compile was taken out, and said so. */
export function finish(scope: Scope): JsonObject {
  const { draft } = scope;
  for (const [name, model] of draft.models) settleTargets(name, model, scope);
  const aliases = settleAliases(scope);
  const fallbacks = settleFallbacks(scope, aliases);
  const { auth: _auth, default_model, ...sections } = draft.sections;
  return {
    version: 1,
    ...present({
      auth: present({ keys: draft.keys.map((key) => keyText(key, aliases, scope)) }),
      providers: Object.fromEntries(
        [...draft.providers].map(([name, provider]) => [name, providerText(provider)]),
      ),
      models: Object.fromEntries(
        [...draft.models].map(([name, model]) => [name, modelText(name, model, fallbacks.get(name) ?? {})]),
      ),
      aliases: Object.fromEntries(aliases),
      default_model:
        typeof default_model === "string" && modelBehind(scope.draft, aliases, default_model) !== null
          ? default_model
          : undefined,
      ...sections,
    }),
  };
}

/** A key; that none of its models came over must not mean that it may use all. */
function keyText(
  { fields, models }: DraftKey,
  aliases: ReadonlyMap<string, string>,
  scope: Scope,
): JsonObject {
  const known = models.filter(({ name, at }) => {
    const isThere = name.includes("*") || modelBehind(scope.draft, aliases, name) !== null;
    if (!isThere) scope.notes.unsupported(at, "no model of this name came over");
    return isThere;
  });
  const globs = known.map(({ name }) => name);
  return present({ ...fields, models: models.length > 0 && globs.length === 0 ? ["!*"] : globs });
}

const providerText = ({ fields, models }: DraftProvider): JsonObject => present({ ...fields, models });

function modelText(
  name: string,
  { strategy, targets, enabled }: DraftModel,
  fallbacks: JsonObject,
): JsonObject {
  const isOff = targets.every((target) => !target.enabled);
  const causes = Object.keys(fallbacks);
  return present({
    strategy: targets.length > 1 && strategy !== "priority" ? strategy : undefined,
    targets: targets.map((target): Json => {
      const { provider, model, weight, limits, defaults, timeouts } = target;
      const more = present({
        weight: weight === 1 || strategy !== "weighted" || targets.length < 2 ? undefined : weight,
        enabled: target.enabled || isOff ? undefined : false,
        limits,
        defaults,
        timeouts,
      });
      if (Object.keys(more).length === 0) return `${provider}/${model}`;
      return { provider, ...(model === name ? {} : { model }), ...more };
    }),
    fallbacks: causes.length === 1 && causes[0] === "any" ? fallbacks["any"] : fallbacks,
    enabled: enabled && !isOff ? undefined : false,
  });
}
