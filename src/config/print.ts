import type { Diagnostic } from "./diagnostic.ts";

/** The lines of a file, for excerpts; null when there are none to show. */
export type Excerpts = (file: string) => readonly string[] | null;

/** For people: the sentence, the line it is about and a caret below it. Colour only where a terminal reads. */
export function printPretty(diagnostics: readonly Diagnostic[], excerpts: Excerpts = () => null): string {
  const hidden = diagnostics.filter(({ code }) => code === "literal_secret" || code === "invalid_url");
  return diagnostics.map((each) => prettyOne(each, excerpts, hidden)).join("\n\n");
}

/** For programs: one object, the diagnostics as they are. */
export const printJson = (diagnostics: readonly Diagnostic[]): string =>
  JSON.stringify({ diagnostics }, null, 2);

/** Workflow commands, which GitHub shows at the changed line of a pull request. */
export const printGithub = (diagnostics: readonly Diagnostic[]): string =>
  diagnostics
    .map(({ severity, file, line, column, end_line, end_column, code, message }) => {
      const properties = { file, line, col: column, endLine: end_line, endColumn: end_column, title: code };
      const list = Object.entries(properties).map(
        ([name, value]) => `${name}=${escapeProperty(String(value))}`,
      );
      return `::${severity} ${list.join(",")}::${escapeData(message)}`;
    })
    .join("\n");

/** @see https://docs.github.com/en/actions/reference/workflow-commands-for-github-actions */
const escapeData = (text: string): string =>
  text.replaceAll("%", "%25").replaceAll("\r", "%0D").replaceAll("\n", "%0A");

const escapeProperty = (text: string): string =>
  escapeData(text).replaceAll(":", "%3A").replaceAll(",", "%2C");

function prettyOne(each: Diagnostic, excerpts: Excerpts, hidden: readonly Diagnostic[]): string {
  const { severity, code, file, line, column, message, related = [] } = each;
  const head = `${file}:${line}:${column}: ${severity} ${code}`;
  const excerpt = excerptOf(each, excerpts(file), hidden);
  const others = related.map((other) => `    ${other.file}:${other.line}:${other.column}: ${other.message}`);
  return [head, `    ${message}`, ...excerpt, ...others].join("\n");
}

const widest = 100;

function excerptOf(
  { file, line, column, end_line, end_column }: Diagnostic,
  lines: readonly string[] | null,
  hidden: readonly Diagnostic[],
): readonly string[] {
  const written = lines?.[line - 1];
  if (written === undefined || written.trim() === "") return [];
  const masked = withoutSecrets(
    written,
    hidden.filter((each) => each.file === file && each.line <= line && each.end_line >= line),
    line,
  );
  const start = Math.max(0, column - widest / 2);
  const shown = masked.slice(start, start + widest);
  const end = end_line === line ? Math.max(column + 1, end_column) : written.length + 1;
  const length = Math.max(1, Math.min(end - column, shown.length - (column - 1 - start)));
  const number = String(line).padStart(4);
  // Tabs keep their width, so that the caret stands below its letter.
  const before = shown.slice(0, column - 1 - start).replace(/[^\t]/g, " ");
  return [`${number} | ${shown}`, `     | ${before}${"^".repeat(length)}`];
}

const secretField =
  /((?:^|[\s{,"'])(?:secret|api_key|key|token|password|pass|authorization)["']?\s*:\s*\[?\s*["']?(?:Bearer\s+)?)([^\s"'\]},[{][^"'\]},]*)/gi;
const reference = /^(env:|file:|sha256:|\$\{[^:}]*\}?$|[/$])/;
const looksSecret = /\b(?:sk|pk|rk|xox[a-z]|gh[a-z])[-_][A-Za-z0-9_-]{6,}|\/\/[^/\s"']*@/g;

/** Dots in place of what is, or may be, a secret: the width stays, so that carets still fit. */
function withoutSecrets(text: string, hidden: readonly Diagnostic[], line: number): string {
  let masked = text;
  for (const { line: from, column, end_line, end_column } of hidden) {
    const start = from === line ? column - 1 : 0;
    const end = end_line === line ? end_column - 1 : text.length;
    masked = masked.slice(0, start) + dots(masked.slice(start, end)) + masked.slice(end);
  }
  return masked
    .replace(secretField, (whole, before: string, value: string) =>
      reference.test(value) ? whole : before + dots(value),
    )
    .replace(looksSecret, dots);
}

const dots = (text: string): string => "•".repeat(text.length);
