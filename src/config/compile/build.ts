import type { Alias, Auto, Model, Provider, Snapshot } from "../../domain/snapshot.ts";
import { digestOf } from "../digest.ts";
import { freeze } from "../freeze.ts";
import { positionOf } from "../places.ts";
import { checkAsserts } from "./asserted.ts";
import { makeAttribution, makeAuth } from "./auth.ts";
import { checkAliases, checkFallbacks } from "./cycles.ts";
import type { Making } from "./making.ts";
import { makeDeprecated, makeModel } from "./models.ts";
import { type Names, namesOf, targetOfAlias } from "./names.ts";
import { builtInPolicy, makePolicies } from "./policies.ts";
import { checkPrices } from "./prices.ts";
import { makeProvider } from "./providers.ts";
import { makeTimeouts } from "./rules.ts";
import {
  makeAsserts,
  makeGates,
  makeHttp,
  makeLogging,
  makeRetention,
  makeRollout,
  standardTimeouts,
} from "./sections.ts";
import { warn } from "./warnings.ts";
import { reportTwice, type Whole } from "./whole.ts";

/** Makes a Snapshot of what was read. What was reported on the way decides whether it may be used. */
export function build(making: Making, whole: Whole): Snapshot {
  const { root } = whole;
  const { places } = making;
  const names = namesOf(whole, making);
  checkAliases(making, whole, names);
  checkFallbacks(making, whole, names);

  const all = makeModels(making, whole, names);
  const auth = makeAuth(making, whole, names);
  const content: Omit<Snapshot, "digest"> = {
    auth,
    attribution: makeAttribution(making, root.attribution),
    providers: all.providers,
    models: new Map(all.models.filter(({ name }) => !name.endsWith("*")).map((model) => [model.name, model])),
    patterns: all.models
      .filter(({ name }) => name.endsWith("*"))
      .toSorted((a, b) => b.name.length - a.name.length),
    aliases: makeAliases(making, whole, names),
    auto: makeAuto(making, whole, names),
    defaultModel: makeDefault(making, whole, names),
    timeouts: { ...standardTimeouts, ...makeTimeouts(making, root.timeouts) },
    http: makeHttp(making, root.http),
    logging: makeLogging(making, root.logging),
    metrics: makeRetention(making, root.metrics),
    rollout: makeRollout(making, root.rollout),
    gates: makeGates(making, root.gates),
    asserts: makeAsserts(making, whole.asserts, names, root.auto !== undefined),
    lines: { of: (made, key) => places.line(made, key) },
  };
  const snapshot = freeze(places.adopt({ digest: digestOf(content), ...content }, root));
  checkPrices(making, whole, snapshot);
  checkAsserts(making, whole, snapshot);
  warn(making, whole, names, snapshot);
  return snapshot;
}

function makeModels(making: Making, whole: Whole, names: Names) {
  const { failover } = whole.root;
  const providers = new Map<string, Provider>();
  for (const item of whole.providers) {
    if (item.text !== null) providers.set(item.name, makeProvider(making, item, item.text));
  }
  const policies = makePolicies(making, failover);
  const around = { names, providers, policies, policyNames: whole.policyNames, standard: builtInPolicy };
  const models: readonly Model[] = whole.models.flatMap((item) =>
    item.text === null ? [] : [makeModel(making, item, item.text, around)],
  );
  return { providers, models };
}

function makeAliases(making: Making, whole: Whole, names: Names): ReadonlyMap<string, Alias> {
  return new Map(
    whole.aliases.flatMap(({ name, at, text }) => {
      if (text === null) return [];
      const isShort = typeof text === "string";
      const deprecated = isShort ? null : makeDeprecated(making, text.deprecated, names);
      const alias = { name, to: targetOfAlias(text), deprecated, at: positionOf(at) };
      return [[name, isShort ? alias : making.places.adopt(alias, text)] as const];
    }),
  );
}

function makeAuto({ report, places }: Making, whole: Whole, names: Names): Auto | null {
  const { auto } = whole.root;
  if (auto === undefined) return null;
  const at = places.key(whole.root, "auto");
  const taken = [...whole.models, ...whole.aliases].find(({ name }) => name === "auto");
  if (taken !== undefined) reportTwice("model", "auto", taken.at, at, report);
  auto.models.forEach((name, index) => {
    names.require(name, places.value(auto.models, index));
  });
  return { models: auto.models, strategy: auto.strategy ?? "priority", at: positionOf(at) };
}

function makeDefault({ places }: Making, { root }: Whole, names: Names): string | null {
  const { default_model: name, auto } = root;
  if (name === undefined) return null;
  if (!(name === "auto" && auto !== undefined)) names.require(name, places.value(root, "default_model"));
  return name;
}
