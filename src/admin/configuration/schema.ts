import type { Step } from "./yaml/tree.ts";

/** As much of JSON Schema as the gateway's own schemas use. https://json-schema.org/draft-07 */
export interface Schema {
  readonly type?: string | readonly string[];
  readonly description?: string;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly required?: readonly string[];
  readonly additionalProperties?: Schema | boolean;
  readonly items?: Schema;
  readonly enum?: readonly (string | number | boolean | null)[];
  readonly const?: string | number | boolean;
  readonly pattern?: string;
  readonly oneOf?: readonly Schema[];
  readonly discriminator?: { readonly propertyName: string };
}

/** GET /admin/api/schema: what each part of a configuration may hold. */
export interface Schemas {
  readonly root: Schema;
  readonly included: Schema;
  readonly tests: Schema;
}

/** The plain value that a document has at a path; null where it has none. */
export type ValueAt = (path: readonly Step[]) => string | null;

/** What may stand at a path: several where nothing says yet which of them is meant, none where nothing is known. */
export function schemasAt(root: Schema, path: readonly Step[], valueAt: ValueAt): readonly Schema[] {
  let found = alternatives(root, [], valueAt);
  path.forEach((step, index) => {
    const below = found.flatMap((schema) => child(schema, step) ?? []);
    found = below.flatMap((schema) => alternatives(schema, path.slice(0, index + 1), valueAt));
  });
  return found;
}

function child(schema: Schema, step: Step): Schema | null {
  if (typeof step === "number") return schema.items ?? null;
  const { properties = {}, additionalProperties } = schema;
  if (Object.hasOwn(properties, step)) return properties[step] ?? null;
  return typeof additionalProperties === "object" ? additionalProperties : null;
}

/** Of a choice the one that the document has made, by the key that tells them apart. */
function alternatives(schema: Schema, path: readonly Step[], valueAt: ValueAt): readonly Schema[] {
  const { oneOf, discriminator, ...rest } = schema;
  if (oneOf === undefined) return [schema];
  const tag = discriminator?.propertyName;
  const chosen = tag === undefined ? null : valueAt([...path, tag]);
  const meant = oneOf.filter((each) => tag !== undefined && each.properties?.[tag]?.const === chosen);
  return (meant.length > 0 ? meant : oneOf).map((each) => ({ ...rest, ...each }));
}

/** A key that a mapping may have. */
export interface KnownKey {
  readonly name: string;
  readonly isRequired: boolean;
  readonly schema: Schema;
}

/** The keys that may stand in a mapping, in the schema's order. */
export function keysOf(schemas: readonly Schema[]): readonly KnownKey[] {
  const keys = new Map<string, KnownKey>();
  for (const { properties = {} } of schemas) {
    for (const [name, schema] of Object.entries(properties)) {
      const isRequired = schemas.every(({ required = [] }) => required.includes(name));
      const known = keys.get(name);
      keys.set(name, {
        name,
        isRequired,
        schema: known === undefined ? schema : either(known.schema, schema),
      });
    }
  }
  return [...keys.values()];
}

/** The key that tells alternatives apart has another word in each of them. */
function either(one: Schema, other: Schema): Schema {
  if (one.const === undefined && one.enum === undefined) return one;
  const { const: _, ...rest } = one;
  return { ...rest, enum: valuesOf([one, other]) };
}

/** The words that a value is one of; none where it is free. */
export function valuesOf(schemas: readonly Schema[]): readonly string[] {
  const words = schemas.flatMap((schema) => [
    ...(schema.enum ?? []).map(String),
    ...(schema.const === undefined ? [] : [String(schema.const)]),
    ...(typesOf(schema).includes("boolean") ? ["true", "false"] : []),
    ...wordsIn(schema.pattern ?? ""),
  ]);
  return [...new Set(words)];
}

/** Where other types are possible as well, a choice of words is written as a pattern: `^(ok|timeout)$`. */
const wordsIn = (pattern: string): readonly string[] =>
  /^\^\(?(\w+(?:\|\w+)*)\)?\$$/.exec(pattern)?.[1]?.split("|") ?? [];

/** The types that a value may have. */
export const typesOf = ({ type = [] }: Schema): readonly string[] =>
  typeof type === "string" ? [type] : type;

/** What kind of value a schema wants, in a word or two. */
export function kindOf(schema: Schema): string {
  const values = valuesOf([schema]);
  if (values.length > 0 && !typesOf(schema).includes("object")) return values.join(" | ");
  return typesOf(schema)
    .map((type) => words[type] ?? type)
    .join(" or ");
}

const words: Readonly<Record<string, string>> = {
  object: "mapping",
  array: "list",
  string: "text",
  boolean: "true or false",
  integer: "whole number",
};
