import { allowsAny, matchesGlob } from "../../core/glob.ts";
import type { Position } from "../../domain/position.ts";
import type { ClientKey, Model, Snapshot, Target } from "../../domain/snapshot.ts";
import type { Spot } from "../tree.ts";
import type { Making } from "./making.ts";
import type { Whole } from "./whole.ts";

/**
 * Reports targets without a price: an error where a key with a budget can reach one, because its cost would be
 * unknown, and a warning elsewhere.
 */
export function checkPrices({ report, places }: Making, whole: Whole, snapshot: Snapshot): void {
  const all = [...snapshot.models.values(), ...snapshot.patterns];
  const isCovered = (target: Target) => hasPrice(target, target.model);
  if (all.every(({ targets }) => targets.every(isCovered))) return;

  const reached = spenders(snapshot).map((key) => ({ key, upstreams: reachOf(key, snapshot) }));
  const byName = new Map(all.map((model) => [model.name, model]));
  for (const { name, text } of whole.models) {
    const spotOf = spotsOfTargets(places, text?.targets ?? []);
    for (const target of byName.get(name)?.targets ?? []) {
      if (text === null || isCovered(target)) continue;
      const { provider } = target;
      const spender = reached.find(({ upstreams }) =>
        upstreams.get(target)?.some((upstream) => !hasPrice(target, upstream)),
      );
      const at = spotOf(target);
      const what = `No price is known for ${provider.name}/${target.model}`;
      const advice = `add one below providers.${provider.name}.models, or price: free`;
      if (spender !== undefined) {
        report(
          "no_price",
          at,
          `${what}, which the key "${spender.key.id}" with its budget can reach; ${advice}.`,
        );
      } else if (provider.kind !== "simulated") {
        report("no_price", at, `${what}, so its cost is unknown; ${advice}.`, { severity: "warning" });
      }
    }
  }
}

/** Keys with a budget, of those with equal access one. */
function spenders({ auth }: Snapshot): readonly ClientKey[] {
  const keys = auth.keys.filter(({ budgets, team }) => budgets.length > 0 || (team?.budgets.length ?? 0) > 0);
  const access = ({ models, anyTag, team }: ClientKey) => JSON.stringify([models, anyTag, team?.name]);
  return [...new Map(keys.map((key) => [access(key), key])).values()];
}

/** Where each target stands, which it knows by line and column only. */
function spotsOfTargets(places: Making["places"], targets: object): (target: Target) => Spot {
  const nameOf = ({ file, line, column }: Position) => `${line}:${column} ${file}`;
  const spots = Array.isArray(targets) ? targets.map((_, index) => places.value(targets, index)) : [];
  const byName = new Map(spots.map((spot) => [nameOf(spot), spot]));
  return ({ at }) => byName.get(nameOf(at)) ?? places.of(targets);
}

/** Whether one entry with a price covers all upstream models that a name with a trailing `*` can stand for. */
function hasPrice({ provider }: Target, upstream: string): boolean {
  return provider.facts.some(({ model, price }) => price !== null && matchesGlob(model, upstream));
}

/** Which targets a key can reach, and as which upstream models (`*` at the end: any that begin so). */
function reachOf(key: ClientKey, snapshot: Snapshot): ReadonlyMap<Target, readonly string[]> {
  const reached = new Map<Target, string[]>();
  const seen = new Set<string>();
  const open = asked(key, snapshot);
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    const { model, name } = next;
    if (seen.has(`${model.name} ${name}`)) continue;
    seen.add(`${model.name} ${name}`);
    const capture = model.name.endsWith("*") ? name.slice(model.name.length - 1) : null;
    for (const target of model.targets) {
      if (!bears(target, key.anyTag) || !bears(target, key.team?.anyTag ?? [])) continue;
      const isOpen = capture !== null && target.model.endsWith("*");
      const upstreams = reached.get(target) ?? [];
      upstreams.push(isOpen ? target.model.slice(0, -1) + capture : target.model);
      reached.set(target, upstreams);
    }
    for (const fallback of Object.values(model.fallbacks).flat()) {
      const led = follow(snapshot, fallback);
      if (led !== null) open.push(led);
    }
  }
  return reached;
}

interface Led {
  readonly model: Model;
  readonly name: string;
}

/** What a key may ask for by itself. */
function asked(key: ClientKey, snapshot: Snapshot): Led[] {
  const names = [...snapshot.models.keys(), ...snapshot.aliases.keys()].flatMap((name) => {
    const led = follow(snapshot, name);
    return led !== null && mayAsk(key, [name, led.model.name]) ? [led] : [];
  });
  const below = snapshot.patterns.flatMap((model) =>
    askable(key, model.name).map((name) => ({ model, name })),
  );
  return [...names, ...below];
}

const bears = ({ provider }: Target, anyTag: readonly string[]): boolean =>
  anyTag.length === 0 || anyTag.some((tag) => provider.tags.includes(tag));

const mayAsk = (key: ClientKey, names: readonly string[]): boolean =>
  allowsAny(key.models, names) && allowsAny(key.team?.models ?? [], names);

/** The names below a pattern that a key's globs and its team's let it ask for, as globs. */
function askable(key: ClientKey, pattern: string): readonly string[] {
  const narrow = (globs: readonly string[], within: readonly string[]): readonly string[] => {
    const denied = globs.filter((glob) => glob.startsWith("!")).map((glob) => glob.slice(1));
    const allowed = globs.filter((glob) => !glob.startsWith("!"));
    if (denied.some((glob) => matchesGlob(glob, pattern))) return [];
    if (allowed.length === 0 || allowed.some((glob) => matchesGlob(glob, pattern))) return within;
    return within.flatMap((asked) => allowed.flatMap((glob) => meet(glob, asked)));
  };
  return narrow(key.team?.models ?? [], narrow(key.models, [pattern]));
}

/** What two globs have in common; the second ends in `*` or has none. */
function meet(a: string, b: string): readonly string[] {
  if (matchesGlob(b, a)) return [a];
  if (matchesGlob(a, b)) return [b];
  const head = a.split("*")[0] ?? "";
  const start = b.endsWith("*") ? b.slice(0, -1) : b;
  return a.includes("*") && b.endsWith("*") && (head.startsWith(start) || start.startsWith(head)) ? [b] : [];
}

function follow(snapshot: Snapshot, name: string): Led | null {
  let current = name;
  for (let steps = 0; steps <= snapshot.aliases.size; steps++) {
    const exact = snapshot.models.get(current);
    if (exact !== undefined) return { model: exact, name: current };
    const alias = snapshot.aliases.get(current);
    if (alias === undefined) break;
    current = alias.to;
  }
  const pattern = snapshot.patterns.find((model) => matchesGlob(model.name, current));
  return pattern === undefined ? null : { model: pattern, name: current };
}
