import type { Diagnostic } from "./diagnostic.ts";
import { hiding, masked } from "./print/mask.ts";
import type { SourceFile } from "./source_file.ts";

/** The lines of a file, for excerpts; null when there are none to show. */
export type Excerpts = (file: string) => readonly string[] | null;

/** The lines of files that were read. */
export function excerptsOf(files: readonly SourceFile[]): Excerpts {
  const lines = new Map(
    files.map(({ name, bytes }) => [name, new TextDecoder().decode(bytes).split(/\r?\n/)]),
  );
  return (file) => lines.get(file) ?? null;
}

/** For people: the sentence, the line it is about and a caret below it. */
export function printPretty(diagnostics: readonly Diagnostic[], excerpts: Excerpts = () => null): string {
  const hidden = hiding(diagnostics);
  return diagnostics.map((each) => prettyOne(each, excerpts, hidden)).join("\n\n");
}

/** For programs: one object, the diagnostics as they are. */
export const printJson = (diagnostics: readonly Diagnostic[]): string =>
  JSON.stringify({ diagnostics }, null, 2);

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
  const shownLine = masked(
    written,
    hidden.filter((each) => each.file === file && each.line <= line && each.end_line >= line),
    line,
  );
  const start = Math.max(0, column - widest / 2);
  const shown = shownLine.slice(start, start + widest);
  const end = end_line === line ? Math.max(column + 1, end_column) : written.length + 1;
  const length = Math.max(1, Math.min(end - column, shown.length - (column - 1 - start)));
  const number = String(line).padStart(4);
  // Tabs keep their width, so that the caret stands below its letter.
  const before = shown.slice(0, column - 1 - start).replace(/[^\t]/g, " ");
  return [`${number} | ${shown}`, `     | ${before}${"^".repeat(length)}`];
}
