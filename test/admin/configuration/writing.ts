import { namesIn } from "../../../src/admin/configuration/names.ts";
import type { Known, Suggestion } from "../../../src/admin/configuration/suggestions.ts";
import { suggestionsAt } from "../../../src/admin/configuration/suggestions.ts";
import type { Part } from "../../../src/admin/configuration/texts.ts";
import { includedSchema, publishedSchema, testsSchema } from "../../../src/config/schema/published.ts";

/** A text with a `|` where somebody writes, taken apart. */
export function written(marked: string): { readonly text: string; readonly at: number } {
  const at = marked.indexOf("|");
  return { text: marked.slice(0, at) + marked.slice(at + 1), at };
}

const schemas = { root: publishedSchema(), included: includedSchema(), tests: testsSchema() };

/** What defines the names that are suggested. */
const defined = `version: 1
auth:
  teams: { web: {} }
  keys: [{ id: app, secret: env:APP, team: web }]
providers:
  near: { kind: simulated, tags: [eu], models: { small: {}, "large*": {} } }
  far: { kind: simulated }
models:
  chat: { targets: [far/huge] }
  "any-*": { targets: [near/small] }
aliases: { old: chat }
failover: { patient: {} }
`;

/** What is suggested at the `|` of a text that stands beside a file with a few names. */
export function suggestedAt(marked: string, part: Part = "root"): readonly Suggestion[] {
  const { text, at } = written(marked);
  const known: Known = {
    part,
    schema: schemas[part],
    names: namesIn([{ name: "defined.yaml", text: defined }]),
  };
  return suggestionsAt(text, at, known)?.options ?? [];
}

/** The text after the suggestion with this label was taken. */
export function taken(marked: string, label: string, part: Part = "root"): string {
  const { text, at } = written(marked);
  const known: Known = {
    part,
    schema: schemas[part],
    names: namesIn([{ name: "defined.yaml", text: defined }]),
  };
  const found = suggestionsAt(text, at, known);
  const option = found?.options.find((each) => each.label === label);
  return found == null || option === undefined
    ? `nothing named ${label}`
    : `${text.slice(0, found.from)}${option.insert}|${text.slice(found.to)}`;
}
