import { mkdirSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { exit } from "../src/cli/exit.ts";
import { type Form, misused, readWords, type Words } from "../src/cli/form.ts";
import { processShell, type Shell } from "../src/cli/shell.ts";
import { addToSummary } from "../src/cli/step_summary.ts";
import { settingOf } from "../src/settings.ts";
import { artifactNames, type Options, runSteps } from "./check_config/steps.ts";
import { checkJson, summaryMarkdown, verdicts } from "./check_config/summary.ts";

/*
 * What a pull request that touches routing files has to pass. The workflow config.yml and the composite action `check` run
 * this, so that they cannot disagree; so does whoever wants to know before pushing: bun run check:config --base origin/main
 */

const form: Form = {
  name: "check_config",
  operands: "[CONFIG]",
  most: 1,
  says: [
    "Checks a routing file as CI does: fmt --check, validate, test --coverage, plan against a base, replay of a trace. After a",
    "failure the others still run, as far as they can tell anything; the exit code is that of the first failure.",
  ].join("\n"),
  flags: { strict: "warnings fail" },
  options: {
    base: [
      "REF",
      "the commit to compare with; default the branch that a pull request goes to, as GitHub names it",
    ],
    "fail-under": ["N", "fail under so many percent of coverage"],
    trace: ["FILE", "a trace of `trace export` to replay; where it is not there, nothing is replayed"],
    artifacts: ["DIR", "where the reports go; default config-check"],
  },
};

/** Runs all steps. Reports go into the folder of artifacts and, where there is one, into GitHub's summary of the step. */
export async function checkConfig(args: readonly string[], shell: Shell = processShell()): Promise<number> {
  const words = await readWords(form, args, shell);
  if (!words.ok) return words.error;
  const options = optionsOf(words.value, shell);
  if (statSync(options.config, { throwIfNoEntry: false })?.isFile() !== true)
    return misused(form, shell, `There is no file ${JSON.stringify(options.config)}.`);

  const artifact = (name: string) => join(options.artifacts, name);
  mkdirSync(options.artifacts, { recursive: true });
  for (const name of artifactNames) rmSync(artifact(name), { force: true });
  const steps = await runSteps(options, shell);
  const code = steps.find(({ outcome }) => outcome === "failed")?.code ?? exit.ok;
  const summary = summaryMarkdown(options, steps);
  writeFileSync(artifact("check.json"), checkJson(options, steps, code));
  writeFileSync(artifact("summary.md"), summary);
  await addToSummary(summary, shell);
  await shell.out.write(`${verdicts(steps, shell.out.paint)}\n`);
  return code;
}

function optionsOf({ operands, has, value }: Words, { environment }: Shell): Options {
  const into = environment["GITHUB_BASE_REF"] ?? "";
  // An input of an action that was not given is empty.
  const given = (option: string): string | null => value(option) || null;
  return {
    config: settingOf("CONFIG", operands[0], environment),
    base: given("base") ?? (into === "" ? null : `origin/${into}`),
    floor: given("fail-under"),
    trace: given("trace"),
    isStrict: has("strict"),
    artifacts: given("artifacts") ?? "config-check",
  };
}

if (import.meta.main) process.exit(await checkConfig(process.argv.slice(2)));
