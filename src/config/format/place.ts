import { isMap, isSeq, type Node, type YAMLMap, type YAMLSeq } from "yaml";
import { type Comment, commentsOf } from "./comments.ts";
import { type Lines, linesOf } from "./lines.ts";

/** A mapping or a list of a parsed document. */
export type Group = YAMLMap | YAMLSeq;

/** Where the comments of a document belong, "" for an empty line. */
export interface Placed {
  /** Above and beside an item of a group. */
  readonly around: (
    group: Group,
    index: number,
  ) => { readonly above: readonly string[]; readonly beside: string | null };
  /** Behind the last item of a group. */
  readonly footerOf: (group: Group) => readonly string[];
}

/** One item of the document. */
interface Mark {
  readonly offset: number;
  readonly group: Group;
  /** What it holds, when that is a group. */
  readonly held: Group | null;
  /** The item whose value holds this one; null at the top. */
  readonly owner: Mark | null;
  readonly above: string[];
  readonly beside: string[];
}

/** Gives each comment to the item below it, the item before it on its line, or the end of the group that it is indented as. */
export function place(text: string, top: Group): Placed {
  const lines = linesOf(text);
  const marks = marksOf(top);
  const footers = new Map<Group, string[]>();
  const footerOf = (group: Group) => {
    const footer = footers.get(group) ?? [];
    footers.set(group, footer);
    return footer;
  };
  const add = (held: string[], { offset, text: words }: Comment) =>
    held.push(...(lines.isBlankAbove(offset) ? ["", words] : [words]));

  for (const comment of commentsOf(text)) {
    const index = firstBehind(marks, comment.offset);
    const [previous, next] = [marks[index - 1] ?? null, marks[index] ?? null];
    if (!comment.isAlone && previous !== null) outOfFlows(previous, comment.offset).beside.push(comment.text);
    else {
      const group = groupEndingAt(comment, previous, next, lines) ?? (next === null ? top : null);
      add(group === null ? (next?.above ?? []) : footerOf(group), comment);
    }
  }
  const byGroup = Map.groupBy(marks, ({ group }) => group);
  return {
    around: (group, index) => {
      const { offset = 0, above = [], beside = [] } = byGroup.get(group)?.[index] ?? {};
      // Two comments cannot stand on one line: the others go above it.
      const all = [...above, ...beside.slice(0, -1), ...(lines.isBlankAbove(offset) ? [""] : [])];
      return { above: all, beside: beside.at(-1) ?? null };
    },
    footerOf: (group) => footers.get(group) ?? [],
  };
}

const startOf = ({ range }: Node): number => range?.[0] ?? 0;
const contains = (group: Group, offset: number): boolean =>
  startOf(group) < offset && offset < (group.range?.[1] ?? 0);

/** All items in the order of the text. */
function marksOf(top: Group): readonly Mark[] {
  const marks: Mark[] = [];
  const visit = (group: Group, owner: Mark | null) => {
    group.items.forEach((item, index) => {
      const value = isMap(group) ? group.items[index]?.value : item;
      const held = isMap(value) || isSeq(value) ? value : null;
      const mark: Mark = { offset: offsetOf(group, index), group, held, owner, above: [], beside: [] };
      marks.push(mark);
      if (held !== null) visit(held, mark);
    });
  };
  visit(top, null);
  return marks;
}

/** Where an item begins: at its dash, at its key, or at its value. */
function offsetOf(group: Group, index: number): number {
  const source = group.srcToken;
  if (source?.type === "block-seq") {
    const dash = source.items[index]?.start.find(({ type }) => type === "seq-item-ind");
    if (dash !== undefined) return dash.offset;
  }
  const begins = isMap(group) ? group.items[index]?.key : group.items[index];
  return isNode(begins) ? startOf(begins) : startOf(group);
}

const isNode = (value: unknown): value is Node =>
  typeof value === "object" && value !== null && "range" in value;

/** The index of the first item that begins behind an offset. */
function firstBehind(marks: readonly Mark[], offset: number): number {
  let [from, to] = [0, marks.length];
  while (from < to) {
    const middle = (from + to) >> 1;
    if ((marks[middle]?.offset ?? 0) > offset) to = middle;
    else from = middle + 1;
  }
  return from;
}

/** A comment behind a closing bracket belongs to whoever holds what the brackets hold. */
function outOfFlows(mark: Mark, offset: number): Mark {
  const { group, owner } = mark;
  return group.flow === true && !contains(group, offset) && owner !== null ? outOfFlows(owner, offset) : mark;
}

/** The group at whose end a comment of its own stands; null where it speaks of the next item. */
function groupEndingAt(
  { offset, column }: Comment,
  previous: Mark | null,
  next: Mark | null,
  lines: Lines,
): Group | null {
  if (previous?.held?.flow === true && contains(previous.held, offset))
    return next?.group === previous.held ? null : previous.held;
  if (previous === null || next?.owner === previous) return null;
  for (let mark: Mark | null = previous; mark !== null && mark.group !== next?.group; mark = mark.owner) {
    const { group } = mark;
    const isOpen = group.flow === true ? contains(group, offset) : lines.columnOf(startOf(group)) <= column;
    if (isOpen) return group;
  }
  return null;
}
