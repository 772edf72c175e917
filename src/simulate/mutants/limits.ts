import type { BudgetRule, LimitRule, Rule } from "../../domain/limits.ts";
import type {
  AccessRules,
  PoolMember,
  Provider,
  Snapshot,
  Target,
  UpstreamFacts,
} from "../../domain/snapshot.ts";
import type { Reach } from "../reach.ts";
import { withKey, withModel, withProvider, withTeam } from "./edit.ts";
import {
  keyShadow,
  memberShadow,
  providerShadow,
  targetShadow,
  teamShadow,
  upstreamShadow,
} from "./shadow.ts";

/** One limit or budget of the file, and how to change it. */
export interface OwnedRule {
  /** Whose it is, as in `key web-app`. */
  readonly owner: string;
  readonly rule: Rule;
  /** The same configuration with another figure in the rule; null: without it. */
  readonly replaced: (of: number | null) => Snapshot;
  readonly touches: (reach: Reach) => boolean;
  /** Why no case can ever meet it; null: one can. */
  readonly shadow: string | null;
}

/** Every limit and budget: of teams, keys, providers with all that is theirs, targets. */
export const ownedRules = (snapshot: Snapshot): readonly OwnedRule[] => [
  ...ofTeams(snapshot),
  ...ofKeys(snapshot),
  ...[...snapshot.providers.values()].flatMap((provider) => ofProvider(snapshot, provider)),
  ...[...snapshot.models.values(), ...snapshot.patterns].flatMap(({ name, targets }) =>
    targets.flatMap((target) => ofTarget(snapshot, name, target)),
  ),
];

const ofTeams = (snapshot: Snapshot): readonly OwnedRule[] =>
  [...snapshot.auth.teams.values()].flatMap((team) =>
    [...team.limits, ...team.budgets].map((rule) => ({
      owner: `team ${team.name}`,
      rule,
      replaced: (of) =>
        withTeam(snapshot, team.name, (before) => ({ ...before, ...changed(before, rule, of) })),
      touches: (reach) => reach.team === team.name,
      shadow: teamShadow(snapshot, team, rule),
    })),
  );

const ofKeys = (snapshot: Snapshot): readonly OwnedRule[] =>
  snapshot.auth.keys.flatMap((key) =>
    [...key.limits, ...key.budgets].map((rule) => ({
      owner: `key ${key.id}`,
      rule,
      replaced: (of) => withKey(snapshot, key.id, (before) => ({ ...before, ...changed(before, rule, of) })),
      touches: (reach) => reach.key === key.id,
      shadow: keyShadow(key, rule),
    })),
  );

function ofProvider(snapshot: Snapshot, provider: Provider): readonly OwnedRule[] {
  const { name, limits, pool, facts } = provider;
  const change = (to: Partial<Provider>) => withProvider(snapshot, name, (before) => ({ ...before, ...to }));
  const touches = (reach: Reach) => reach.providers.has(name);
  const inMember = (member: PoolMember, rule: LimitRule, of: number | null) =>
    pool.map((each) => (each === member ? { ...each, limits: swap(each.limits, rule, of) } : each));
  const inFacts = (entry: UpstreamFacts, rule: LimitRule, of: number | null) =>
    facts.map((each) =>
      each === entry ? { ...each, limits: orNone(swap(each.limits ?? [], rule, of)) } : each,
    );
  return [
    ...limits.map((rule) => ({
      owner: `provider ${name}`,
      rule,
      replaced: (of: number | null) => change({ limits: swap(limits, rule, of) }),
      touches,
      shadow: providerShadow(snapshot, provider, rule),
    })),
    ...pool.flatMap((member) =>
      member.limits.map((rule) => ({
        owner: `API key ${name}/${member.id}`,
        rule,
        replaced: (of: number | null) => change({ pool: inMember(member, rule, of) }),
        touches,
        shadow: memberShadow(provider, rule),
      })),
    ),
    ...facts.flatMap((entry) =>
      (entry.limits ?? []).map((rule) => ({
        owner: `upstream model ${name}/${entry.model}`,
        rule,
        replaced: (of: number | null) => change({ facts: inFacts(entry, rule, of) }),
        touches,
        shadow: upstreamShadow(snapshot, provider, entry, rule),
      })),
    ),
  ];
}

const ofTarget = (snapshot: Snapshot, model: string, target: Target): readonly OwnedRule[] =>
  target.limits.map((rule) => ({
    owner: `target ${target.provider.name}/${target.model} of ${model}`,
    rule,
    replaced: (of) =>
      withModel(snapshot, model, (before) => ({
        ...before,
        targets: before.targets.map((each) =>
          each === target ? { ...each, limits: swap(each.limits, rule, of) } : each,
        ),
      })),
    touches: (reach) => reach.models.has(model),
    shadow: targetShadow(target, rule),
  }));

const changed = ({ limits, budgets }: AccessRules, rule: Rule, of: number | null) => ({
  limits: swap<LimitRule>(limits, rule, of),
  budgets: swap<BudgetRule>(budgets, rule, of),
});

const swap = <R extends Rule>(rules: readonly R[], before: Rule, of: number | null): readonly R[] =>
  rules.flatMap((rule) => (rule !== before ? [rule] : of === null ? [] : [{ ...rule, of }]));

/** Without any of its own, an entry leaves its limits to the next one that fits. */
const orNone = (rules: readonly LimitRule[]): readonly LimitRule[] | null =>
  rules.length === 0 ? null : rules;
