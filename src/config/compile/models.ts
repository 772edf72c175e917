import type { FailoverPolicy, Fallbacks, Model, Provider, Target } from "../../domain/snapshot.ts";
import { positionOf } from "../places.ts";
import type { TargetText } from "../schema/model.ts";
import type { ModelText } from "../schema/routes.ts";
import { didYouMean, suggest } from "../suggest.ts";
import type { Spot } from "../tree.ts";
import type { Making } from "./making.ts";
import type { Names } from "./names.ts";
import { makeDeprecation, makeLimits, makeTimeouts } from "./rules.ts";
import { valuesFor } from "./values.ts";
import { type Item, reportTwice } from "./whole.ts";

/** What models refer to. */
export interface Surroundings {
  readonly names: Names;
  readonly providers: ReadonlyMap<string, Provider>;
  readonly policies: ReadonlyMap<string, FailoverPolicy>;
  readonly policyNames: ReadonlySet<string>;
  readonly standard: FailoverPolicy;
}

/** One public model, its defaults filled in and its references checked. */
export function makeModel(
  making: Making,
  { name, at }: Item<ModelText>,
  text: ModelText,
  around: Surroundings,
): Model {
  const targets = makeTargets(making, name, text, around);
  const { places } = making;
  const values = valuesFor(making);
  const max = text.max ?? {};
  if (targets.length > 0 && targets.every(({ weight }) => weight === 0)) {
    making.report(
      "zero_weights",
      at,
      `The weights of all targets of "${name}" are zero; at least one must be more.`,
    );
  }
  const model: Model = {
    name,
    strategy: text.strategy ?? "priority",
    stickTo: text.stick_to ?? "request",
    targets,
    defaults: text.defaults ?? {},
    overrides: text.overrides ?? {},
    max: places.adopt(
      Object.fromEntries(
        Object.entries(max).map(([field, value]) => [field, values.count(max, field, value)]),
      ),
      max,
    ),
    failover: policyOf(making, text, around),
    fallbacks: makeFallbacks(making, text, around.names),
    enabled: text.enabled ?? true,
    visible: text.visible ?? true,
    deprecated: makeDeprecated(making, text.deprecated, around.names),
    timeouts: makeTimeouts(making, text.timeouts),
    at: positionOf(at),
  };
  return places.adopt(model, text);
}

/** `deprecated:`, its replacement checked. */
export function makeDeprecated(making: Making, text: ModelText["deprecated"], names: Names) {
  if (text?.use !== undefined) names.require(text.use, making.places.value(text, "use"));
  return makeDeprecation(making, text);
}

function policyOf(
  { report, places }: Making,
  text: ModelText,
  { policies, policyNames, standard }: Surroundings,
): FailoverPolicy {
  if (text.failover === undefined) return policies.get("default") ?? standard;
  if (!policyNames.has(text.failover)) {
    const suggestion = suggest(text.failover, policyNames);
    const message = `There is no failover policy "${text.failover}"; this must be one of those below \`failover\`.${didYouMean(suggestion)}`;
    report("unknown_policy", places.value(text, "failover"), message, { suggestion });
  }
  return policies.get(text.failover) ?? standard;
}

function makeFallbacks({ places }: Making, { fallbacks = [] }: ModelText, names: Names): Fallbacks {
  const list = (written: readonly string[] | undefined): readonly string[] => {
    written?.forEach((name, index) => {
      names.require(name, places.value(written, index));
    });
    return written ?? [];
  };
  if (isList(fallbacks)) return { any: list(fallbacks), context_window: [], content_policy: [] };
  return {
    any: list(fallbacks.any),
    context_window: list(fallbacks.context_window),
    content_policy: list(fallbacks.content_policy),
  };
}

const isList = <T>(value: readonly string[] | T): value is readonly string[] => Array.isArray(value);

function makeTargets(
  making: Making,
  publicName: string,
  text: ModelText,
  around: Surroundings,
): readonly Target[] {
  const first = new Map<string, Spot>();
  return text.targets.flatMap((written, index) => {
    const at = making.places.value(text.targets, index);
    const target = makeTarget(making, publicName, written, at, around);
    if (target === null) return [];
    const identity = `${target.provider.name}/${target.model}`;
    const before = first.get(identity);
    if (before === undefined) {
      first.set(identity, at);
      return [target];
    }
    reportTwice("target", identity, at, before, making.report);
    return [];
  });
}

function makeTarget(
  making: Making,
  publicName: string,
  written: TargetText,
  at: Spot,
  around: Surroundings,
): Target | null {
  const { places, report } = making;
  const long = typeof written === "string" ? short(written) : written;
  const providerAt = typeof written === "string" ? at : places.value(written, "provider");
  const model = long.model ?? publicName;
  if (!around.names.providers.has(long.provider)) {
    const suggestion = suggest(long.provider, around.names.providers);
    report(
      "unknown_provider",
      providerAt,
      `There is no provider "${long.provider}"; this must be one of those below \`providers\`.${didYouMean(suggestion)}`,
      { suggestion },
    );
    return null;
  }
  if (model.endsWith("*") && !publicName.endsWith("*")) {
    const modelAt = typeof written === "string" ? at : places.value(written, "model");
    report(
      "wrong_type",
      modelAt,
      `The * of "${model}" takes what the * of the public name stands for, and "${publicName}" has none; this must be one upstream model.`,
    );
    return null;
  }
  const provider = around.providers.get(long.provider);
  if (provider === undefined) return null;
  const target: Target = {
    provider,
    model,
    weight: long.weight === undefined ? 1 : valuesFor(making).count(long, "weight", long.weight),
    enabled: long.enabled ?? true,
    limits: makeLimits(making, long.limits),
    defaults: long.defaults ?? {},
    timeouts: makeTimeouts(making, long.timeouts),
    at: positionOf(at),
  };
  return places.adopt(target, long);
}

/** `provider/model` splits at the first slash. */
function short(text: string): Exclude<TargetText, string> {
  const slash = text.indexOf("/");
  return { provider: text.slice(0, slash), model: text.slice(slash + 1) };
}
