import { isAlias, isMap, isScalar, isSeq, type Node, Scalar } from "yaml";
import { type Block, type Collection, type Item, isCollection, type Piece } from "./piece.ts";
import { type Group, type Placed, place } from "./place.ts";
import { writeKey, writeScalar } from "./scalars.ts";

/** A parsed document as pieces, each comment with what it speaks of. */
export function layout(text: string, top: Group): Collection {
  return collection({ text, placed: place(text, top) }, top);
}

interface Source {
  readonly text: string;
  readonly placed: Placed;
}

function collection(source: Source, group: Group): Collection {
  const keys = isMap(group) ? group.items.map(({ key }) => key) : [];
  const values: readonly unknown[] = isMap(group) ? group.items.map(({ value }) => value) : group.items;
  const items = values.map((value, index): Item => {
    const key = keys[index];
    const named = isScalar(key) ? { name: nameOf(key), text: anchorOf(key) + writeKey(key) } : null;
    const { above, beside } = source.placed.around(group, index);
    const held = piece(source, value);
    // Nothing can stand between empty brackets.
    if (!isCollection(held) || held.items.length > 0) return { key: named, value: held, above, beside };
    return { key: named, value: { ...held, footer: [] }, above: [...above, ...held.footer], beside };
  });
  return {
    kind: isMap(group) ? "mapping" : "sequence",
    anchor: anchorOf(group),
    isFlow: group.flow === true,
    items,
    footer: source.placed.footerOf(group),
  };
}

const nameOf = (key: Scalar): string =>
  typeof key.value === "string" ? key.value : (key.source ?? String(key.value));

function piece(source: Source, value: unknown): Piece {
  if (isMap(value) || isSeq(value)) return collection(source, value);
  if (isAlias(value)) return { kind: "inline", anchor: "", ...writeScalar(value) };
  if (!isScalar(value)) return { kind: "inline", anchor: "", inFlow: "null", inBlock: "null" };
  const isBlock = value.type === Scalar.BLOCK_LITERAL || value.type === Scalar.BLOCK_FOLDED;
  return (isBlock ? block(source.text, value) : null) ?? inline(value);
}

const inline = (value: Scalar): Piece => ({
  kind: "inline",
  anchor: anchorOf(value),
  ...writeScalar(value),
});
const anchorOf = ({ anchor }: Node & { anchor?: string | undefined }): string =>
  anchor === undefined ? "" : `&${anchor} `;

/** The lines of a block as they were written; null where their indentation is stated, and so cannot change. */
function block(text: string, node: Scalar): Block | null {
  const [from = 0, to = 0] = node.range ?? [];
  const [head = "", ...lines] = text.slice(from, to).split(/\r?\n/);
  const header = /^[|>][-+]?(?=\s|$)/.exec(head)?.[0];
  const first = lines.find((line) => line.trim() !== "");
  if (header === undefined || first === undefined) return null;
  const indent = first.length - first.trimStart().length;
  const kept = lines.map((line) => line.slice(indent));
  // What follows the last line belongs to the text only behind |+ and >+.
  const end = header.endsWith("+") ? kept.length - 1 : kept.findLastIndex((line) => line.trim() !== "") + 1;
  return { kind: "block", anchor: anchorOf(node), header, lines: kept.slice(0, end) };
}
