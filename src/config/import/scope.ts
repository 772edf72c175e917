import type { Tree } from "../tree.ts";
import { type Draft, emptyDraft } from "./draft.ts";
import { makeNotes, type Notes } from "./finding.ts";
import { type Naming, plainNames, publicNames } from "./names.ts";
import { makeVariables, type Variables, variableIn } from "./variables.ts";

/** What the parts of one import share. */
export interface Scope {
  readonly draft: Draft;
  readonly notes: Notes;
  readonly variables: Variables;
  readonly providerNames: Naming;
  /** Names of providers by what tells them apart. */
  readonly providersByIdentity: Map<string, string>;
  readonly modelNames: Naming;
  readonly keyNames: Naming;
}

/** Begins an import of these files. */
export const makeScope = (trees: readonly Tree[]): Scope => ({
  draft: emptyDraft(),
  notes: makeNotes(),
  variables: makeVariables(trees.flatMap(referencesIn)),
  providerNames: plainNames(),
  providersByIdentity: new Map(),
  modelNames: publicNames(),
  keyNames: plainNames(),
});

function referencesIn(tree: Tree): readonly string[] {
  if (tree.kind === "mapping") return tree.entries.flatMap(({ value }) => referencesIn(value));
  if (tree.kind === "sequence") return tree.items.flatMap(referencesIn);
  const name = typeof tree.value === "string" ? variableIn(tree.value) : null;
  return name === null ? [] : [name];
}
