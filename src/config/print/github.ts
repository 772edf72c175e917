import type { Diagnostic } from "../diagnostic.ts";

/** GitHub shows so many annotations of a step and drops the rest. */
const mostAnnotations = 10;

/** Workflow commands, which GitHub shows at the changed line of a pull request: the worst ten, errors first. */
export function printGithub(diagnostics: readonly Diagnostic[]): string {
  const worst = [
    ...diagnostics.filter(({ severity }) => severity === "error"),
    ...diagnostics.filter(({ severity }) => severity === "warning"),
  ];
  const left = worst.length - mostAnnotations;
  return [
    ...worst.slice(0, mostAnnotations).map(annotation),
    ...(left > 0 ? [`${left} more: in the step summary, or by --format pretty`] : []),
  ].join("\n");
}

/** All of them as a table for the summary of a step; "" when there are none. */
export function githubSummary(diagnostics: readonly Diagnostic[]): string {
  if (diagnostics.length === 0) return "";
  const rows = diagnostics.map(({ severity, code, file, line, column, message }) =>
    [severity, `\`${code}\``, cell(`${file}:${line}:${column}`), cell(message)].join(" | "),
  );
  return ["| | code | where | what |", "|---|---|---|---|", ...rows.map((row) => `| ${row} |`), ""].join(
    "\n",
  );
}

function annotation(each: Diagnostic): string {
  const { severity, line, column, end_line, end_column, code, message } = each;
  // Columns count only within one line.
  const columns = line === end_line ? { col: column, endColumn: end_column } : {};
  const properties = {
    file: each.file.replace(/^\.\//, ""),
    line,
    endLine: end_line,
    ...columns,
    title: code,
  };
  const list = Object.entries(properties).map(([name, value]) => `${name}=${escapeProperty(String(value))}`);
  return `::${severity} ${list.join(",")}::${escapeData(message)}`;
}

/** @see https://docs.github.com/en/actions/reference/workflow-commands-for-github-actions */
export const escapeData = (text: string): string =>
  text.replaceAll("%", "%25").replaceAll("\r", "%0D").replaceAll("\n", "%0A");

const escapeProperty = (text: string): string =>
  escapeData(text).replaceAll(":", "%3A").replaceAll(",", "%2C");

/** A text that Markdown and HTML show as it stands, on one line. */
const cell = (text: string): string =>
  text
    .replace(/\s+/g, " ")
    .replace(/[\\`*_[\]|~]/g, "\\$&")
    .replace(/[&<>@]/g, (sign) => `&#${sign.charCodeAt(0)};`)
    .replaceAll("://", ":&#47;/");
