import { printGithub } from "../../config/print/github.ts";
import { printJunit } from "../../config/print/junit.ts";
import { printSarif } from "../../config/print/sarif.ts";
import { excerptsOf, printJson, printPretty } from "../../config/print.ts";
import { version } from "../../version.ts";
import type { Checked } from "./check.ts";

export const formats = ["pretty", "json", "github", "sarif", "junit"] as const;
/** One of {@link formats}. */
export type Format = (typeof formats)[number];

/** What was found, in a format; "" when it has nothing to say. */
export function print(format: Format, checked: readonly Checked[], isStrict: boolean): string {
  const all = checked.flatMap(({ diagnostics }) => diagnostics);
  switch (format) {
    case "json":
      return printJson(all);
    case "github":
      return printGithub(all);
    case "sarif":
      return printSarif(all, version);
    case "junit":
      return printJunit(checked, isStrict);
    case "pretty":
      return checked.map(pretty).join("\n\n");
  }
}

const pretty = ({ file, files, diagnostics }: Checked): string =>
  [printPretty(diagnostics, excerptsOf(files)), summary(file, diagnostics)]
    .filter((part) => part !== "")
    .join("\n\n");

function summary(file: string, diagnostics: Checked["diagnostics"]): string {
  const errors = diagnostics.filter(({ severity }) => severity === "error").length;
  const warnings = diagnostics.length - errors;
  const count = (number: number, word: string) => `${number} ${word}${number === 1 ? "" : "s"}`;
  if (errors > 0) return `${file}: ${count(errors, "error")}, ${count(warnings, "warning")}`;
  return warnings > 0 ? `${file} is valid, with ${count(warnings, "warning")}` : `${file} is valid`;
}
