import type { Report } from "../diagnostic.ts";
import type { Places } from "../places.ts";
import type { ProviderText } from "../schema/provider.ts";
import type {
  AliasText,
  AssertionText,
  IncludedText,
  KeyText,
  ModelText,
  RoutesText,
  TeamText,
} from "../schema/routes.ts";
import { member, type Spot, type Tree } from "../tree.ts";

/** One file after reading: its tree, and what could be read of it. */
export interface ReadFile {
  readonly tree: Tree;
  readonly text: IncludedText;
}

/** Something with a name, from whichever file. */
export interface Item<T> {
  readonly name: string;
  readonly at: Spot;
  /** Of what the name holds. */
  readonly valueAt: Spot;
  /** Null when it stands there but could not be read: it is known by name, and nothing more is said of it. */
  readonly text: T | null;
}

/** All files as one. */
export interface Whole {
  readonly root: RoutesText;
  readonly teams: readonly Item<TeamText>[];
  readonly keys: readonly KeyText[];
  readonly providers: readonly Item<ProviderText>[];
  readonly models: readonly Item<ModelText>[];
  readonly aliases: readonly Item<AliasText>[];
  readonly asserts: readonly AssertionText[];
  /** Those that could not be read included. */
  readonly policyNames: ReadonlySet<string>;
}

/** Puts the files together; the same name in two of them is reported with both places. */
export function putTogether(
  files: readonly ReadFile[],
  root: RoutesText,
  places: Places,
  report: Report,
): Whole {
  const collect = <T>(
    what: string,
    steps: readonly string[],
    of: (text: IncludedText) => Readonly<Record<string, T>> | undefined,
  ) =>
    once(
      what,
      files.flatMap((file) => itemsOf(file, steps, of)),
      report,
    );
  const keys = files.flatMap(({ text }) => text.auth?.keys ?? []);
  return {
    root,
    teams: collect("team", ["auth", "teams"], (text) => text.auth?.teams),
    keys: onceById(keys, places, report),
    providers: collect("provider", ["providers"], (text) => text.providers),
    models: collect("model", ["models"], (text) => text.models),
    aliases: collect("alias", ["aliases"], (text) => text.aliases),
    policyNames: namesBelow(files[0]?.tree, "failover"),
    asserts: files.flatMap(({ text }) => text.assert ?? []),
  };
}

function namesBelow(tree: Tree | undefined, section: string): ReadonlySet<string> {
  const held = tree === undefined ? undefined : member(tree, section)?.value;
  return new Set(held?.kind === "mapping" ? held.entries.map(({ key }) => key) : []);
}

function itemsOf<T>(
  { tree, text }: ReadFile,
  steps: readonly string[],
  of: (text: IncludedText) => Readonly<Record<string, T>> | undefined,
): readonly Item<T>[] {
  let section: Tree | undefined = tree;
  for (const step of steps) section = section === undefined ? undefined : member(section, step)?.value;
  if (section?.kind !== "mapping") return [];
  const read = of(text);
  return section.entries.map(({ key, keyAt, value }) => ({
    name: key,
    at: keyAt,
    valueAt: value.at,
    text: read !== undefined && Object.hasOwn(read, key) ? (read[key] ?? null) : null,
  }));
}

function once<T>(what: string, items: readonly Item<T>[], report: Report): readonly Item<T>[] {
  const first = new Map<string, Item<T>>();
  for (const item of items) {
    const before = first.get(item.name);
    if (before === undefined) first.set(item.name, item);
    else reportTwice(what, item.name, item.at, before.at, report);
  }
  return [...first.values()];
}

function onceById(keys: readonly KeyText[], places: Places, report: Report): readonly KeyText[] {
  const first = new Map<string, KeyText>();
  for (const key of keys) {
    const before = first.get(key.id);
    if (before === undefined) first.set(key.id, key);
    else reportTwice("key", key.id, places.value(key, "id"), places.value(before, "id"), report);
  }
  return [...first.values()];
}

/** Says that a name is taken, with both places. */
export function reportTwice(what: string, name: string, at: Spot, before: Spot, report: Report): void {
  const { file, line, column } = before;
  const related = [{ file, line, column, message: `The first ${what} "${name}" stands here.` }];
  report(
    "duplicate_id",
    at,
    `There is a ${what} "${name}" already, at ${file}:${line}:${column}; give one of them another name.`,
    { related },
  );
}
