import { err, ok, type Result } from "../../core/result.ts";
import { compile } from "../compile.ts";
import type { Diagnostic } from "../diagnostic.ts";
import { checkBySchema } from "../gate.ts";
import { type Entry, member, type Tree } from "../tree.ts";
import { type Finding, sweep } from "./finding.ts";
import { finish } from "./finish.ts";
import { isEnvFile, readEnv, readEnvFile } from "./formats/env.ts";
import { isModelConfig, readModelConfig } from "./formats/model_config.ts";
import { isModelsAndProxy, readModelsAndProxy } from "./formats/model_list.ts";
import { isModelsByKind, readModelsByKind } from "./formats/models_by_kind.ts";
import { includesOf, isLitellm, readLitellm } from "./litellm.ts";
import { readTree } from "./read_tree.ts";
import { makeScope, type Scope } from "./scope.ts";
import type { Variable } from "./variables.ts";
import { write } from "./write.ts";

/** A format that can be imported. */
interface Format {
  readonly says: string;
  readonly isLike: (tree: Tree) => boolean;
  readonly read: (tree: Tree, scope: Scope) => void;
}

/** By name, the most particular shape first. `.env` files are not YAML and stand apart. */
const formats = {
  litellm: { says: "LiteLLM's config.yaml", isLike: isLitellm, read: readLitellm },
  model_config: { says: "api_provider and model_config", isLike: isModelConfig, read: readModelConfig },
  models_by_kind: {
    says: "models.openai, models.request and auth.api_keys",
    isLike: isModelsByKind,
    read: readModelsByKind,
  },
  models_proxy: { says: "a list of models, and proxy", isLike: isModelsAndProxy, read: readModelsAndProxy },
} as const satisfies Readonly<Record<string, Format>>;

/** One of the formats. */
export type FormatName = keyof typeof formats | "env";
/** What each format is, by its name. */
export const formatNames: Readonly<Record<FormatName, string>> = {
  litellm: formats.litellm.says,
  env: "a .env with keys of providers",
  model_config: formats.model_config.says,
  models_by_kind: formats.models_by_kind.says,
  models_proxy: formats.models_proxy.says,
};

/** A file of another gateway. */
export interface Foreign {
  readonly name: string;
  readonly text: string;
}

/** What became of it. */
export interface Imported {
  readonly format: FormatName;
  /** The new routes.yaml, in canonical form. */
  readonly routes: string;
  readonly findings: readonly Finding[];
  readonly variables: readonly Variable[];
  /** What the compiler says of the new file. Variables that are not set are told by `variables`. */
  readonly diagnostics: readonly Diagnostic[];
}

/** Why there is nothing to write: the file cannot be read, has no known shape, or holds no model that could come over. */
export type Refused =
  | { readonly reason: "unreadable"; readonly diagnostics: readonly Diagnostic[] }
  | { readonly reason: "unknown_format" | "already_ours" }
  | { readonly reason: "nothing"; readonly format: FormatName; readonly findings: readonly Finding[] };

/** Translates a file of another gateway; `includes` are those that it merges into itself. Pure. */
export function importFile(
  file: Foreign,
  from: FormatName | null,
  engine: string,
  includes: readonly Foreign[] = [],
): Result<Imported, Refused> {
  if (from === "env" || (from === null && isEnvFile(file.text))) {
    const tree = readEnvFile(file.name, file.text);
    return conclude("env", file, tree, [], engine, (scope) => readEnv(tree, scope));
  }
  const trees: Tree[] = [];
  const [again, followed]: [Entry[], Entry[]] = [[], []];
  for (const each of [file, ...includes]) {
    const read = readTree(each.name, each.text);
    if (!read.ok) return err({ reason: "unreadable", diagnostics: read.error });
    trees.push(read.value.tree);
    again.push(...read.value.again);
    followed.push(...read.value.followed);
  }
  const [root, ...others] = trees;
  if (root === undefined) return err({ reason: "unknown_format" });
  const tree = merge(root, others);
  const format = from ?? formatOf(tree);
  if (format === null) return err({ reason: isOurs(tree) ? "already_ours" : "unknown_format" });
  return conclude(format, file, tree, trees, engine, (scope) => {
    for (const { path, at } of includesOf(root)) {
      if (includes.some(({ name }) => name === path))
        scope.notes.exact(at, "its lists and sections, in place");
      else scope.notes.unsupported(at, "there is no such file beside this one");
    }
    for (const entry of followed) scope.notes.exact(entry, "what it stands for, in place");
    for (const entry of again)
      scope.notes.unsupported(entry, "the key stands here again further down, where it counts");
    formats[format].read(tree, scope);
  });
}

function conclude(
  format: FormatName,
  { name }: Foreign,
  tree: Tree,
  trees: readonly Tree[],
  engine: string,
  read: (scope: Scope) => void,
): Result<Imported, Refused> {
  const scope = makeScope([tree]);
  read(scope);
  const file = finish(scope);
  for (const each of trees.length > 0 ? trees : [tree]) sweep(each, scope.notes);
  const findings = scope.notes.all();
  if (scope.draft.models.size === 0) return err({ reason: "nothing", format, findings });
  const routes = write(file, name.split(/[/\\]/).at(-1) ?? name);
  const files = [{ name: "routes.yaml", bytes: new TextEncoder().encode(routes) }];
  const { diagnostics } = compile(files, { engine, variables: {}, unset: "warning", opinion: checkBySchema });
  return ok({
    format,
    routes,
    findings,
    variables: scope.variables.all(),
    diagnostics: diagnostics.filter(({ code }) => code !== "unset_reference"),
  });
}

const names = Object.keys(formats) as readonly (keyof typeof formats)[];

function formatOf(tree: Tree): keyof typeof formats | null {
  if (isOurs(tree)) return null;
  return names.find((name) => formats[name].isLike(tree)) ?? null;
}

const isOurs = (tree: Tree): boolean => {
  const models = member(tree, "models")?.value;
  const hasTargets =
    models?.kind === "mapping" && models.entries.some(({ value }) => member(value, "targets") !== null);
  return member(tree, "version") !== null && member(tree, "providers") !== null && hasTargets;
};

/** As LiteLLM does it: lists go on, other sections are replaced. */
function merge(root: Tree, others: readonly Tree[]): Tree {
  if (root.kind !== "mapping") return root;
  let entries = root.entries;
  for (const other of others) {
    if (other.kind !== "mapping") continue;
    for (const entry of other.entries) {
      const before = entries.find(({ key }) => key === entry.key);
      if (before === undefined) entries = [...entries, entry];
      else if (before.value.kind === "sequence" && entry.value.kind === "sequence") {
        const value = { ...before.value, items: [...before.value.items, ...entry.value.items] };
        entries = entries.map((each) => (each === before ? { ...before, value } : each));
      } else entries = entries.map((each) => (each === before ? entry : each));
    }
  }
  return { ...root, entries };
}
