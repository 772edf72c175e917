import { isRecord } from "../../core/record.ts";
import type { Form } from "../canonical/written.ts";
import { canonicalText } from "../canonical.ts";
import type { Step } from "./change.ts";
import { rules } from "./rules.ts";

/** A difference between two forms: where, by the pattern that has a rule. */
export interface Difference {
  readonly pattern: string;
  readonly steps: readonly Step[];
  readonly names: readonly string[];
  /** Null: it is not there. */
  readonly from: unknown;
  readonly to: unknown;
}

type Place = Pick<Difference, "pattern" | "steps" | "names">;

/** Every difference of two canonical forms, in the order of the forms; none only where they are the same. */
export const differences = (from: Form, to: Form): readonly Difference[] =>
  compare({ pattern: "", steps: [], names: [] }, from, to);

function compare(at: Place, from: unknown, to: unknown): readonly Difference[] {
  if (canonicalText(from ?? null) === canonicalText(to ?? null)) return [];
  const itself = { ...at, from: from ?? null, to: to ?? null };
  const hasRule = Object.hasOwn(rules, at.pattern);
  const [before, after] = [from ?? nothing, to ?? nothing];
  const comesOrGoes = from === null || from === undefined || to === null || to === undefined;
  if (isRecord(before) && isRecord(after) && hasBelow(at.pattern) && !(comesOrGoes && hasRule)) {
    const inside = members(at, before, after);
    if (inside.length > 0) return inside;
  }
  if (!hasRule) throw new Error(`no rule says what a difference in ${at.pattern} can do`);
  return [itself];
}

const nothing: Form = {};

function members(at: Place, from: Form, to: Form): readonly Difference[] {
  return [...new Set([...Object.keys(from), ...Object.keys(to)])].flatMap((key) => {
    const items = key.endsWith("[]");
    const place = below(at, items ? key.slice(0, -2) : key);
    if (items) return itemsIn(place, recordOf(from[key]), recordOf(to[key]));
    const listed = `${key}[]`;
    if (listed in from || listed in to) {
      const known = [recordOf(from[listed]), recordOf(to[listed])] as const;
      if (isOrder(place, from[key], to[key], ...known)) return [];
    }
    return compare(place, from[key], to[key]);
  });
}

const itemsIn = (list: Place, from: Form, to: Form): readonly Difference[] =>
  [...new Set([...Object.keys(from), ...Object.keys(to)])].flatMap((name) =>
    compare(
      {
        pattern: `${list.pattern}[*]`,
        steps: [...list.steps, { kind: "item", name }],
        names: [...list.names, name],
      },
      from[name],
      to[name],
    ),
  );

/**
 * Whether a list of names tells nothing that its items do not: some went, others were added at the end. Only for lists
 * whose items have a rule that says what coming and going can do.
 */
function isOrder({ pattern }: Place, from: unknown, to: unknown, before: Form, after: Form): boolean {
  if (!Object.hasOwn(rules, `${pattern}[*]`) || !Array.isArray(from) || !Array.isArray(to)) return false;
  const stayed = from.filter((name) => Object.hasOwn(after, String(name)));
  const added = to.filter((name) => !Object.hasOwn(before, String(name)));
  return canonicalText([...stayed, ...added]) === canonicalText(to);
}

function below({ pattern, steps, names }: Place, key: string): Place {
  const step: Step = { kind: "key", name: key };
  const isName = named.has(pattern);
  return {
    pattern: [pattern, isName ? "*" : key].filter((part) => part !== "").join("."),
    steps: [...steps, step],
    names: isName ? [...names, key] : names,
  };
}

/** Patterns below which every key is a name. */
const named = new Set(
  Object.keys(rules).flatMap((pattern) =>
    [...pattern.matchAll(/\.\*/g)].map(({ index }) => pattern.slice(0, index)),
  ),
);

const hasBelow = (pattern: string): boolean => pattern === "" || prefixes.has(pattern);

/** Patterns that have others below them. */
const prefixes = new Set(
  Object.keys(rules).flatMap((pattern) =>
    [...pattern.matchAll(/[.[]/g)].map(({ index }) => pattern.slice(0, index)),
  ),
);

const recordOf = (value: unknown): Form => (isRecord(value) ? value : nothing);
