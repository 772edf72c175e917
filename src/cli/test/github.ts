import { printGithub } from "../../config/print/github.ts";
import { diagnosticsOf, isBroken, type Report, showCount, showCoverage, showMutation } from "./report.ts";

/** Annotations at the lines of a pull request, and the figures in the log. */
export const testGithub = (report: Report): string =>
  [
    printGithub(diagnosticsOf(report)),
    isBroken(report) ? "" : showCount(report),
    showCoverage(report),
    showMutation(report),
  ]
    .filter((line) => line !== "")
    .join("\n");
