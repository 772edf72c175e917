import type { Diagnostic } from "../diagnostic.ts";

const secretField =
  /((?:^|[\s{,"'])(?:secret|api_key|key|token|password|pass|authorization)["']?\s*:\s*\[?\s*["']?(?:Bearer\s+)?)([^\s"'\]},[{][^"'\]},]*)/gi;
const reference = /^(env:|file:|sha256:|\$\{[^:}]*\}?$|[/$])/;
const looksSecret = /\b(?:sk|pk|rk|xox[a-z]|gh[a-z])[-_][A-Za-z0-9_-]{6,}|\/\/[^/\s"']*@/g;

/** Those whose place is that of a value which nobody may see. */
export const hiding = (diagnostics: readonly Diagnostic[]): readonly Diagnostic[] =>
  diagnostics.filter(({ code }) => code === "literal_secret" || code === "invalid_url");

/** A line with dots in place of what is, or may be, a secret: the width stays, so that carets still fit. */
export function masked(text: string, hidden: readonly Diagnostic[] = [], line = 0): string {
  let shown = text;
  for (const { line: from, column, end_line, end_column } of hidden) {
    const start = from === line ? column - 1 : 0;
    const end = end_line === line ? end_column - 1 : text.length;
    shown = shown.slice(0, start) + dots(shown.slice(start, end)) + shown.slice(end);
  }
  return shown
    .replace(secretField, (whole, before: string, value: string) =>
      reference.test(value) ? whole : before + dots(value),
    )
    .replace(looksSecret, dots);
}

const dots = (text: string): string => "•".repeat(text.length);
