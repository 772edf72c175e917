import { excerptsOf, printPretty } from "../../config/print.ts";
import type { SourceFile } from "../../config/source_file.ts";
import { showPosition } from "../../domain/position.ts";
import { type CaseResult, labelOf } from "../../simulate/tests.ts";
import type { Paint } from "../shell.ts";
import { isBroken, isUnderFloor, type Report, showCount, showCoverage, showMutation } from "./report.ts";

/** For people: a line for each case, what was expected and what came beside its place, and what is missing. */
export function testPretty(report: Report, files: readonly SourceFile[], paint: Paint): string {
  const { diagnostics, results } = report.tested;
  const told = diagnostics.filter(({ code }) => code !== "test_failed");
  const problems = printPretty(told, excerptsOf(files));
  if (isBroken(report)) return problems;
  const cases = results.map((result) => caseLines(result, paint)).join("\n");
  const parts = [
    problems,
    cases,
    showCount(report),
    coverageLines(report, paint),
    mutationLines(report, paint),
  ];
  return parts.filter((part) => part !== "").join("\n\n");
}

function caseLines({ scene, worlds: count, mismatches }: CaseResult, paint: Paint): string {
  const worlds = scene.forAll === null ? "" : paint("dim", `  (${countOf(count, "world")})`);
  if (mismatches.length === 0) return `${paint("green", "✓")} ${scene.name}${worlds}`;
  const told = mismatches.flatMap(({ expectation, got, where, more }) => {
    const others = more === 0 ? "" : `, and ${more} more like it`;
    const place = where === "" ? "" : `  ${where}${others}`;
    return [
      `    ${showPosition(expectation.at)}  ${labelOf(expectation)}${place}`,
      `      ${paint("dim", "exp")} ${expectation.wants}`,
      `      ${paint("dim", "got")} ${paint("red", got)}`,
    ];
  });
  return [`${paint("red", "✗")} ${scene.name}${worlds}`, ...told].join("\n");
}

function coverageLines(report: Report, paint: Paint): string {
  const { coverage, floor } = report;
  if (coverage === null) return "";
  const { uncovered, leftOut, covered, total } = coverage;
  const head = `${showCoverage(report)}  (${covered} of ${total} rules)`;
  const under = isUnderFloor(report) ? [paint("red", `less than the ${floor} % that are asked for`)] : [];
  const missing = rows(uncovered.map(({ at, name }) => [showPosition(at), name]));
  const out = rows(leftOut.map(({ at, name, shadow }) => [showPosition(at), `${name}: ${shadow}`]));
  return [
    head,
    ...under,
    ...(missing.length === 0 ? [] : ["no test asserts on", ...missing]),
    ...(out.length === 0 ? [] : [paint("dim", "left out, because no case can meet them"), ...out]),
  ].join("\n");
}

function mutationLines(report: Report, paint: Paint): string {
  const { mutation } = report;
  if (mutation === null) return "";
  const survivors = rows(mutation.survivors.map(({ at, says }) => [showPosition(at), says]));
  const head = showMutation(report);
  return [survivors.length === 0 ? head : paint("red", head), ...survivors].join("\n");
}

/** Places and words in two columns. */
function rows(pairs: readonly (readonly [place: string, words: string])[]): readonly string[] {
  const width = Math.max(0, ...pairs.map(([place]) => place.length));
  return pairs.map(([place, words]) => `  ${place.padEnd(width)}  ${words}`);
}

const countOf = (number: number, word: string): string => `${number} ${word}${number === 1 ? "" : "s"}`;
