import { isRecord } from "../../core/record.ts";
import type { Fields } from "../fields.ts";
import { lose, type Place, type Walk } from "./schema_place.ts";

/** How often a schema may be met within itself: Gemini's schemas end. */
const maxNesting = 2;

/**
 * A schema with its references followed and the parts of its `allOf` joined, its own words last; null where it is nested in
 * itself for too long.
 */
export function resolved(place: Place, walk: Walk): Place | null {
  const { $ref: ref, allOf, ...own } = place.schema;
  if (ref === undefined && allOf === undefined) return place;
  const parts = Array.isArray(allOf) ? allOf.filter(isRecord) : [];
  let { refs } = place;
  if (typeof ref === "string") {
    if (refs.filter((met) => met === ref).length >= maxNesting) return lose(walk, "$ref into itself");
    const target = pointedAt(walk.root, ref);
    if (target === null) walk.lost.add("$ref");
    else parts.unshift(target);
    refs = [...refs, ref];
  }
  let schema: Fields = {};
  for (const part of parts) {
    const joined = resolved({ schema: part, refs }, walk);
    if (joined === null) return null;
    schema = merged(schema, joined.schema);
    refs = joined.refs;
  }
  return { schema: merged(schema, own), refs };
}

/** Both schemas at once: what the second says of the same counts, properties are those of both. */
export function merged(first: Fields, second: Fields): Fields {
  const [own, other] = [first["properties"], second["properties"]];
  const required = [first["required"], second["required"]].filter(Array.isArray).flat();
  return {
    ...first,
    ...second,
    ...(isRecord(own) && isRecord(other) ? { properties: { ...own, ...other } } : {}),
    ...(required.length === 0 ? {} : { required: [...new Set(required)] }),
  };
}

/** What a reference into the same document points at. https://datatracker.ietf.org/doc/html/rfc6901 */
function pointedAt(root: unknown, ref: string): Fields | null {
  if (ref !== "#" && !ref.startsWith("#/")) return null;
  let found = root;
  for (const written of ref.split("/").slice(1)) {
    const name = decoded(written).replaceAll("~1", "/").replaceAll("~0", "~");
    found = Array.isArray(found)
      ? found[Number(name)]
      : isRecord(found) && Object.hasOwn(found, name)
        ? found[name]
        : null;
  }
  return isRecord(found) ? found : null;
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
