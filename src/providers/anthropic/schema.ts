import { isRecord } from "../../core/record.ts";
import type { Fields } from "../fields.ts";
import type { Losses } from "../losses.ts";

/** Keywords that structured outputs refuse. https://docs.claude.com/en/docs/build-with-claude/structured-outputs#json-schema-limitations */
const refused: ReadonlySet<string> = new Set([
  ...["minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf"],
  ...["minLength", "maxLength", "maxItems", "uniqueItems", "minProperties", "maxProperties"],
  ...["patternProperties", "propertyNames", "contains", "not", "if", "then", "else"],
]);

/** Members that hold schemas by name, not keywords. */
const named: ReadonlySet<string> = new Set(["properties", "$defs", "definitions"]);

/** A schema as structured outputs take it: every object closed, without the keywords that they refuse; those are named, as `where`'s. */
export function strictSchema(schema: Fields, param: string, where: string, losses: Losses): Fields {
  const dropped = new Set<string>();
  const strict = strictly(schema, dropped);
  if (dropped.size > 0) {
    const names = [...dropped].sort().join(", ");
    losses.say(param, `${where}: ${names} dropped: Anthropic's structured outputs refuse them`);
  }
  return isRecord(strict) ? strict : schema;
}

function strictly(schema: unknown, dropped: Set<string>): unknown {
  if (Array.isArray(schema)) return schema.map((item) => strictly(item, dropped));
  if (!isRecord(schema)) return schema;
  const strict = new Map<string, unknown>();
  for (const [name, value] of Object.entries(schema)) {
    if (refused.has(name) || (name === "minItems" && value !== 0 && value !== 1)) dropped.add(name);
    else if (named.has(name) && isRecord(value)) strict.set(name, eachStrictly(value, dropped));
    else if (name === "enum" || name === "const" || name === "default" || name === "required")
      strict.set(name, value);
    else strict.set(name, strictly(value, dropped));
  }
  if (schema["type"] === "object" || isRecord(schema["properties"]))
    strict.set("additionalProperties", false);
  return Object.fromEntries(strict);
}

const eachStrictly = (schemas: Fields, dropped: Set<string>): Fields =>
  Object.fromEntries(Object.entries(schemas).map(([name, schema]) => [name, strictly(schema, dropped)]));
