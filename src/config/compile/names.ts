import { didYouMean, suggest } from "../suggest.ts";
import type { Spot } from "../tree.ts";
import type { Making } from "./making.ts";
import type { Whole } from "./whole.ts";

/** What a public name leads to. */
export interface Names {
  /** The model's own name (a pattern's with its `*`), or null when nothing bears the name or its alias dangles. */
  readonly modelOf: (name: string) => string | null;
  /** Whether a model, an alias or a pattern bears the name. */
  readonly knows: (name: string) => boolean;
  /** Reports a name that nothing bears. */
  readonly require: (name: string, at: Spot) => void;
  readonly providers: ReadonlySet<string>;
}

/** Looks names up in the order of the contract: exact model, alias, longest pattern. */
export function namesOf(whole: Whole, { report }: Making): Names {
  const models = new Set(whole.models.map(({ name }) => name));
  const aliases = new Map(
    whole.aliases.map(({ name, text }) => [name, text === null ? null : targetOfAlias(text)]),
  );
  const patterns = [...models].filter((name) => name.endsWith("*")).toSorted((a, b) => b.length - a.length);
  const patternOf = (name: string) =>
    patterns.find((pattern) => name.startsWith(pattern.slice(0, -1))) ?? null;

  const modelOf = (name: string): string | null => {
    const seen = new Set<string>();
    let current = name;
    while (!models.has(current)) {
      const to = aliases.get(current);
      if (to === undefined) return patternOf(current);
      if (to === null || seen.has(current)) return null;
      seen.add(current);
      current = to;
    }
    return current;
  };
  const knows = (name: string) => models.has(name) || aliases.has(name) || patternOf(name) !== null;
  return {
    modelOf,
    knows,
    require: (name, at) => {
      if (knows(name)) return;
      const suggestion = suggest(name, [...models, ...aliases.keys()]);
      report(
        "unknown_model",
        at,
        `There is no model "${name}"; this must be the name of a model, an alias, or one that a pattern matches.${didYouMean(suggestion)}`,
        { suggestion },
      );
    },
    providers: new Set(whole.providers.map(({ name }) => name)),
  };
}

/** The name that an alias leads to. */
export const targetOfAlias = (text: NonNullable<Whole["aliases"][number]["text"]>): string =>
  typeof text === "string" ? text : text.to;
