import type { Draft, Serving, TextFile } from "./texts.ts";

/** Where an edit is kept: for this tab, until it is closed. */
const kept = "switchyard.draft";

/** Keeps an edit beyond this section and a reload; null forgets it. A browser that has no room keeps none. */
export function keepDraft(draft: Draft | null): void {
  try {
    if (draft === null) sessionStorage.removeItem(kept);
    else sessionStorage.setItem(kept, JSON.stringify(draft));
  } catch {
    // It lives on in this page.
  }
}

/** The edit that was kept; null where there is none. */
export function keptDraft(): Draft | null {
  try {
    return draftIn(JSON.parse(sessionStorage.getItem(kept) ?? "null"));
  } catch {
    return null;
  }
}

/** What was kept by another version of this page may have another shape. */
export function draftIn(value: unknown): Draft | null {
  const given = recordOf(value);
  const begunFrom = servingIn(given?.["begunFrom"]);
  const texts = textsIn(given);
  return begunFrom === null || texts === null ? null : { ...texts, begunFrom };
}

function servingIn(value: unknown): Serving | null {
  const given = recordOf(value);
  const texts = textsIn(given);
  const { generation, digest, git_sha: sha } = given ?? {};
  return texts === null || typeof generation !== "number" || typeof digest !== "string"
    ? null
    : { ...texts, generation, digest, git_sha: typeof sha === "string" ? sha : null };
}

function textsIn(given: Readonly<Record<string, unknown>> | null) {
  const { files: listed, tests: beside = null } = given ?? {};
  const files = Array.isArray(listed) ? listed.flatMap((file) => fileIn(file) ?? []) : [];
  const tests = fileIn(beside);
  return files.length === 0 || (beside !== null && tests === null) ? null : { files, tests };
}

function fileIn(value: unknown): TextFile | null {
  const { name, text } = recordOf(value) ?? {};
  return typeof name === "string" && typeof text === "string" ? { name, text } : null;
}

const recordOf = (value: unknown): Readonly<Record<string, unknown>> | null =>
  typeof value === "object" && value !== null && !Array.isArray(value) ? { ...value } : null;
