import type { Entry, Tree } from "../tree.ts";
import type { Json } from "./draft.ts";

/** The text of a scalar; null for anything else, and for nothing. */
export function textOf(tree: Tree | undefined): string | null {
  if (tree?.kind !== "scalar" || tree.value === null) return null;
  return String(tree.value);
}

/** A name that somebody gave: one line of text, and not an empty one; null for anything else. */
export function nameOf(tree: Tree | undefined): string | null {
  const text = textOf(tree)?.trim() ?? "";
  return /^[^\p{Cc}]+$/u.test(text) ? text : null;
}

/** The entry with the first of some spellings that a mapping has. */
export function pick(tree: Tree | undefined, spellings: readonly string[]): Entry | null {
  if (tree?.kind !== "mapping") return null;
  for (const spelling of spellings) {
    const entry = tree.entries.find(({ key }) => key.toLowerCase().replaceAll("-", "_") === spelling);
    if (entry !== undefined) return entry;
  }
  return null;
}

/** A count as ours: a whole number, or one with k or M; null when it is none. `unlimited`: no limit. */
export function countOf(tree: Tree): number | string | "unlimited" | null {
  const text =
    textOf(tree)
      ?.trim()
      .replaceAll(/[_,](?=\d{3})/g, "") ?? "unlimited";
  if (/^(unlimited|none|null|inf(inity)?|\.inf|-1|0|)$/i.test(text)) return "unlimited";
  const [, digits = "", unit = ""] = /^(\d+(?:\.\d+)?)\s*([kKmM]?)$/.exec(text) ?? [];
  if (digits === "") return null;
  if (unit !== "") {
    const scaled = Number(digits) * (unit.toLowerCase() === "k" ? 1_000 : 1_000_000);
    return Number.isInteger(Number(scaled.toPrecision(15)))
      ? `${digits}${unit.toLowerCase() === "k" ? "k" : "M"}`
      : null;
  }
  return Number.isInteger(Number(digits)) ? Number(digits) : null;
}

/** A finite number that is not negative; null when it is none. */
export function numberOf(tree: Tree | undefined): number | null {
  const text = textOf(tree);
  const number = text === null || text.trim() === "" ? Number.NaN : Number(text);
  return Number.isFinite(number) && number >= 0 ? number : null;
}

/** A whole number that is not negative; null when it is none. */
export function wholeOf(tree: Tree | undefined): number | null {
  const number = numberOf(tree);
  return number !== null && Number.isSafeInteger(number) ? number : null;
}

/** Yes or no, in any spelling; null for anything else. */
export function yesOrNo(tree: Tree | undefined): boolean | null {
  const text = textOf(tree)?.trim().toLowerCase();
  if (text === undefined) return null;
  if (/^(true|yes|on|1|y|enabled?)$/.test(text)) return true;
  return /^(false|no|off|0|n|disabled?)$/.test(text) ? false : null;
}

/** A time as ours: of this unit where the file gives none; null when it is none, or no time at all. */
export function durationOf(tree: Tree | undefined, unit: "ms" | "s" = "s"): string | null {
  const text = textOf(tree)?.trim() ?? "";
  const [, digits = "", said = ""] =
    /^(\d+(?:\.\d+)?)\s*(ms|s|secs?|seconds|m|mins?|minutes|h|d)?$/.exec(text) ?? [];
  if (Number(digits) === 0) return null;
  const short = said === "ms" ? "ms" : said.slice(0, 1);
  return `${digits}${short === "" ? unit : short}`;
}

/** A tree as plain data. */
export function jsonOf(tree: Tree): Json {
  if (tree.kind === "scalar") return tree.value;
  if (tree.kind === "sequence") return tree.items.map(jsonOf);
  return Object.fromEntries(tree.entries.map(({ key, value }) => [key, jsonOf(value)]));
}

/** One text or several, with their places. */
export function textsOf(tree: Tree | undefined): readonly { readonly text: string; readonly at: Tree }[] {
  const items = tree?.kind === "sequence" ? tree.items : tree === undefined ? [] : [tree];
  return items.flatMap((at) => {
    const text = textOf(at);
    return text === null ? [] : [{ text, at }];
  });
}

/** Whether a field's name says that it holds a secret. */
export const soundsSecret = (name: string): boolean =>
  /(^|[_.-])(key|keys|token|tokens|secret|secrets|password|passwd|pwd|credential|credentials|authorization|auth|cookie|signature|sig)([_.-]|$)|api_?key|access_?key/i.test(
    name.replace(/([a-z])([A-Z])/g, "$1_$2"),
  ) &&
  !/^(max|min|prompt|completion|input|output|cached|context)[_-].*tokens?$|tokens?_per|^max_tokens$|cost_per_token/i.test(
    name,
  );
