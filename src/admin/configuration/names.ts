import type { Part, TextFile } from "./texts.ts";
import { type Entry, matchesPath, outlineOf } from "./yaml/outline.ts";
import type { Step } from "./yaml/tree.ts";

/** The names that a configuration gives to things, for references to them. */
export interface Names {
  readonly providers: readonly string[];
  /** `provider/model`, as far as the files know any. */
  readonly targets: readonly string[];
  /** Public models and aliases. */
  readonly models: readonly string[];
  readonly policies: readonly string[];
  readonly teams: readonly string[];
  readonly keys: readonly string[];
  readonly tags: readonly string[];
}

/** Collects the names of all files; tests name nothing. */
export function namesIn(files: readonly TextFile[]): Names {
  const entries = files.flatMap(({ text }) => outlineOf(text));
  const keysAt = (...patterns: readonly string[]) => wordsAt(entries, "key", patterns);
  const valuesAt = (...patterns: readonly string[]) => wordsAt(entries, "value", patterns);
  const providers = keysAt("providers.*");
  const known = entries.flatMap(({ kind, path, word }) =>
    kind === "key" && matchesPath(path, ["providers", "*", "models", "*"]) && !word.includes("*")
      ? [`${path[1]}/${word}`]
      : [],
  );
  const used = valuesAt("models.*.targets.*").filter((word) => word.includes("/"));
  return {
    providers,
    targets: [...new Set([...known, ...used])].toSorted(),
    models: keysAt("models.*", "aliases.*"),
    policies: keysAt("failover.*"),
    teams: keysAt("auth.teams.*"),
    keys: valuesAt("auth.keys.*.id"),
    tags: valuesAt("providers.*.tags.*"),
  };
}

function wordsAt(
  entries: readonly Entry[],
  kind: Entry["kind"],
  patterns: readonly string[],
): readonly string[] {
  const split = patterns.map((pattern) => pattern.split("."));
  const found = entries.filter(
    (entry) => entry.kind === kind && split.some((pattern) => matchesPath(entry.path, pattern)),
  );
  return [...new Set(found.map(({ word }) => word))];
}

/** A name that can be written somewhere, and what it names. */
export interface Reference {
  readonly name: string;
  readonly what: string;
}

type Source = (names: Names, path: readonly Step[]) => readonly Reference[];

const these =
  (what: string, of: (names: Names) => readonly string[]): Source =>
  (names) =>
    of(names).map((name) => ({ name, what }));
const providers = these("provider", (names) => names.providers);
const models = these("model", (names) => names.models);
const exact = these("model", (names) => names.models.filter((name) => !name.includes("*")));
const tags = these("tag", (names) => names.tags);
const keys = these("key", (names) => names.keys);
const targets: Source = (names, path) => [
  ...these("target", (all) => all.targets)(names, path),
  ...names.providers.map((name) => ({ name: `${name}/`, what: "provider" })),
];
const things: Source = (names) =>
  (["provider", "model", "key", "target"] as const).flatMap((what) =>
    names[`${what}s`].map((name) => ({ name: `${what} ${name}`, what })),
  );

/** Where values name things, by the path of the value. */
const inRoutes: Readonly<Record<string, Source>> = {
  "models.*.targets.*": targets,
  "models.*.targets.*.provider": providers,
  "models.*.fallbacks.*": exact,
  "models.*.fallbacks.*.*": exact,
  "models.*.deprecated.use": exact,
  "models.*.failover": these("policy", (names) => names.policies),
  "aliases.*": exact,
  "aliases.*.to": exact,
  "aliases.*.deprecated.use": exact,
  "auto.models.*": exact,
  default_model: exact,
  "auth.keys.*.team": these("team", (names) => names.teams),
  "auth.keys.*.models.*": models,
  "auth.teams.*.models.*": models,
  "auth.keys.*.any_tag.*": tags,
  "auth.teams.*.any_tag.*": tags,
  "assert.*.model": models,
  "assert.*.any_tag.*": tags,
  "assert.*.only_tags.*": tags,
};
const inTests: Readonly<Record<string, Source>> = {
  "tests.*.send.model": exact,
  "tests.*.send.key": keys,
  "tests.*.given.disabled.*": things,
  "tests.*.expect.provider": providers,
  "tests.*.expect.model": exact,
  "tests.*.expect.fallback_from": exact,
  "tests.*.expect.not_used.*": targets,
  "tests.*.for_all.model": models,
};
/** Where keys name things, by the path of the mapping. */
const keysInTests: Readonly<Record<string, Source>> = {
  "tests.*.given.providers": providers,
  "tests.*.given.spent": keys,
};

/** The names that a value may be, or a key, at a path of one part of a configuration. */
export function referencesAt(
  part: Part,
  kind: Entry["kind"],
  path: readonly Step[],
  names: Names,
): readonly Reference[] {
  const table =
    kind === "key" ? (part === "tests" ? keysInTests : {}) : part === "tests" ? inTests : inRoutes;
  const found = Object.entries(table).find(([pattern]) => matchesPath(path, pattern.split(".")));
  return found?.[1](names, path) ?? [];
}
