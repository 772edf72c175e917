import type { Fields } from "../fields.ts";
import type { Walk } from "./schema_place.ts";

/** What Gemini calls a type, `null` apart. */
export type Type = "object" | "array" | "string" | "number" | "integer" | "boolean";

/** Bounds of each type, in JSON Schema. */
export const bounds: Readonly<Record<Type, readonly string[]>> = {
  object: ["minProperties", "maxProperties"],
  array: ["minItems", "maxItems"],
  string: ["minLength", "maxLength", "pattern"],
  number: ["minimum", "maximum"],
  integer: ["minimum", "maximum"],
  boolean: [],
};

/** Whether a name is that of a type. */
export const isType = (name: string): name is Type => Object.hasOwn(bounds, name);

/** Those of them that the dialect `json` knows. https://ai.google.dev/api/generate-content#FIELDS.response_json_schema */
const jsonBounds: ReadonlySet<string> = new Set(["minItems", "maxItems", "minimum", "maximum"]);

/** The bounds that a schema sets and the dialect knows. */
export function boundsOf(schema: Fields, type: Type, walk: Walk): Fields {
  const kept = new Map<string, unknown>();
  for (const name of bounds[type]) {
    const bound = schema[name];
    if (bound === undefined || bound === null) continue;
    if (walk.dialect === "openapi" || jsonBounds.has(name)) kept.set(name, bound);
    else walk.lost.add(name);
  }
  if (type === "integer" || type === "number") {
    for (const [name, bound, step] of exclusive) {
      const value = schema[name];
      if (value === undefined || value === null || value === false) continue;
      const isStep = type === "integer" && Number.isInteger(value);
      if (!isStep) walk.lost.add(name);
      if (typeof value === "number" && !kept.has(bound)) kept.set(bound, isStep ? value + step : value);
    }
  }
  return Object.fromEntries(kept);
}

/** Beyond 3 is from 4 on, among whole numbers; among others the bound itself is let in. */
const exclusive = [
  ["exclusiveMinimum", "minimum", 1],
  ["exclusiveMaximum", "maximum", -1],
] as const;
