import { readFileSync } from "node:fs";
import { join } from "node:path";
import { code } from "../../src/cli/plan/markdown.ts";
import type { Paint } from "../../src/cli/shell.ts";
import { table } from "../../src/cli/table.ts";
import type { Options, Step } from "./steps.ts";

/** GitHub takes 1 MiB; a character of Markdown here is at most four bytes. */
const mostSummary = 250_000;

const signs = { ok: "✓", failed: "✗", skipped: "·" } as const;

/** One line for each step, for people. */
export function verdicts(steps: readonly Step[], paint: Paint): string {
  const styles = { ok: "green", failed: "red", skipped: "dim" } as const;
  const rows = steps.map(({ name, outcome, code: ended, says }) => [
    paint(styles[outcome], signs[outcome]),
    name,
    outcome === "skipped"
      ? paint("dim", `skipped: ${says}`)
      : `${says}${ended === 0 ? "" : ` (exit ${ended})`}`,
  ]);
  return table(["", "STEP", "SAYS"], rows, paint);
}

/** The whole check for the summary of a step: which steps held, then what they have to show. */
export function summaryMarkdown({ config, artifacts }: Options, steps: readonly Step[]): string {
  const failures = steps.filter(({ outcome }) => outcome === "failed");
  const heading =
    failures.length === 0
      ? "✓ nothing stands against it"
      : `✗ ${failures.map(({ name }) => name).join(", ")}`;
  const rows = steps.map(
    ({ name, outcome, says }) =>
      `| ${signs[outcome]} | ${name} | ${outcome === "skipped" ? "skipped: " : ""}${code(says)} |`,
  );
  const shown = steps.flatMap(({ name }) => markdownOf(artifacts, name) ?? []);
  const whole = [
    `## ${code(config)}: ${heading}`,
    ["| | step | |", "|---|---|---|", ...rows].join("\n"),
    ...shown,
  ].join("\n\n");
  return `${whole.slice(0, mostSummary)}\n`;
}

function markdownOf(artifacts: string, name: Step["name"]): string | null {
  try {
    const text = readFileSync(join(artifacts, `${name}.md`), "utf8").trim();
    return text === "" ? null : text;
  } catch {
    return null;
  }
}

/** The check for programs, among them the one that comments on the pull request. */
export const checkJson = ({ config, base }: Options, steps: readonly Step[], exitCode: number): string =>
  `${JSON.stringify(
    {
      config,
      base,
      exit_code: exitCode,
      steps: steps.map(({ name, outcome, code: ended, says }) => ({ name, outcome, exit_code: ended, says })),
    },
    null,
    2,
  )}\n`;
