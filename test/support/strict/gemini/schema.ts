import { must } from "../complaint.ts";
import type { Schema } from "./shape.ts";

/** Holds a schema to what Google's own reading of it wants, beyond the words that it knows. */
export function checkSchema(schema: Schema, where: string): void {
  const { type, format, enum: values, properties, required = [], items, anyOf = [] } = schema;
  const kind = type?.toUpperCase();
  must(type !== undefined || anyOf.length > 0, `* ${where}.type: must be specified`);
  must(kind !== "ARRAY" || items !== undefined, `* ${where}.items: missing field.`);
  must(values === undefined || kind === "STRING", `* ${where}.enum: only allowed for STRING type`);
  must(
    kind !== "STRING" || format === undefined || format === "enum" || format === "date-time",
    `* ${where}.format: only 'enum' and 'date-time' are supported for STRING type`,
  );
  for (const [at, name] of required.entries())
    must(Object.hasOwn(properties ?? {}, name), `* ${where}.required[${at}]: property is not defined`);
  for (const [name, inner] of Object.entries(properties ?? {}))
    checkSchema(inner, `${where}.properties[${name}]`);
  for (const [at, inner] of anyOf.entries()) checkSchema(inner, `${where}.any_of[${at}]`);
  if (items !== undefined) checkSchema(items, `${where}.items`);
}
