import type { Change } from "../../config/diff/change.ts";
import { isRecord } from "../../core/record.ts";
import type { Position } from "../../domain/position.ts";

const plainText = /^[A-Za-z0-9][A-Za-z0-9 ._:/@$*+%|()-]*$/;

/** A value on one line, as YAML's flow style has it. */
export function flow(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(flow).join(", ")}]`;
  if (isRecord(value)) {
    const entries = Object.entries(value).map(([key, held]) => `${inText(key)}: ${flow(held)}`);
    return entries.length === 0 ? "{}" : `{ ${entries.join(", ")} }`;
  }
  return typeof value === "string" ? inText(value) : (JSON.stringify(value) ?? "");
}

const inText = (text: string): string => (plainText.test(text) ? text : JSON.stringify(text));

/** `+` what comes, `-` what goes, `~` what becomes another. */
export const signOf = ({ from, to }: Change): "+" | "-" | "~" =>
  from === null ? "+" : to === null ? "-" : "~";

/** `500 → 250`; of what comes or goes only what it is. Lists of names: what they lose and gain. */
export function turnOf({ from, to }: Change): string {
  if (from === null || to === null) return flow(from ?? to);
  const [less, more] = [without(from, to), without(to, from)];
  if (less !== null && more !== null && less.length + more.length > 0)
    return [...less.map((text) => `-${inText(text)}`), ...more.map((text) => `+${inText(text)}`)].join(" ");
  return `${flow(from)} → ${flow(to)}`;
}

/** Texts of one list that another lacks; null where they are no lists of texts. */
function without(list: unknown, other: unknown): readonly string[] | null {
  if (!isTexts(list) || !isTexts(other)) return null;
  // Lists of one are values that happen to be lists.
  if (list.length < 2 && other.length < 2) return null;
  return list.filter((text) => !other.includes(text));
}

const isTexts = (value: unknown): value is readonly string[] =>
  Array.isArray(value) && value.every((each) => typeof each === "string");

/** Where a change stands: in the head, or for what goes in the base. */
export function placeOf(change: Change): { readonly side: "base" | "head"; readonly at: Position } {
  const side = change.to === null ? "base" : "head";
  return { side, at: change[side] };
}

/** `3 changes`, `1 change`. */
export const count = (number: number, word: string): string => `${number} ${word}${number === 1 ? "" : "s"}`;

/** `12,000`, or `unlimited` where there is no figure. */
export const figure = (value: number | null): string =>
  value === null ? "unlimited" : value.toLocaleString("en-US", { maximumFractionDigits: 6 });
