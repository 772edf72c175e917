import type { Spot } from "../tree.ts";
import type { Making } from "./making.ts";
import { type Names, targetOfAlias } from "./names.ts";
import type { Whole } from "./whole.ts";

/** One reference from a name to another, and where it is written. */
interface Step {
  readonly to: string;
  readonly at: Spot;
}

/** Reports aliases that lead to each other, that bear a model's name, or that lead nowhere. */
export function checkAliases({ report, places }: Making, whole: Whole, names: Names): void {
  const models = new Set(whole.models.map(({ name }) => name));
  const steps = new Map<string, readonly Step[]>();
  for (const { name, at, valueAt, text } of whole.aliases) {
    if (models.has(name)) {
      const message = `There is a model "${name}" too, so this alias would never be used; give it another name or delete it.`;
      report("alias_shadows_model", at, message);
    } else if (text !== null) {
      const step = {
        to: targetOfAlias(text),
        at: typeof text === "string" ? valueAt : places.value(text, "to"),
      };
      names.require(step.to, step.at);
      steps.set(name, [step]);
    }
  }
  for (const { ring, at } of ringsOf(steps)) {
    report("alias_cycle", at, `These aliases lead to each other and to no model: ${ring}.`);
  }
}

/** Reports models that reach themselves through their fallbacks, whatever the causes on the way. */
export function checkFallbacks({ report, places }: Making, whole: Whole, names: Names): void {
  const steps = new Map<string, readonly Step[]>();
  for (const { name, text } of whole.models) {
    const { fallbacks = [] } = text ?? {};
    const lists: readonly (readonly string[])[] = Array.isArray(fallbacks)
      ? [fallbacks]
      : Object.values(fallbacks);
    const found = lists.flatMap((list) =>
      list.flatMap((fallback, index) => {
        const to = names.modelOf(fallback);
        return to === null ? [] : [{ to, at: places.value(list, index) }];
      }),
    );
    steps.set(name, found);
  }
  for (const { ring, at } of ringsOf(steps)) {
    report(
      "fallback_cycle",
      at,
      `These models reach themselves through their fallbacks: ${ring}; take one of them out.`,
    );
  }
}

/** The rings of a graph, each once, with the reference that closes it. Without recursion: chains may be long. */
function ringsOf(
  steps: ReadonlyMap<string, readonly Step[]>,
): readonly { readonly ring: string; readonly at: Spot }[] {
  const rest = withoutEnds(steps);
  const done = new Set<string>();
  const rings: { ring: string; at: Spot }[] = [];
  for (const start of rest) {
    const way = new Set<string>();
    for (let name = start; !done.has(name); ) {
      way.add(name);
      const step = steps.get(name)?.find(({ to }) => rest.has(to));
      if (step === undefined) break;
      if (way.has(step.to)) {
        const members = [...way];
        rings.push({ ring: shown([...members.slice(members.indexOf(step.to)), step.to]), at: step.at });
        break;
      }
      name = step.to;
    }
    for (const name of way) done.add(name);
  }
  return rings;
}

/** The names from which one can go on for ever: all but those that lead only to ends. */
function withoutEnds(steps: ReadonlyMap<string, readonly Step[]>): ReadonlySet<string> {
  const from = new Map<string, string[]>();
  const ways = new Map<string, number>();
  for (const [name, list] of steps) {
    const targets = new Set(list.map(({ to }) => to).filter((to) => steps.has(to)));
    ways.set(name, targets.size);
    for (const to of targets) from.set(to, [...(from.get(to) ?? []), name]);
  }
  const ends = [...ways].filter(([, count]) => count === 0).map(([name]) => name);
  for (let next = ends.pop(); next !== undefined; next = ends.pop()) {
    ways.delete(next);
    for (const name of from.get(next) ?? []) {
      const left = (ways.get(name) ?? 0) - 1;
      ways.set(name, left);
      if (left === 0) ends.push(name);
    }
  }
  return new Set(ways.keys());
}

const shown = (names: readonly string[]): string =>
  names.length > 10 ? [...names.slice(0, 9), "…", names.at(-1)].join(" → ") : names.join(" → ");
