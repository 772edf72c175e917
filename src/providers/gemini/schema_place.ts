import type { Fields } from "../fields.ts";

/** `openapi` is the form that every model takes; `json` is JSON Schema, less what Gemini does not know of it. */
export type Dialect = "openapi" | "json";

/** One translation under way. */
export interface Walk {
  readonly root: unknown;
  readonly dialect: Dialect;
  /** Keywords that could not be carried. */
  readonly lost: Set<string>;
  /** Whether something was met that only the dialect `json` carries. */
  richer: boolean;
  /** Schemas met so far: references that are followed can make many out of few. */
  count: number;
}

/** A schema with the references that led to it. */
export interface Place {
  readonly schema: Fields;
  readonly refs: readonly string[];
}

/** Notes what is lost, which leaves nothing. */
export function lose(walk: Walk, keyword: string): null {
  walk.lost.add(keyword);
  return null;
}

/** The same, or null. */
export function orNull(schema: Fields, dialect: Dialect): Fields {
  if (dialect === "openapi") return { ...schema, nullable: true };
  const { anyOf, ...rest } = schema;
  if (!Array.isArray(anyOf)) return { anyOf: [schema, nothing] };
  return anyOf.includes(nothing) ? schema : { ...rest, anyOf: [...anyOf, nothing] };
}

const nothing: Fields = { type: "null" };
