import { isRecord } from "../../core/record.ts";
import type { Fields } from "../fields.ts";
import { bounds, boundsOf, isType, type Type } from "./schema_bounds.ts";
import { arrayOf, objectOf } from "./schema_nested.ts";
import { lose, orNull, type Place, type Walk } from "./schema_place.ts";

const formats: Readonly<Record<Type, readonly unknown[]>> = {
  object: [],
  array: [],
  string: ["date-time", "enum"],
  number: ["float", "double"],
  integer: ["int32", "int64"],
  boolean: [],
};

/** What the dialect `json` knows beside them. */
const jsonFormats: ReadonlySet<unknown> = new Set(["date", "time"]);

/** Read where they act, or without a say in what a value may be. */
const settled: ReadonlySet<string> = new Set([
  ...["type", "nullable", "enum", "const", "format", "title", "description", "default", "example"],
  ...["properties", "required", "additionalProperties", "propertyOrdering", "unevaluatedProperties"],
  ...["items", "prefixItems", "additionalItems", "exclusiveMinimum", "exclusiveMaximum"],
  ...["$schema", "$id", "$comment", "$anchor", "$defs", "definitions", "deprecated", "readOnly", "writeOnly"],
  ...["discriminator", "xml", "externalDocs", "strict", "examples"],
  ...Object.values(bounds).flat(),
]);

/** A schema of one type. */
export function typed(place: Place, walk: Walk): Fields | null {
  const { schema } = place;
  const type = typeOf(schema);
  for (const keyword of Object.keys(schema)) if (!settled.has(keyword)) walk.lost.add(shown(keyword));
  if (type === null) return schema["type"] === "null" ? null : untyped(about(schema, walk), walk);
  const inner =
    type === "object"
      ? objectOf(place, walk)
      : type === "array"
        ? arrayOf(place, walk)
        : valuesOf(schema, type, walk);
  if (inner === null) return null;
  const whole = {
    type,
    ...about(schema, walk),
    ...formatOf(schema, type, walk),
    ...boundsOf(schema, type, walk),
    ...inner,
  };
  const listsNull = Array.isArray(schema["enum"]) && schema["enum"].includes(null);
  return schema["nullable"] === true || listsNull ? orNull(whole, walk.dialect) : whole;
}

/** Any value. The form that every model takes has no word for it. */
export function untyped(described: Fields, walk: Walk): Fields {
  walk.richer = true;
  if (walk.dialect === "json") return described;
  walk.lost.add("values of any type");
  return { ...described, anyOf: ["string", "number", "boolean"].map((type) => ({ type })) };
}

/** The type that a schema names or, by its keywords, means. */
function typeOf(schema: Fields): Type | null {
  const { type } = schema;
  // Clients that know Gemini write types as it does: STRING.
  const named = typeof type === "string" ? type.toLowerCase() : null;
  if (named !== null) return isType(named) ? named : null;
  if (isRecord(schema["properties"]) || isRecord(schema["additionalProperties"])) return "object";
  if (schema["items"] !== undefined || schema["prefixItems"] !== undefined) return "array";
  const value = allowedIn(schema)?.find((each) => each !== null);
  const meant = typeof value;
  return isType(meant) && meant !== "object" ? meant : null;
}

const allowedIn = ({ const: only, enum: listed }: Fields): readonly unknown[] | null =>
  only !== undefined ? [only] : Array.isArray(listed) ? listed : null;

/** The values that are allowed, as far as they can be listed: texts, and numbers in the dialect `json`. */
function valuesOf(schema: Fields, type: Type, walk: Walk): Fields {
  const allowed = allowedIn(schema)?.filter((value) => value !== null) ?? null;
  if (allowed === null) return {};
  const isText = type === "string";
  if (!isText && type !== "boolean") walk.richer = true;
  const kept = isText
    ? allowed.filter((value) => typeof value === "string" && value !== "")
    : walk.dialect === "json" && type !== "boolean"
      ? allowed.filter((value) => typeof value === "number")
      : [];
  if (kept.length < allowed.length) lose(walk, schema["const"] === undefined ? "enum" : "const");
  return kept.length === 0 ? {} : { enum: kept };
}

function about({ title, description, default: preset, example }: Fields, { dialect }: Walk): Fields {
  const isOpen = dialect === "openapi";
  return {
    ...(typeof title === "string" ? { title } : {}),
    ...(typeof description === "string" ? { description } : {}),
    ...(isOpen && preset !== undefined && preset !== null ? { default: preset } : {}),
    ...(isOpen && example !== undefined && example !== null ? { example } : {}),
  };
}

function formatOf({ format }: Fields, type: Type, walk: Walk): Fields {
  if (typeof format !== "string") return {};
  if (formats[type].includes(format) || (walk.dialect === "json" && jsonFormats.has(format)))
    return { format };
  walk.lost.add("format");
  return {};
}

/** Keywords are named as they are; what looks like none is a client's text, and stays unsaid. */
const shown = (keyword: string): string =>
  /^\$?[A-Za-z][A-Za-z-]{0,30}$/.test(keyword) ? keyword : "other keywords";
