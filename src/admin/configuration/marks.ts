import type { Diagnostic } from "../../config/diagnostic.ts";

/** Where something stands in a text, by offsets. */
export interface Span {
  readonly from: number;
  readonly to: number;
}

/** The offset of a line and a column, both from 1; what lies beyond the text is at its end, or at the end of its line. */
export function offsetOf(text: string, line: number, column: number): number {
  let from = 0;
  for (let at = 1; at < line; at++) {
    const next = text.indexOf("\n", from);
    if (next === -1) return text.length;
    from = next + 1;
  }
  const end = text.indexOf("\n", from);
  return Math.min(from + column - 1, end === -1 ? text.length : end);
}

/** What a diagnostic is about; at least one character where there is one, so that it can be seen. */
export function spanOf(text: string, each: Diagnostic): Span {
  const from = offsetOf(text, each.line, each.column);
  const to = Math.max(from, offsetOf(text, each.end_line, each.end_column));
  return to > from ? { from, to } : { from, to: Math.min(text.length, from + 1) };
}

/**
 * What to write where to follow a suggestion: of a value with several parts, as `provider/model`, only the part that the
 * message names is replaced.
 */
export function fixOf(text: string, each: Diagnostic): (Span & { readonly insert: string }) | null {
  if (each.suggestion === undefined) return null;
  const span = spanOf(text, each);
  const written = text.slice(span.from, span.to);
  const named = [...each.message.matchAll(/"([^"]+)"/g)].map(([, name]) => name ?? "");
  const found = named.find((name) => name !== each.suggestion && written.includes(name));
  if (found === undefined) return { ...span, insert: each.suggestion };
  const from = span.from + written.indexOf(found);
  return { from, to: from + found.length, insert: each.suggestion };
}

/** Errors first, each in the order of its file. */
export const worstFirst = (diagnostics: readonly Diagnostic[]): readonly Diagnostic[] =>
  diagnostics.toSorted((a, b) => Number(a.severity === "warning") - Number(b.severity === "warning"));

/** How many of each severity a file has; without a name, all files together. */
export function countsOf(diagnostics: readonly Diagnostic[], file: string | null = null) {
  const its = diagnostics.filter((each) => file === null || each.file === file);
  const errors = its.filter(({ severity }) => severity === "error").length;
  return { errors, warnings: its.length - errors };
}
