import { isRecord } from "../../core/record.ts";
import type { Fields } from "../fields.ts";

/** Deeper than this nothing is made up: a schema may require itself. */
const maxDepth = 8;

const formats: Readonly<Record<string, string>> = {
  "date-time": "2026-01-31T12:00:00Z",
  date: "2026-01-31",
  time: "12:00:00Z",
  duration: "PT1H",
  email: "ada@example.com",
  hostname: "example.com",
  ipv4: "192.0.2.1",
  ipv6: "2001:db8::1",
  uri: "https://example.com/",
  uuid: "123e4567-e89b-42d3-a456-426614174000",
};

/** What fields of these names usually hold; `topic` stands for what the user said. */
const examples: Readonly<Record<string, string>> = {
  city: "Paris",
  location: "Paris, France",
  country: "France",
  language: "en",
  currency: "EUR",
  timezone: "Europe/Paris",
  date: "2026-01-31",
  time: "12:00",
  name: "Ada Lovelace",
  email: "ada@example.com",
  url: "https://example.com/",
};

/** What a made-up value is made of. */
export interface Invention {
  /** The whole schema, which `$ref` points into. */
  readonly root: unknown;
  /** What the user said, for fields that ask for a query or a text. */
  readonly topic: string;
}

/** A small value that a JSON Schema accepts, the same every time: required properties only. Patterns are beyond it. */
export function invent(schema: unknown, { root, topic }: Invention, name = "", depth = 0): unknown {
  if (!isRecord(schema) || depth > maxDepth) return null;
  const next = (inner: unknown, as = name) => invent(inner, { root, topic }, as, depth + 1);
  if (typeof schema["$ref"] === "string") return next(resolve(root, schema["$ref"]));
  if (Object.hasOwn(schema, "const")) return schema["const"];
  if (Array.isArray(schema["enum"]) && schema["enum"].length > 0) return schema["enum"][0];
  for (const choice of [schema["anyOf"], schema["oneOf"]]) {
    if (Array.isArray(choice) && choice.length > 0)
      return next(choice.find((item) => isRecord(item) && item["type"] !== "null") ?? choice[0]);
  }
  if (Array.isArray(schema["allOf"])) return next(merged(schema, schema["allOf"]));
  switch (typeOf(schema)) {
    case "object":
      return inventObject(schema, next);
    case "array":
      return inventArray(schema, next);
    case "integer":
    case "number":
      return inventNumber(schema);
    case "boolean":
      return true;
    case "null":
      return null;
    default:
      return inventString(schema, name, topic);
  }
}

type Next = (schema: unknown, name?: string) => unknown;

function inventObject(schema: Fields, next: Next): unknown {
  const properties = isRecord(schema["properties"]) ? schema["properties"] : {};
  const required = Array.isArray(schema["required"]) ? schema["required"] : [];
  const names = required.filter((name) => typeof name === "string");
  return Object.fromEntries(
    names.map((name) => [
      name,
      next(Object.hasOwn(properties, name) ? properties[name] : { type: "string" }, name),
    ]),
  );
}

function inventArray(schema: Fields, next: Next): unknown {
  if (Array.isArray(schema["prefixItems"])) return schema["prefixItems"].map((item) => next(item));
  const wanted = Math.max(1, Math.min(16, numberOr(schema["minItems"], 1)));
  const count = Math.min(wanted, numberOr(schema["maxItems"], wanted));
  return Array.from({ length: count }, (_, index) => {
    const item = next(schema["items"] ?? { type: "string" });
    if (index === 0 || schema["uniqueItems"] !== true) return item;
    return typeof item === "number" ? item + index : typeof item === "string" ? `${item} ${index + 1}` : item;
  });
}

function inventNumber(schema: Fields): number {
  const whole = typeOf(schema) === "integer";
  const step = numberOr(schema["multipleOf"], whole ? 1 : 0);
  const floor = Math.max(
    numberOr(schema["minimum"], -Infinity),
    numberOr(schema["exclusiveMinimum"], -Infinity) + (whole ? 1 : 0.5),
  );
  const ceiling = Math.min(
    numberOr(schema["maximum"], Infinity),
    numberOr(schema["exclusiveMaximum"], Infinity) - (whole ? 1 : 0.5),
  );
  const value = Math.min(Math.max(1, floor), ceiling);
  return step > 0 && Number.isFinite(value) ? Math.ceil(value / step) * step : value;
}

function inventString(schema: Fields, name: string, topic: string): string {
  const format = schema["format"];
  if (typeof format === "string" && Object.hasOwn(formats, format)) return formats[format] ?? "";
  const key = name.toLowerCase();
  const known = Object.hasOwn(examples, key) ? examples[key] : undefined;
  const asks = /query|question|text|input|prompt|message|topic|subject/.test(key) && topic !== "";
  const value = known ?? (asks ? topic : name === "" ? "example" : `example ${name}`);
  const longest = numberOr(schema["maxLength"], 200);
  return value
    .slice(0, longest)
    .toWellFormed()
    .padEnd(Math.min(numberOr(schema["minLength"], 0), 10_000), ".");
}

function typeOf(schema: Fields): unknown {
  const { type } = schema;
  if (Array.isArray(type)) return type.find((item) => item !== "null") ?? "null";
  return (
    type ?? (isRecord(schema["properties"]) ? "object" : schema["items"] === undefined ? "string" : "array")
  );
}

/** Properties and required names of all together; for the rest the last one speaks. */
function merged(schema: Fields, parts: readonly unknown[]): Fields {
  const { allOf: _, ...own } = schema;
  const all = [own, ...parts.filter(isRecord)];
  const fields = all.flatMap((part) => Object.entries(part));
  const properties = all.flatMap((part) =>
    isRecord(part["properties"]) ? Object.entries(part["properties"]) : [],
  );
  return {
    ...Object.fromEntries(fields),
    properties: Object.fromEntries(properties),
    required: all.flatMap((part) => (Array.isArray(part["required"]) ? part["required"] : [])),
  };
}

/** `#/$defs/city` and the like; references out of the document lead nowhere. */
function resolve(root: unknown, ref: string): unknown {
  if (!ref.startsWith("#")) return null;
  let at = root;
  for (const part of ref
    .slice(1)
    .split("/")
    .filter((item) => item !== "")) {
    const name = part.replaceAll("~1", "/").replaceAll("~0", "~");
    at = isRecord(at) && Object.hasOwn(at, name) ? at[name] : null;
  }
  return at;
}

const numberOr = (value: unknown, otherwise: number): number =>
  typeof value === "number" ? value : otherwise;
