import { existsSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { exit } from "../../src/cli/exit.ts";
import { readSide } from "../../src/cli/plan/side.ts";
import type { Shell } from "../../src/cli/shell.ts";
import { testsBeside } from "../../src/rollout/file_source.ts";
import { commitAt } from "../../src/rollout/git_read.ts";
import { type CommandName, isOnGithub, perform } from "./perform.ts";

/** What is checked, and against what. */
export interface Options {
  readonly config: string;
  /** A commit; null: there is nothing to compare with. */
  readonly base: string | null;
  /** Percent of coverage, as it was written. */
  readonly floor: string | null;
  readonly trace: string | null;
  readonly isStrict: boolean;
  readonly artifacts: string;
}

/** One command of the check, and what became of it. */
export interface Step {
  readonly name: CommandName;
  readonly outcome: "ok" | "failed" | "skipped";
  /** Its exit code; 0 where it was skipped. */
  readonly code: number;
  /** What it came to, or why it was skipped. */
  readonly says: string;
}

/** Every file that a check may leave behind. */
export const artifactNames = [
  ...["check.json", "summary.md", "validate.json", "validate.md", "test.json", "test.md"],
  ...["plan.json", "plan.md", "replay.json", "replay.md"],
] as const;

/** Runs the commands in their order; one that could tell nothing is skipped, and says why. */
export async function runSteps(options: Options, shell: Shell): Promise<readonly Step[]> {
  const { config, base, floor, trace, isStrict, artifacts } = options;
  const out = (...names: readonly (typeof artifactNames)[number][]) =>
    names.flatMap((name) => ["--out", join(artifacts, name)]);
  const step = async (name: CommandName, args: readonly string[], pointless: string | null = null) =>
    pointless === null ? asStep(name, await perform(name, args, options, shell)) : skipped(name, pointless);

  const formatted = await step("fmt", ["--check"]);
  const telling = ["--format", isOnGithub(shell) ? "github" : "pretty"];
  const strict = isStrict ? ["--strict"] : [];
  const valid = await step("validate", [config, ...telling, ...strict, ...out("validate.json")]);
  const invalid = valid.code === exit.failed ? "the file is not valid" : null;

  const under = floor === null ? [] : ["--fail-under", floor];
  const testing = [config, "--coverage", ...under, ...telling, ...out("test.json")];
  const tested = await step("test", testing, invalid ?? withoutTests(options));

  const alone = invalid ?? (await withoutBase(options, shell));
  const planned = await step("plan", [`git:${base}`, config, ...out("plan.json", "plan.md")], alone);

  const recorded = ["--base", `git:${base}`, "--trace", trace ?? "", "--gate"];
  const replaying = [config, ...recorded, ...out("replay.json", "replay.md")];
  const replayed = await step("replay", replaying, alone ?? withoutTrace(trace));
  return [formatted, valid, tested, planned, replayed];
}

const asStep = (name: CommandName, { code, says }: Pick<Step, "code" | "says">): Step => ({
  name,
  outcome: code === exit.ok ? "ok" : "failed",
  code,
  says,
});

const skipped = (name: CommandName, why: string): Step => ({
  name,
  outcome: "skipped",
  code: exit.ok,
  says: why,
});

/** Why no tests can be run. Where a floor is asked for, having none is a failure, and the command says so. */
const withoutTests = ({ config, floor }: Options): string | null =>
  floor === null && !existsSync(testsBeside(config)) ? `there is no ${testsBeside(config)}` : null;

/** Why there is nothing to compare with. A commit that cannot be found is for the command to tell. */
async function withoutBase({ config, base }: Options, shell: Shell): Promise<string | null> {
  if (base === null) return "there is no base to compare with";
  const commit = await commitAt(dirname(config), base, shell.environment["PATH"] ?? "");
  if (!commit.ok) return null;
  if (!(await commit.value.has(basename(config)))) return `the file is new: ${base} does not have it`;
  const side = await readSide(`git:${base}`, config, shell);
  return !side.ok && side.error.kind === "invalid" ? `the file of ${base} is not valid itself` : null;
}

const withoutTrace = (trace: string | null): string | null =>
  trace === null ? "there is no trace" : existsSync(trace) ? null : `there is no trace at ${trace}`;
