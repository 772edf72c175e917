import { type Diagnostic, diagnostic } from "../../config/diagnostic.ts";
import { topOf } from "../../config/tree.ts";
import type { Position } from "../../domain/position.ts";
import { type Coverage, showPercent } from "../../simulate/coverage.ts";
import type { Mutation } from "../../simulate/mutate.ts";
import type { Tested } from "../../simulate/tests.ts";

/** Everything that a run came to. Files are named as seen from where the command stands. */
export interface Report {
  /** The routing file, and the file of its tests. */
  readonly file: string;
  readonly tests: string;
  readonly tested: Tested;
  /** Null: nobody asked. */
  readonly coverage: Coverage | null;
  readonly floor: number | null;
  readonly mutation: Mutation | null;
}

/** How many cases passed, and how many did not. */
export function countOf({ tested: { results } }: Report) {
  const failed = results.filter(({ mismatches }) => mismatches.length > 0).length;
  return { passed: results.length - failed, failed };
}

/** Whether the file of tests itself is wrong, so that none was run. */
export const isBroken = ({ tested: { diagnostics } }: Report): boolean =>
  diagnostics.some(({ severity, code }) => severity === "error" && code !== "test_failed");

/** Whether less is covered than is asked for. */
export const isUnderFloor = ({ coverage, floor }: Report): boolean =>
  coverage !== null && floor !== null && coverage.percent < floor;

/** Whether everything holds that was asked for. */
export const isGood = (report: Report): boolean =>
  !isBroken(report) &&
  countOf(report).failed === 0 &&
  !isUnderFloor(report) &&
  (report.mutation === null || report.mutation.survivors.length === 0);

/** What failed as diagnostics: expectations, rules that are not covered where that matters, mutants that survive. */
export function diagnosticsOf(report: Report): readonly Diagnostic[] {
  const { tested, coverage, mutation } = report;
  const severity = isUnderFloor(report) ? "error" : "warning";
  const at = ({ file, line, column }: Position) => ({
    ...topOf(file),
    line,
    column,
    end_line: line,
    end_column: column,
  });
  const uncovered = coverage?.uncovered ?? [];
  const survivors = mutation?.survivors ?? [];
  return [
    ...tested.diagnostics,
    ...uncovered.map((part) =>
      diagnostic("test_failed", at(part.at), `No test asserts on ${part.name}.`, { severity }),
    ),
    ...survivors.map((mutant) =>
      diagnostic("test_failed", at(mutant.at), `No test would notice ${mutant.says}.`),
    ),
  ];
}

/** `coverage 83.3 %`; "" where nobody asked. */
export const showCoverage = ({ coverage }: Report): string =>
  coverage === null ? "" : `coverage ${showPercent(coverage.percent)} %`;

/** `24 passed, 1 failed`. */
export function showCount(report: Report): string {
  const { passed, failed } = countOf(report);
  return failed === 0 ? `${passed} passed` : `${passed} passed, ${failed} failed`;
}

/** `mutants: 2 of 32 survive`; "" where nobody asked. */
export function showMutation({ mutation }: Report): string {
  if (mutation === null) return "";
  const { total, survivors } = mutation;
  return survivors.length === 0
    ? `mutants: all ${total} noticed`
    : `mutants: ${survivors.length} of ${total} survive`;
}
