import { matchesGlob } from "../core/glob.ts";
import type { Position } from "../domain/position.ts";
import type { Alias, Assertion, Auto, Model, Provider, Snapshot, Target } from "../domain/snapshot.ts";
import { isAuto } from "../routing/plan.ts";
import { lookUp } from "../routing/resolve.ts";
import { type Cause, everyCause, type Reached, reachOf } from "./reach.ts";

/** What has to change for an assertion to hold. */
export type Culprit =
  | { readonly kind: "model"; readonly model: Model }
  | { readonly kind: "target"; readonly model: Model; readonly target: Target }
  /** One entry of a model's fallbacks. */
  | { readonly kind: "fallback"; readonly model: Model; readonly cause: Cause; readonly index: number }
  | { readonly kind: "alias"; readonly alias: Alias }
  /** One entry of `auto.models`; null: all of them together. */
  | { readonly kind: "auto"; readonly auto: Auto; readonly index: number | null };

/** An assertion that does not hold. */
export interface Violation {
  readonly assertion: Assertion;
  readonly culprit: Culprit;
  /** The nearest place that a Snapshot knows. */
  readonly at: Position;
  readonly message: string;
}

/** A public name that an assertion is about, and the models that answer it. */
interface Subject {
  /** The name in quotes, as messages have it. */
  readonly name: string;
  readonly models: readonly Model[];
  /** Where it is not a model itself. */
  readonly culprit: Extract<Culprit, { readonly kind: "alias" | "auto" }> | null;
}

/** Which assertions a configuration breaks, be they its own or those of the generation before it. */
export const checkAssertions = (assertions: readonly Assertion[], snapshot: Snapshot): readonly Violation[] =>
  assertions.flatMap((assertion) => check(assertion, snapshot));

function check(assertion: Assertion, snapshot: Snapshot): readonly Violation[] {
  const subjects = subjectsOf(assertion.model, snapshot);
  const judged = new Set(subjects.flatMap(({ models, culprit }) => (culprit === null ? models : [])));
  const found = subjects.flatMap((subject) => {
    // What a name leads to is told where it stands, not once more for the name.
    if (subject.culprit !== null && subject.models.every((model) => judged.has(model))) return [];
    return [
      ...tooFew(assertion, subject, snapshot),
      ...tagRules.flatMap((rule) => strays(assertion, subject, judged, rule, snapshot)),
    ];
  });
  const once = new Map(found.map((each) => [JSON.stringify([placeOf(each.culprit), each.message]), each]));
  return [...once.values()];
}

function tooFew(
  assertion: Assertion,
  { name, models, culprit }: Subject,
  snapshot: Snapshot,
): readonly Violation[] {
  const { minProviders } = assertion;
  // Of the fallbacks only those help in an outage that any failure leads to.
  const reached = models.flatMap((model) => reachOf(snapshot, model, ["any"]));
  const providers = [...new Set(reached.map(({ target }) => target.provider.name))];
  const [model] = models;
  if (minProviders === null || providers.length >= minProviders || model === undefined) return [];
  const message = `${name} can reach ${providers.length} of the ${minProviders} providers that min_providers asserts${
    providers.length === 0 ? "" : ` (${providers.join(", ")})`
  }; give it a target or a fallback at another one.`;
  return [violation(assertion, culprit ?? { kind: "model", model }, message)];
}

interface TagRule {
  readonly key: "any_tag" | "only_tags";
  readonly of: (assertion: Assertion) => readonly string[];
  readonly holds: (tags: readonly string[], asserted: readonly string[]) => boolean;
  readonly says: string;
}

const bearsOne = (tags: readonly string[], asserted: readonly string[]): boolean =>
  tags.some((tag) => asserted.includes(tag));

const tagRules: readonly TagRule[] = [
  { key: "any_tag", of: ({ anyTag }) => anyTag, holds: bearsOne, says: "one of these tags" },
  {
    key: "only_tags",
    of: ({ onlyTags }) => onlyTags,
    holds: (tags, asserted) => bearsOne(tags, asserted) && tags.every((tag) => asserted.includes(tag)),
    says: "these tags and no other",
  },
];

