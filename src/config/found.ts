import type { Tree } from "./tree.ts";

/** A piece of JSON Schema, as data. */
export type Schema = Readonly<Record<string, unknown>>;

const isSchema = (value: unknown): value is Schema =>
  typeof value === "object" && value !== null && !Array.isArray(value);
const nothing: Schema = {};
/** A piece of a schema; what is none allows everything. */
export const asSchema = (value: unknown): Schema => (isSchema(value) ? value : nothing);

/** The JSON types that a schema accepts; none: all. */
export function typesOf(schema: Schema): readonly string[] {
  const type: unknown = schema["type"];
  return type === undefined ? [] : [type].flat().map(String);
}

/** The JSON type of a tree. */
export function typeOf(tree: Tree): string {
  if (tree.kind === "mapping") return "object";
  if (tree.kind === "sequence") return "array";
  if (tree.value === null) return "null";
  if (typeof tree.value === "number") return Number.isInteger(tree.value) ? "integer" : "number";
  return typeof tree.value;
}

/** What stands there, in words; never a text where a secret belongs. */
export function found(tree: Tree, schema: Schema): string {
  if (tree.kind === "mapping") return "a mapping";
  if (tree.kind === "sequence") return "a list";
  if (tree.value === null) return "nothing";
  if (schema["x-secret"] === true) return `a ${typeof tree.value}`;
  return typeof tree.value === "string" ? `the text ${show(tree.value)}` : show(tree.value);
}

/** A value as JSON, bounded. */
export const show = (value: unknown): string => {
  const text = JSON.stringify(value) ?? "nothing";
  return text.length > 60 ? `${text.slice(0, 57)}…"` : text;
};
