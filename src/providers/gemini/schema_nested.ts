import { isRecord } from "../../core/record.ts";
import type { Fields } from "../fields.ts";
import type { Place, Walk } from "./schema_place.ts";
import { translate } from "./schema_walk.ts";

/** Properties, and which of them have to be there. A property that cannot be carried is left out, also where it was required. */
export function objectOf({ schema, refs }: Place, walk: Walk): Fields {
  const properties = new Map<string, Fields>();
  for (const [name, value] of Object.entries(isRecord(schema["properties"]) ? schema["properties"] : {})) {
    const property = translate(value, refs, walk);
    if (property !== null) properties.set(name, property);
  }
  const listed = (names: unknown): readonly unknown[] =>
    Array.isArray(names) ? names.filter((name) => properties.has(name)) : [];
  const required = listed(schema["required"]);
  const order = listed(schema["propertyOrdering"]);
  return {
    ...(properties.size === 0 ? {} : { properties: Object.fromEntries(properties) }),
    ...(required.length === 0 ? {} : { required }),
    ...(order.length === 0 ? {} : { propertyOrdering: order }),
    ...othersOf({ schema, refs }, properties.size, walk),
  };
}

/** Properties without a name of their own. None, or any, needs no word beside those that are named. */
function othersOf({ schema, refs }: Place, named: number, walk: Walk): Fields {
  const others = schema["additionalProperties"];
  if (!isRecord(others) || Object.keys(others).length === 0) {
    if (named === 0 && others !== false) walk.richer = true;
    return {};
  }
  walk.richer = true;
  if (walk.dialect === "openapi") {
    walk.lost.add("additionalProperties");
    return {};
  }
  const schemaOfOthers = translate(others, refs, walk);
  return schemaOfOthers === null ? {} : { additionalProperties: schemaOfOthers };
}

/** Items of one kind or, in the dialect `json`, of a kind for each place. */
export function arrayOf({ schema, refs }: Place, walk: Walk): Fields | null {
  const { items, prefixItems } = schema;
  const tuple = Array.isArray(prefixItems) ? prefixItems : Array.isArray(items) ? items : null;
  if (tuple !== null) return tupleOf(tuple, refs, walk);
  const each = translate(items ?? true, refs, walk);
  // An array of what is left out has nothing to hold.
  return each === null ? null : { items: each };
}

function tupleOf(tuple: readonly unknown[], refs: readonly string[], walk: Walk): Fields | null {
  walk.richer = true;
  if (walk.dialect === "json") {
    const places = tuple.map((item) => translate(item, refs, walk)).filter((item) => item !== null);
    return places.length === 0 ? null : { prefixItems: places };
  }
  walk.lost.add("prefixItems");
  const each = translate({ anyOf: tuple }, refs, walk);
  return each === null ? null : { items: each };
}
