import { modelOf } from "../draft.ts";
import type { Scope } from "../scope.ts";
import { settleTargets } from "./targets.ts";

/**
 * The aliases that can stand: of a name that leads to several models a model is made with the targets of all; a name that a
 * model bears, that leads nowhere or back to itself is taken out.
 */
export function settleAliases(scope: Scope): ReadonlyMap<string, string> {
  const { draft, notes } = scope;
  const byName = Map.groupBy(draft.aliases, ({ name }) => name);
  const aliases = new Map<string, string>();
  for (const [name, all] of byName) {
    const aims = [...new Set(all.map(({ to }) => to))];
    const [first] = aims;
    if (first === undefined) continue;
    if (name.endsWith("*")) {
      for (const { at } of all) notes.unsupported(at, "an alias is one name, not a pattern");
    } else if (draft.models.has(name)) {
      for (const { at, to } of all)
        if (to !== name) notes.unsupported(at, `the alias ${name} bears the name of a model, which wins`);
    } else if (aims.length === 1) aliases.set(name, first);
    else {
      const model = modelOf(draft, name);
      for (const aim of aims) model.targets.push(...(draft.models.get(aim)?.targets ?? []));
      for (const { at } of all)
        notes.approximated(
          at,
          `models.${name}: the alias stands for several models, so it is one, with the targets of all`,
        );
      if (model.targets.length === 0) draft.models.delete(name);
      else settleTargets(name, model, scope);
    }
  }
  const leads = (name: string): boolean => {
    const seen = new Set<string>();
    let current = name;
    for (let to = aliases.get(current); to !== undefined; to = aliases.get(current)) {
      if (seen.has(current)) return false;
      seen.add(current);
      current = to;
    }
    return (
      draft.models.has(current) ||
      [...draft.models.keys()].some((each) => each.endsWith("*") && current.startsWith(each.slice(0, -1)))
    );
  };
  for (const name of [...aliases.keys()].filter((each) => !leads(each))) {
    aliases.delete(name);
    for (const { at } of byName.get(name) ?? [])
      notes.unsupported(at, `the alias ${name} leads to no model that came over`);
  }
  return aliases;
}
