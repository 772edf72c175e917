import type { Finding, Verdict } from "../../config/import/finding.ts";
import type { Imported, Refused } from "../../config/import/import.ts";
import { printPretty } from "../../config/print.ts";
import type { Paint, Style } from "../shell.ts";
import { cut, table } from "../table.ts";

/** Names may be as long as somebody liked, and hold what would steer a terminal. */
const widest = 300;

/** What is told of an import, whether there is a new file or not. */
export interface Report extends Omit<Imported, "format" | "routes"> {
  /** The file that was imported. */
  readonly file: string;
  readonly from: Imported["format"] | null;
  /** Where the new file went; null: to standard output, or nowhere. */
  readonly out: string | null;
}

/** The report of a refusal: what was found all the same. */
export const reportOfRefusal = (file: string, refused: Refused): Report => ({
  file,
  from: refused.reason === "nothing" ? refused.format : null,
  out: null,
  findings: refused.reason === "nothing" ? refused.findings : [],
  variables: [],
  diagnostics: refused.reason === "unreadable" ? refused.diagnostics : [],
});

const verdicts: Readonly<Record<Verdict, readonly [words: string, style: Style]>> = {
  exact: ["exact", "green"],
  approximated: ["approximated", "yellow"],
  not_supported: ["not supported", "red"],
};
const verdictNames = Object.keys(verdicts) as readonly Verdict[];

const countsOf = (findings: readonly Finding[]) =>
  Object.fromEntries(
    verdictNames.map((name) => [name, findings.filter(({ verdict }) => verdict === name).length]),
  );

/** For programs. */
export function reportAsJson({ file, from, out, findings, ...rest }: Report): string {
  return JSON.stringify({ file, from, out, counts: countsOf(findings), findings, ...rest }, null, 2);
}

/** For people: line by line, then the variables to set, then what the compiler says. */
export function reportAsText(report: Report, paint: Paint): string {
  const { findings, variables } = report;
  const counts = verdictNames.map((name) => `${countsOf(findings)[name]} ${verdicts[name][0]}`).join(", ");
  return [
    ...(findings.length === 0 ? [] : [byLine(report, paint), `${report.file}: ${counts}`]),
    ...(variables.length === 0 ? [] : [`Set before it can be served:\n${variablesOf(report, paint)}`]),
    ...verdictOfCompiler(report),
  ].join("\n\n");
}

function byLine({ file, findings }: Report, paint: Paint): string {
  const rows = findings.map(({ file: where, line, end_line, verdict, path, message }) => {
    const [words, style] = verdicts[verdict];
    const lines = end_line > line ? `${line}-${end_line}` : String(line);
    return [
      where === file ? lines : `${where}:${lines}`,
      paint(style, words),
      cut(path, widest),
      cut(message, widest),
    ];
  });
  return table(["LINE", "CAME OVER", "WHAT", "AS, OR WHY NOT"], rows, paint);
}

function variablesOf({ variables }: Report, paint: Paint): string {
  const rows = variables.map(({ name, used_by, line, is_literal, was }) => [
    name,
    used_by,
    is_literal
      ? `to the value that stands in line ${line}`
      : was === undefined
        ? ""
        : `to the value of ${was}, which cannot be referred to`,
  ]);
  return table(["VARIABLE", "FOR", ""], rows, paint);
}

function verdictOfCompiler({ diagnostics, findings, from }: Report): readonly string[] {
  const errors = diagnostics.filter(({ severity }) => severity === "error");
  if (from === null || findings.length === 0) return [];
  if (errors.length > 0) return [printPretty(errors)];
  const warnings = diagnostics.length;
  return warnings === 0
    ? ["The new file is valid."]
    : [`The new file is valid, with ${warnings} warning${warnings === 1 ? "" : "s"}: validate shows them.`];
}
