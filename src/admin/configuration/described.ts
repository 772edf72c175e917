import { kindOf, type Schema, schemasAt } from "./schema.ts";
import { valueIn } from "./suggestions.ts";
import { ancestor, stepsTo, treeOf, wordOf } from "./yaml/tree.ts";

/** What the schema says of the key at a place. */
export interface Described {
  readonly from: number;
  readonly to: number;
  readonly name: string;
  /** What kind of value it takes. */
  readonly kind: string;
  readonly says: string | null;
}

/** The key at an offset, described; null where there is none, or nothing is known of it. */
export function describedAt(text: string, at: number, root: Schema): Described | null {
  const tree = treeOf(text);
  const key = ancestor(tree.resolveInner(at, 1), "Key") ?? ancestor(tree.resolveInner(at, -1), "Key");
  const literal = key?.firstChild ?? null;
  if (key === null || literal === null) return null;
  const name = wordOf(key, text);
  const schemas = schemasAt(root, [...stepsTo(literal, text), name], valueIn(text));
  const [schema] = schemas;
  if (schema === undefined) return null;
  const says = schemas.length === 1 ? (schema.description ?? null) : null;
  return { from: key.from, to: key.to, name, kind: kindOf(schema), says };
}
