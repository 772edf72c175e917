import { isRecord } from "../../core/record.ts";
import type { Fields } from "../fields.ts";
import { merged, resolved } from "./schema_merge.ts";
import { lose, orNull, type Place, type Walk } from "./schema_place.ts";
import { typed, untyped } from "./schema_types.ts";

/** No tool has more; what goes beyond is left out. */
const maxSchemas = 4_000;

/** Says something about a value, and nothing about what it may be. */
const annotations: ReadonlySet<string> = new Set(["title", "description", "default", "nullable", "example"]);

/** One schema in the dialect; null for what cannot be and for what is nested without end: its parent leaves it out. */
export function translate(schema: unknown, refs: readonly string[], walk: Walk): Fields | null {
  if (schema === false) return null;
  if (!isRecord(schema)) return untyped({}, walk);
  walk.count += 1;
  if (walk.count > maxSchemas) return lose(walk, "$ref");
  const place = resolved({ schema, refs }, walk);
  if (place === null) return null;
  const branches = branchesOf(place.schema, walk);
  return branches === null ? typed(place, walk) : union(place, branches, walk);
}

/** The alternatives of a schema, each whole in itself; null where it has none. */
function branchesOf(schema: Fields, walk: Walk): readonly Fields[] | null {
  const { anyOf, oneOf, type } = schema;
  const listed = Array.isArray(anyOf) ? anyOf : oneOf;
  if (Array.isArray(anyOf) && Array.isArray(oneOf)) walk.lost.add("oneOf");
  const shared = Object.fromEntries(
    Object.entries(schema).filter(([name]) => name !== "anyOf" && name !== "oneOf" && !annotations.has(name)),
  );
  if (Array.isArray(listed) && listed.length > 0)
    return listed.filter(isRecord).map((branch) => merged(shared, branch));
  return Array.isArray(type) ? type.map((each) => ({ ...shared, type: each })) : null;
}

function union(place: Place, branches: readonly Fields[], walk: Walk): Fields | null {
  const alternatives = new Map<string, Fields>();
  for (const branch of branches) {
    const schema = isNull(branch) ? null : translate(branch, place.refs, walk);
    if (schema !== null) alternatives.set(JSON.stringify(schema), schema);
  }
  const [first, ...more] = alternatives.values();
  if (first === undefined) return null;
  const { title, description, nullable } = place.schema;
  const about = {
    ...(typeof title === "string" ? { title } : {}),
    ...(typeof description === "string" ? { description } : {}),
  };
  const schema = more.length === 0 ? { ...first, ...about } : { ...about, anyOf: [first, ...more] };
  return nullable === true || branches.some(isNull) ? orNull(schema, walk.dialect) : schema;
}

const isNull = ({ type, const: only, enum: values }: Fields): boolean =>
  type === "null" || only === null || (Array.isArray(values) && values.every((value) => value === null));
