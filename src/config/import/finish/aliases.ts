import { type Draft, modelOf } from "../draft.ts";
import type { Scope } from "../scope.ts";
import { modelBehind } from "./names.ts";
import { settleTargets } from "./targets.ts";

type Aliases = Draft["aliases"];

/**
 * The aliases that can stand: of a name that leads to several models a model is made with the targets of all; a name that a
 * model bears, that leads nowhere or back to itself is taken out.
 */
export function settleAliases(scope: Scope): ReadonlyMap<string, string> {
  const { draft, notes } = scope;
  const byName = Map.groupBy(draft.aliases, ({ name }) => name);
  const aliases = new Map<string, string>();
  for (const [name, all] of byName) {
    const to = settle(name, all, scope);
    if (to !== null) aliases.set(name, to);
  }
  const astray = [...aliases.keys()].filter((name) => modelBehind(draft, aliases, name) === null);
  for (const name of astray) {
    aliases.delete(name);
    for (const { at } of byName.get(name) ?? [])
      notes.unsupported(at, `the alias ${name} leads to no model that came over`);
  }
  return aliases;
}

/** Where one name leads; null where it is no alias in the new file. */
function settle(name: string, all: Aliases, scope: Scope): string | null {
  const { draft, notes } = scope;
  const aims = [...new Set(all.map(({ to }) => to))];
  if (name.endsWith("*")) {
    for (const { at } of all) notes.unsupported(at, "an alias is one name, not a pattern");
    return null;
  }
  if (draft.models.has(name)) {
    for (const { at, to } of all)
      if (to !== name) notes.unsupported(at, `the alias ${name} bears the name of a model, which wins`);
    return null;
  }
  if (aims.length === 1) return aims[0] ?? null;
  const targets = aims.flatMap((aim) => draft.models.get(aim)?.targets ?? []);
  const message = `models.${name}: the alias stands for several models, so it is one, with the targets of all`;
  for (const { at } of all) notes.approximated(at, message);
  if (targets.length === 0) return null;
  const model = modelOf(draft, name);
  model.targets.push(...targets);
  settleTargets(name, model, scope);
  return null;
}
