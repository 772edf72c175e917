import { type Names, type Reference, referencesAt } from "./names.ts";
import { type KnownKey, keysOf, kindOf, type Schema, schemasAt, typesOf, valuesOf } from "./schema.ts";
import type { Part } from "./texts.ts";
import { outlineOf } from "./yaml/outline.ts";
import { type Place, placeAt } from "./yaml/place.ts";
import type { Step } from "./yaml/tree.ts";

/** What is known of a file while somebody writes in it. */
export interface Known {
  readonly schema: Schema;
  readonly part: Part;
  readonly names: Names;
}

/** One thing that can be written at a place. */
export interface Suggestion {
  readonly label: string;
  readonly kind: "key" | "value" | "name";
  /** What it is, in a word or two; and in a sentence, where there is one. */
  readonly detail: string;
  readonly info: string | null;
  /** The text to write. */
  readonly insert: string;
  /** After it, more can be suggested at once. */
  readonly continues: boolean;
}

/** What can be written at an offset, and what it replaces; null where nothing is known. */
export interface Suggestions {
  readonly from: number;
  readonly to: number;
  readonly options: readonly Suggestion[];
}

/** Suggests keys, values and names by the schema and by what the files define. */
export function suggestionsAt(text: string, at: number, known: Known): Suggestions | null {
  const place = placeAt(text, at);
  if (place === null) return null;
  const schemas = schemasAt(known.schema, place.path, valueIn(text));
  const isQuoted = /["']/.test(text[place.from - 1] ?? "");
  const options = [
    ...(place.takesKeys ? keySuggestions(schemas, place, known, indentOf(text, place.from)) : []),
    ...(place.takesValues ? valueSuggestions(schemas, place, known, isQuoted) : []),
  ];
  return options.length === 0 ? null : { from: place.from, to: place.to, options };
}

/** Looks plain values up by their path. */
export function valueIn(text: string): (path: readonly Step[]) => string | null {
  let values: ReadonlyMap<string, string> | null = null;
  const read = () =>
    new Map(
      outlineOf(text).flatMap(({ kind, path, word }) =>
        kind === "value" ? [[JSON.stringify(path), word] as const] : [],
      ),
    );
  return (path) => {
    values ??= read();
    return values.get(JSON.stringify(path)) ?? null;
  };
}

function keySuggestions(
  schemas: readonly Schema[],
  place: Place,
  { part, names }: Known,
  indent: string,
): readonly Suggestion[] {
  const isNew = ({ name }: { readonly name: string }) => !place.keys.includes(name);
  const known = keysOf(schemas)
    .filter(isNew)
    .map((key) => ({
      label: key.name,
      kind: "key" as const,
      detail: `${kindOf(key.schema)}${key.isRequired ? ", required" : ""}`,
      info: key.schema.description ?? null,
      ...written(key, place, indent),
    }));
  const named = referencesAt(part, "key", place.path, names).filter(isNew);
  return [...known, ...named.map((each) => ({ ...referred(each, ""), insert: `${each.name}: ` }))];
}

/** A mapping or list begins on a line of its own, unless it stands between braces. */
function written({ name, schema }: KnownKey, { hasColon, isFlow }: Place, indent: string) {
  if (hasColon) return { insert: name, continues: false };
  const types = typesOf(schema);
  const isPlain = schema.oneOf === undefined && types.some((type) => type !== "object" && type !== "array");
  if (isPlain || isFlow) return { insert: `${name}: `, continues: valuesOf([schema]).length > 0 || !isPlain };
  const next = types.includes("array") ? "- " : "";
  return { insert: `${name}:\n${indent}  ${next}`, continues: true };
}

/** How far a line's first key stands in, a list's dashes counted as spaces. */
function indentOf(text: string, from: number): string {
  const lineFrom = text.lastIndexOf("\n", from - 1) + 1;
  return text.slice(lineFrom, from).replace(/[^\t]/g, " ");
}

function valueSuggestions(
  schemas: readonly Schema[],
  { path }: Place,
  { part, names }: Known,
  isQuoted: boolean,
): readonly Suggestion[] {
  const info = schemas[0]?.description ?? null;
  const values = valuesOf(schemas).map((label) => ({
    ...{ label, kind: "value" as const, detail: "", info },
    ...{ insert: label, continues: false },
  }));
  return [
    ...values,
    ...referencesAt(part, "value", path, names).map((each) => ({
      ...referred(each, "/"),
      ...(isQuoted ? { insert: each.name } : {}),
    })),
  ];
}

/** A name that ends in `open` is only begun. */
const referred = ({ name, what }: Reference, open: string): Suggestion => ({
  ...{ label: name, kind: "name", detail: what, info: null },
  insert: /^[A-Za-z0-9]/.test(name) ? name : JSON.stringify(name),
  continues: open !== "" && name.endsWith(open),
});
