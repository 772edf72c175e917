import type { Position } from "../../domain/position.ts";
import { targetId } from "../canonical/models.ts";
import { parse } from "../parse.ts";
import { positionOf } from "../places.ts";
import { member, type Tree, topOf } from "../tree.ts";
import { pathText, type Side, type Step } from "./change.ts";

/** The place of a path, or of what of it there is. */
export type Locate = (steps: readonly Step[]) => Position;

/** Finds paths in the texts of a configuration; items of lists by the places that its Snapshot keeps. */
export function locator({ snapshot, files }: Side): Locate {
  const trees = files.flatMap(({ name, bytes }) => {
    const parsed = parse(name, bytes);
    return parsed.ok ? [parsed.value.tree] : [];
  });
  const anchors = anchorsOf(snapshot);
  const nodes = new Map<string, Tree>();
  for (const tree of trees) collect(tree, nodes);
  const top = positionOf(topOf(files[0]?.name ?? "routes.yaml"));

  return (steps) => {
    for (let length = steps.length; length > 0; length--) {
      const at = anchors.get(pathText(steps.slice(0, length)));
      if (at === undefined) continue;
      const node = nodes.get(keyOf(at));
      return (node === undefined ? null : descend(node, steps.slice(length)).at) ?? at;
    }
    const found = trees.map((tree) => descend(tree, steps));
    const deepest = Math.max(0, ...found.map(({ depth }) => depth));
    return found.find(({ depth, at }) => at !== null && depth === deepest)?.at ?? top;
  };
}

/** What stands in lists, and what stands elsewhere than its path says. */
function anchorsOf({ auth, providers, models, patterns, asserts }: Side["snapshot"]) {
  const key = (name: string): Step => ({ kind: "key", name });
  const item = (name: string): Step => ({ kind: "item", name });
  const owners = [
    ...auth.keys.map((each) => [[key("auth"), key("keys"), item(each.id)], each] as const),
    ...[...auth.teams.values()].map((each) => [[key("auth"), key("teams"), key(each.name)], each] as const),
  ];
  const all: readonly (readonly [readonly Step[], Position])[] = [
    ...owners
      .map(([steps, { at }]) => [steps, at] as const)
      .filter(([steps]) => steps.at(-1)?.kind === "item"),
    ...owners.flatMap(([steps, { budgets }]) =>
      budgets.map(
        ({ limit, at }) => [[...steps, key("budget"), key(limit.slice("budget_".length))], at] as const,
      ),
    ),
    ...[...providers.values()].flatMap(({ name, pool }) =>
      pool.map(({ id, at }) => [[key("providers"), key(name), key("api_key"), item(id)], at] as const),
    ),
    ...[...models.values(), ...patterns].flatMap(({ name, targets }) =>
      targets.map(
        (target) => [[key("models"), key(name), key("targets"), item(targetId(target))], target.at] as const,
      ),
    ),
    ...asserts.map(({ model, at }) => [[key("assert"), key(model)], at] as const).toReversed(),
  ];
  return new Map(all.map(([steps, at]) => [pathText(steps), at]));
}

/** Everything that has something below it, by where it begins. */
function collect(tree: Tree, found: Map<string, Tree>): void {
  if (tree.kind === "scalar") return;
  if (!found.has(keyOf(tree.at))) found.set(keyOf(tree.at), tree);
  for (const held of tree.kind === "sequence" ? tree.items : tree.entries.map(({ value }) => value))
    collect(held, found);
}

const keyOf = ({ file, line, column }: Position): string => `${file}:${line}:${column}`;

/** Other words of the file for the same thing. */
const otherWords: Readonly<Record<string, readonly string[]>> = {
  api_key: ["token"],
  login: ["auth_url"],
};

/** Follows the steps as far as they lead, and says how far. */
function descend(
  tree: Tree,
  steps: readonly Step[],
): { readonly at: Position | null; readonly depth: number } {
  let at: Position | null = null;
  let depth = 0;
  let here: Tree | undefined = tree;
  for (const { name } of steps) {
    const words: readonly string[] = [name, ...(otherWords[name] ?? [])];
    const entry = words
      .map((word) => (here === undefined ? null : member(here, word)))
      .find((each) => each !== null);
    if (entry === undefined || entry === null) break;
    at = positionOf(entry.keyAt);
    here = entry.value;
    depth++;
  }
  return { at, depth };
}
