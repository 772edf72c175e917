import { stat } from "node:fs/promises";
import { githubSummary } from "../config/print/github.ts";
import { settingOf } from "../settings.ts";
import { exit } from "./exit.ts";
import { type Form, misused, readWords } from "./form.ts";
import { ofReports, outputsOf, writeOutputs } from "./outputs.ts";
import { processShell, type Shell } from "./shell.ts";
import { addToSummary } from "./step_summary.ts";
import { type Checked, check } from "./validate/check.ts";
import { formats, print } from "./validate/formats.ts";

const form: Form = {
  name: "validate",
  operands: "[FILE…]",
  most: Number.POSITIVE_INFINITY,
  says: [
    "Checks routing files, each with what it includes and the tests beside it: every mistake, in one run. Works offline,",
    "reads no secret and starts nothing. Exit 1 with errors; with --strict 3 when there are but warnings.",
  ].join("\n"),
  flags: { strict: "warnings count" },
  options: { format: [formats.join("|"), "how to tell; default pretty"], ...ofReports },
};

/** `validate`: every mistake of routing files. What was found goes to stdout, whatever the format. */
export async function validate(args: readonly string[], shell: Shell = processShell()): Promise<number> {
  const words = await readWords(form, args, shell);
  if (!words.ok) return words.error;
  const { operands, has, value } = words.value;
  const said = value("format") ?? "pretty";
  const format = formats.find((each) => each === said);
  if (format === undefined) return misused(form, shell, `validate has no format ${JSON.stringify(said)}.`);
  const outputs = outputsOf(words.value, formats);
  if (!outputs.ok) return misused(form, shell, outputs.error);

  const files = operands.length > 0 ? operands : [settingOf("CONFIG", undefined, shell.environment)];
  const missing = await missingOf(files);
  if (missing.length > 0) {
    await shell.err.write(missing.map((file) => `There is no file ${JSON.stringify(file)}.\n`).join(""));
    return exit.usage;
  }
  const checked: Checked[] = [];
  for (const file of new Set(files)) checked.push(await check(file, shell.environment));
  const isStrict = has("strict");
  const printed = print(format, checked, isStrict);
  if (printed !== "") await shell.out.write(`${printed}\n`);
  // GitHub shows ten annotations; the summary of the step has room for all.
  if (format === "github")
    await addToSummary(githubSummary(checked.flatMap(({ diagnostics }) => diagnostics)), shell);
  const unwritten = await writeOutputs(outputs.value, (each) => print(each, checked, isStrict), shell);
  return unwritten ?? codeFor(checked, isStrict);
}

async function missingOf(files: readonly string[]): Promise<readonly string[]> {
  const found = await Promise.all(
    files.map((file) =>
      stat(file).then(
        (each) => each.isFile(),
        () => false,
      ),
    ),
  );
  return files.filter((_, index) => found[index] !== true);
}

function codeFor(checked: readonly Checked[], isStrict: boolean): number {
  const all = checked.flatMap(({ diagnostics }) => diagnostics);
  if (all.some(({ severity }) => severity === "error")) return exit.failed;
  return isStrict && all.length > 0 ? exit.warnings : exit.ok;
}
