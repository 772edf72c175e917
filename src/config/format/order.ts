import { asSchema, type Schema } from "../found.ts";
import { type Collection, type Item, isCollection, type Piece } from "./piece.ts";

/**
 * Puts the keys of every mapping into the order of its schema; names that people choose and free JSON keep theirs, and what
 * the schema does not know goes last. A list whose order means something keeps it, as all lists do.
 */
export function inOrder(top: Collection, schema: Schema): Collection {
  if (top.kind === "sequence") {
    const items = top.items.map((item) => ({ ...item, value: below(item.value, asSchema(schema["items"])) }));
    return { ...top, items };
  }
  const { properties, free } = shapeOf(top, schema);
  const items = top.items.map((item) => {
    const name = item.key?.name ?? "";
    const held = Object.hasOwn(properties, name) ? properties[name] : free;
    return { ...item, value: below(item.value, asSchema(held)) };
  });
  return { ...top, items: sorted(items, Object.keys(properties)) };
}

const below = (piece: Piece, schema: Schema): Piece => (isCollection(piece) ? inOrder(piece, schema) : piece);

/** What a mapping may hold; of several forms the one that its tag names. */
function shapeOf(piece: Collection, schema: Schema): { readonly properties: Schema; readonly free: unknown } {
  const tag: unknown = schema["x-tag"];
  const forms: unknown = schema["oneOf"];
  if (typeof tag !== "string" || !Array.isArray(forms))
    return { properties: asSchema(schema["properties"]), free: schema["additionalProperties"] };
  const said = piece.items.find(({ key }) => key?.name === tag)?.value;
  const word = said?.kind === "inline" ? said.inFlow : "";
  const named = forms
    .map(asSchema)
    .find((form) => asSchema(asSchema(form["properties"])[tag])["const"] === word);
  return shapeOf(piece, named ?? asSchema(forms[0]));
}

function sorted(items: readonly Item[], order: readonly string[]): readonly Item[] {
  const [before] = items;
  if (before === undefined || order.length === 0) return items;
  const rank = ({ key }: Item) => {
    const index = order.indexOf(key?.name ?? "");
    return index === -1 ? order.length : index;
  };
  const inPlace = items.toSorted((a, b) => rank(a) - rank(b));
  const isGapLost = inPlace[0] !== before && inPlace[0]?.above[0] === "" && before.above[0] !== "";
  // The first of a mapping has no empty line above it: whoever was first gets that of the new first one.
  return isGapLost
    ? inPlace.map((item) => (item === before ? { ...item, above: ["", ...item.above] } : item))
    : inPlace;
}
