import { type BudgetName, isBudget, type Rule } from "../../domain/limits.ts";
import type {
  ClientKey,
  Model,
  Provider,
  Snapshot,
  Target,
  Team,
  UpstreamFacts,
} from "../../domain/snapshot.ts";
import { fact } from "../../routing/facts.ts";
import { modelsFrom } from "../reach.ts";
import { leadsTo, modelsIn } from "./mutant.ts";

/*
 * A case sends by one key to one model. A limit that another one always precedes can then never be the one that decides,
 * whatever a case sends: it is left out of coverage, with the reason. Null: it can decide.
 */

/** Of a team: its keys may all be held tighter by their own. */
export function teamShadow({ auth }: Snapshot, team: Team, rule: Rule): string | null {
  const members = auth.keys.filter((key) => key.team === team && key.role !== "viewer");
  if (members.length === 0) return "no key of the team asks models";
  const held = members.every((key) => [...key.limits, ...key.budgets].some((own) => precedes(own, rule)));
  return held ? "the limits of its keys are tighter" : ownShadow(team, rule);
}

/** Of a key: its team may be held tighter. */
export function keyShadow(key: ClientKey, rule: Rule): string | null {
  if (key.role === "viewer") return "the role viewer asks no models";
  const { team } = key;
  const held = team !== null && [...team.limits, ...team.budgets].some((its) => precedes(its, rule));
  return held ? `the limit of team ${team.name} is tighter` : ownShadow(key, rule);
}

function ownShadow(
  { limits: own, budgets: money }: Pick<Team, "limits" | "budgets">,
  rule: Rule,
): string | null {
  const other = [...own, ...money].find((each) => each !== rule && precedes(each, rule));
  return other === undefined ? null : `${other.limit} ${other.of} comes first`;
}

/** Of a provider: whoever asks one model may be held tighter by the targets on its way. */
export function providerShadow(snapshot: Snapshot, provider: Provider, rule: Rule): string | null {
  const asked = modelsIn(snapshot).filter(({ enabled, visible }) => enabled && visible);
  const room = asked.map((model) => {
    const ways = [...modelsFrom(snapshot, [model])].flatMap((each) => waysOf(each, provider));
    return together(
      ways.map((target) => roomOf(target, rule)),
      rule,
    );
  });
  if (room.every((each) => each === 0)) return "no target leads to it";
  if (room.every((each) => each <= rule.of)) return "the limits of its targets are tighter";
  return provider.limits.some((each) => each !== rule && precedes(each, rule))
    ? "another one comes first"
    : null;
}

/** Of an API key: the provider may be held tighter. */
export const memberShadow = (provider: Provider, rule: Rule): string | null =>
  provider.limits.some((each) => precedes(each, rule))
    ? `the limit of provider ${provider.name} is tighter`
    : null;

/** Of an upstream model: the provider may be held tighter, or the targets that lead to it. */
export function upstreamShadow(
  snapshot: Snapshot,
  provider: Provider,
  entry: UpstreamFacts,
  rule: Rule,
): string | null {
  const models = modelsIn(snapshot).filter(({ enabled }) => enabled);
  const targets = models
    .flatMap((model) => waysOf(model, provider))
    .filter((target) => leadsTo(target, entry, "limits"));
  if (targets.length === 0) return "no target leads to it";
  const own = targets.map((target) => tightest(target.limits, rule));
  if (together(own, rule) <= rule.of) return "the limits of its targets are tighter";
  return memberShadow(provider, rule);
}

/** Of a target: its provider or its upstream model may be held tighter. */
export function targetShadow({ enabled, provider, model }: Target, rule: Rule): string | null {
  if (!enabled || !provider.enabled) return "it is switched off";
  const entry = fact(provider, model, "limits")?.value ?? [];
  const held = entry.some((each) => precedes(each, rule));
  return held ? "the limit of its upstream model is tighter" : memberShadow(provider, rule);
}

/** Whether whatever comes to `rule` has met `other` before. */
function precedes(other: Rule, rule: Rule): boolean {
  if (isBudget(other) && isBudget(rule))
    return other.of <= rule.of && length[other.limit] >= length[rule.limit];
  if (other.limit === "rpm" && rule.limit === "rpd") return other.of * minutesOfDay < rule.of;
  return other.limit === rule.limit && other.of <= rule.of;
}

const minutesOfDay = 1_440;
/** A month is longer than a week is longer than a day. */
const length = { budget_day: 0, budget_week: 1, budget_month: 2 } satisfies Record<BudgetName, number>;

const waysOf = ({ targets }: Model, provider: Provider): readonly Target[] =>
  targets.filter((target) => target.provider === provider && target.enabled && provider.enabled);

/** How much one target lets through to its provider. */
function roomOf({ limits: own, provider, model }: Target, rule: Rule): number {
  const pool = provider.pool.map((member) => tightest(member.limits, rule));
  const byPool = pool.length === 0 ? Number.POSITIVE_INFINITY : together(pool, rule);
  return Math.min(tightest(own, rule), tightest(fact(provider, model, "limits")?.value ?? [], rule), byPool);
}

const tightest = (rules: readonly Rule[], { limit }: Rule): number =>
  Math.min(Number.POSITIVE_INFINITY, ...rules.filter((each) => each.limit === limit).map(({ of }) => of));

/** Windows and levels add up; what one request may take does not. */
const together = (amounts: readonly number[], { limit }: Rule): number =>
  limit === "tpr" ? Math.max(0, ...amounts) : amounts.reduce((sum, amount) => sum + amount, 0);
