import { type Collection, type Item, isCollection, type Piece } from "./piece.ts";

/** What fits into so many columns may stand in braces or brackets; the rest is indented. */
const widest = 120;
const step = "  ";

/** A document's lines. */
export const print = (top: Collection): readonly string[] =>
  top.items.length === 0 ? [...top.footer, inFlow(top)] : blockOf(top, "");

function blockOf({ kind, items, footer }: Collection, indent: string): readonly string[] {
  const lines = items.flatMap((item, index) => {
    const { above, beside, key, value } = kind === "sequence" ? lifted(item) : item;
    const [first = "", ...rest] =
      key === null ? element(value, indent) : behind(`${indent}${key.text}:`, value, indent + step);
    const comments = index === 0 ? withoutFirstGap(above) : above;
    return [...indented(comments, indent), beside === null ? first : `${first} ${beside}`, ...rest];
  });
  return [...lines, ...indented(footer, indent)];
}

/** `- value`; a mapping or a list begins on the line of its dash. */
function element(value: Piece, indent: string): readonly string[] {
  const dash = `${indent}-`;
  if (!isCollection(value) || value.anchor !== "" || isInFlow(value, `${dash} `))
    return behind(dash, value, indent + step);
  const [first = "", ...rest] = blockOf(value, indent + step);
  return [`${dash} ${first.trimStart()}`, ...rest];
}

function behind(lead: string, value: Piece, indent: string): readonly string[] {
  const start = `${lead} ${value.anchor}`;
  if (value.kind === "inline") return [start + value.inBlock];
  if (value.kind === "block") {
    const lines = value.lines.map((line) => (line === "" ? "" : indent + line));
    return [start + value.header, ...lines];
  }
  if (isInFlow(value, start)) return [start + inFlow(value)];
  return [start.trimEnd(), ...blockOf(value, indent)];
}

/** Comments between a dash and what it holds go above the dash. */
function lifted(item: Item): Item {
  const { value, above, beside } = item;
  if (!isCollection(value) || isInFlow(value, "")) return item;
  const [head, ...rest] = value.kind === "sequence" ? value.items.map(lifted) : value.items;
  if (head === undefined) return item;
  return {
    key: null,
    above: [...above, ...(beside === null ? [] : [beside]), ...withoutFirstGap(head.above)],
    beside: null,
    value: { ...value, items: [{ ...head, above: [] }, ...rest] },
  };
}

/** Whether a collection was written in braces or brackets and can stay so, its line beginning as given. */
function isInFlow(value: Collection, start: string): boolean {
  if (value.items.length === 0) return true;
  return value.isFlow && isPlain(value) && start.length + inFlow(value).length <= widest;
}

/** Comments and texts of several lines need lines of their own. */
function isPlain(value: Piece): boolean {
  if (!isCollection(value)) return value.kind === "inline";
  return (
    value.footer.length === 0 &&
    value.items.every(
      (item) => item.above.every((line) => line === "") && item.beside === null && isPlain(item.value),
    )
  );
}

function inFlow(value: Piece): string {
  if (value.kind === "inline") return value.inFlow;
  if (!isCollection(value)) return "";
  const items = value.items.map(
    ({ key, value: held }) => `${key === null ? "" : `${key.text}: `}${held.anchor}${inFlow(held)}`,
  );
  if (value.kind === "sequence") return `[${items.join(", ")}]`;
  return items.length === 0 ? "{}" : `{ ${items.join(", ")} }`;
}

const indented = (lines: readonly string[], indent: string): readonly string[] =>
  lines.map((line) => (line === "" ? "" : indent + line));

const withoutFirstGap = (lines: readonly string[]): readonly string[] =>
  lines[0] === "" ? withoutFirstGap(lines.slice(1)) : lines;
