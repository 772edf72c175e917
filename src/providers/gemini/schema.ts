import { isRecord } from "../../core/record.ts";
import type { Fields } from "../fields.ts";
import type { Losses } from "../losses.ts";
import type { ModelTraits } from "./model.ts";
import type { Dialect } from "./schema_place.ts";
import { translate } from "./schema_walk.ts";

/** A schema as Gemini takes it. */
interface Translated {
  readonly dialect: Dialect;
  /** Null where nothing of it can be carried. */
  readonly schema: Fields | null;
  readonly lost: ReadonlySet<string>;
}

/**
 * The parameters of a function, as a field of its declaration; none where it has no parameters, since Gemini refuses an object
 * without properties. https://ai.google.dev/api/caching#FunctionDeclaration
 */
export function parametersOf(schema: unknown, traits: ModelTraits, losses: Losses): Fields {
  if (!isRecord(schema) || isEmpty(schema)) return {};
  const translated = inBestDialect(
    schema["type"] === undefined ? { ...schema, type: "object" } : schema,
    traits,
  );
  const isObject = translated.schema?.["type"] === "object";
  if (!isObject) losses.dropped("tools", "Gemini takes an object", true, "tools[].function.parameters");
  report(translated, "tools", "tools[].function.parameters", losses);
  if (!isObject || translated.schema === null || isEmpty(translated.schema)) return {};
  return { [translated.dialect === "json" ? "parametersJsonSchema" : "parameters"]: translated.schema };
}

/** The schema of an answer, as a generation parameter. https://ai.google.dev/gemini-api/docs/structured-output */
export function responseSchemaOf(schema: unknown, traits: ModelTraits, losses: Losses): Fields {
  const translated = inBestDialect(schema, traits);
  report(translated, "response_format", "response_format.json_schema.schema", losses);
  if (translated.schema === null) return {};
  return { [translated.dialect === "json" ? "responseJsonSchema" : "responseSchema"]: translated.schema };
}

/** The form that every model takes, unless JSON Schema carries more and the model takes that: maps, tuples, listed numbers, any value. */
function inBestDialect(schema: unknown, traits: ModelTraits): Translated {
  const open = inDialect(schema, "openapi");
  return open.richer && traits.jsonSchema ? inDialect(schema, "json") : open;
}

function inDialect(schema: unknown, dialect: Dialect): Translated & { readonly richer: boolean } {
  const walk = { root: schema, dialect, lost: new Set<string>(), richer: false, count: 0 };
  return { dialect, schema: translate(schema, [], walk), lost: walk.lost, richer: walk.richer };
}

function report({ lost }: Translated, param: string, where: string, losses: Losses): void {
  if (lost.size === 0) return;
  losses.dropped(
    param,
    "Gemini's schemas have no word for it",
    true,
    `${where}: ${[...lost].sort().join(", ")}`,
  );
}

/** An object that names no property and allows none in particular. */
const isEmpty = ({ type, properties, additionalProperties, ...rest }: Fields): boolean =>
  (type === undefined || type === "object") &&
  (properties === undefined || (isRecord(properties) && Object.keys(properties).length === 0)) &&
  !isRecord(additionalProperties) &&
  ["$ref", "allOf", "anyOf", "oneOf", "items", "enum"].every((name) => rest[name] === undefined);