/** Targets at providers that do not bear the tags asserted, each told where the way to it begins. */
function strays(
  assertion: Assertion,
  { name, models, culprit }: Subject,
  judged: ReadonlySet<Model>,
  { key, of, holds, says }: TagRule,
  snapshot: Snapshot,
): readonly Violation[] {
  const asserted = of(assertion);
  if (asserted.length === 0) return [];
  const told = new Set<string>();
  return models.flatMap((model, index) =>
    reachOf(snapshot, model, everyCause).flatMap((reached) => {
      const { provider } = reached.target;
      if (holds(provider.tags, asserted)) return [];
      if (reached.model !== model && judged.has(reached.model)) return [];
      const guilty =
        culprit?.kind === "auto" ? { ...culprit, index } : (culprit ?? culpritOf(model, reached));
      const place = placeOf(guilty);
      if (told.has(place)) return [];
      told.add(place);
      const message = `${name} can reach ${provider.name}/${reached.target.model}, and ${tagsOf(provider)}; ${key} asserts ${says}: ${asserted.join(", ")}.`;
      return [violation(assertion, guilty, message)];
    }),
  );
}

const tagsOf = ({ name, tags }: Provider): string =>
  tags.length === 0 ? `${name} bears no tag` : `${name} bears ${tags.join(", ")}`;

const culpritOf = (model: Model, { target, by }: Reached): Culprit =>
  by === null ? { kind: "target", model, target } : { kind: "fallback", model, ...by };

/** The names that a glob means: models, patterns that it may meet, aliases, and `auto`. */
function subjectsOf(glob: string, snapshot: Snapshot): readonly Subject[] {
  const models = [...snapshot.models.values()].filter(({ name }) => matchesGlob(glob, name));
  const patterns = snapshot.patterns.filter((pattern) => meets(glob, pattern, snapshot));
  const aliases = [...snapshot.aliases.values()].filter(({ name }) => matchesGlob(glob, name));
  const { auto } = snapshot;
  const behindAuto = auto?.models.flatMap((name) => lookUp(snapshot, name)?.model ?? []) ?? [];
  return [
    ...[...models, ...patterns].map((model) => ({
      name: matchesGlob(glob, model.name) ? `"${model.name}"` : `"${glob}" (which "${model.name}" answers)`,
      models: [model],
      culprit: null,
    })),
    ...aliases.map((alias) => ({
      name: `"${alias.name}"`,
      models: [lookUp(snapshot, alias.name)?.model ?? []].flat(),
      culprit: { kind: "alias", alias } as const,
    })),
    ...(auto !== null && isAuto(snapshot, "auto") && matchesGlob(glob, "auto")
      ? [{ name: '"auto"', models: behindAuto, culprit: { kind: "auto", auto, index: null } as const }]
      : []),
  ];
}

/** Whether some name that a glob matches would be answered by a pattern, and by nothing that comes before it. */
function meets(glob: string, pattern: Model, { models, aliases, patterns }: Snapshot): boolean {
  const start = pattern.name.slice(0, -1);
  const head = glob.split("*")[0] ?? "";
  const isExact = head === glob;
  if (isExact && (models.has(glob) || aliases.has(glob))) return false;
  if (!head.startsWith(start) && (isExact || !start.startsWith(head))) return false;
  return !patterns.some(
    ({ name }) => name.length > pattern.name.length && head.startsWith(name.slice(0, -1)),
  );
}

const violation = (assertion: Assertion, culprit: Culprit, message: string): Violation => ({
  assertion,
  culprit,
  at: positionOf(culprit),
  message,
});

function positionOf(culprit: Culprit): Position {
  switch (culprit.kind) {
    case "target":
      return culprit.target.at;
    case "alias":
      return culprit.alias.at;
    case "auto":
      return culprit.auto.at;
    default:
      return culprit.model.at;
  }
}

/** One text for each place in a file, finer than {@link Violation.at}. */
function placeOf(culprit: Culprit): string {
  const { file, line, column } = positionOf(culprit);
  const entry = culprit.kind === "fallback" ? `${culprit.cause} ${culprit.index}` : "";
  return `${file}:${line}:${column} ${culprit.kind} ${entry}`;
}
