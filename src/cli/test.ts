import { githubSummary } from "../config/print/github.ts";
import type { SourceFile } from "../config/source_file.ts";
import { testsBeside } from "../rollout/file_source.ts";
import { settingOf } from "../settings.ts";
import { coverageOf } from "../simulate/coverage.ts";
import { mutate } from "../simulate/mutate.ts";
import { runTests } from "../simulate/tests.ts";
import { exit } from "./exit.ts";
import { type Form, misused, readWords, type Words } from "./form.ts";
import { type Output, ofReports, outputsOf, writeOutputs } from "./outputs.ts";
import type { Compared, Refused } from "./plan/compared.ts";
import { readSide } from "./plan/side.ts";
import { type Paint, plain, processShell, type Shell } from "./shell.ts";
import { addToSummary } from "./step_summary.ts";
import { testGithub } from "./test/github.ts";
import { testJson } from "./test/json.ts";
import { testJunit } from "./test/junit.ts";
import { testPretty } from "./test/pretty.ts";
import { diagnosticsOf, isBroken, isGood, type Report } from "./test/report.ts";

/** How a run can be told. */
export const formats = ["pretty", "json", "github", "junit"] as const;
type Format = (typeof formats)[number];

const form: Form = {
  name: "test",
  operands: "[FILE]",
  most: 1,
  says: [
    "Runs the tests of a routing file: those in the .test.yaml beside it, so routes.test.yaml for routes.yaml. Providers follow",
    "the script of each case and time is played, so nothing is called and nothing waits. Exit 1 when something does not hold.",
  ].join("\n"),
  flags: {
    coverage: "say which rules no test asserts on",
    mutate: "change one rule at a time, and fail where no test notices",
  },
  options: {
    "fail-under": ["N", "fail under so many percent of coverage"],
    format: [formats.join("|"), "how to tell; default pretty"],
    run: ["REGEX", "only the cases whose names match"],
    ...ofReports,
  },
};

/** What was asked for. */
interface Options {
  readonly file: string;
  readonly format: Format;
  readonly outputs: readonly Output<Format>[];
  readonly floor: number | null;
  readonly coverage: boolean;
  readonly mutate: boolean;
  readonly only: RegExp | null;
}

/** `test [FILE]`: what a routing file is expected to do, and whether it does. */
export async function test(args: readonly string[], shell: Shell = processShell()): Promise<number> {
  const words = await readWords(form, args, shell);
  if (!words.ok) return words.error;
  const options = optionsOf(words.value, shell);
  if (typeof options === "string") return misused(form, shell, options);
  const { file } = options;

  const read = await readSide(file, file, shell);
  if (!read.ok) return refused(read.error, options, shell);
  const { tests, files } = read.value;
  if (tests == null) {
    await shell.err.write(`There are no tests: ${JSON.stringify(testsBeside(file))} is not there.\n`);
    return exit.usage;
  }
  const report = await run(read.value, tests, options);
  if (options.only !== null && report.tested.results.length === 0 && !isBroken(report)) {
    await shell.err.write(
      `No test of ${JSON.stringify(tests.name)} has a name like ${options.only.source}.\n`,
    );
    return exit.usage;
  }
  const unwritten = await tell(report, [...files, tests], options, shell);
  return unwritten ?? (isGood(report) ? exit.ok : exit.failed);
}

/** The routing file is not there, or is wrong itself. */
async function refused(why: Refused, options: Options, shell: Shell): Promise<number> {
  const { file } = options;
  if (why.kind === "missing") {
    await shell.err.write(`${why.message}\n`);
    return why.code;
  }
  const tested = { results: [], diagnostics: why.diagnostics };
  const broken = { file, tests: testsBeside(file), tested, coverage: null, floor: null, mutation: null };
  return (await tell(broken, why.files, options, shell)) ?? exit.failed;
}

function optionsOf(words: Words, { environment }: Shell): Options | string {
  const { operands, has, value } = words;
  const said = value("format") ?? "pretty";
  const format = formats.find((each) => each === said);
  if (format === undefined) return `test has no format ${JSON.stringify(said)}.`;
  const under = value("fail-under");
  const floor = under === undefined ? null : Number(under.replace(/ ?%$/, ""));
  if (floor !== null && !(under?.trim() !== "" && floor >= 0 && floor <= 100))
    return `--fail-under is ${JSON.stringify(under)}; it has to be a percentage from 0 to 100.`;
  const only = patternOf(value("run"));
  if (typeof only === "string") return only;
  const outputs = outputsOf(words, formats);
  if (!outputs.ok) return outputs.error;
  const [file = settingOf("CONFIG", undefined, environment)] = operands;
  const coverage = has("coverage") || floor !== null;
  return { file, format, outputs: outputs.value, floor, coverage, mutate: has("mutate"), only };
}

function patternOf(written: string | undefined): RegExp | null | string {
  if (written === undefined) return null;
  try {
    return new RegExp(written, "u");
  } catch {
    return `--run is ${JSON.stringify(written)}, which is no regular expression.`;
  }
}

async function run({ snapshot }: Compared, tests: SourceFile, options: Options): Promise<Report> {
  const { file, floor, only } = options;
  const tested = await runTests(snapshot, tests, only === null ? {} : { only });
  const report = { file, tests: tests.name, tested, coverage: null, floor, mutation: null };
  if (isBroken(report)) return report;
  return {
    ...report,
    coverage: options.coverage ? await coverageOf(snapshot, tested.results) : null,
    mutation: options.mutate ? await mutate(snapshot, tested.results) : null,
  };
}

/** Prints the report, and writes it to where it is wanted too; the exit code of a file that cannot be written, else null. */
async function tell(
  report: Report,
  files: readonly SourceFile[],
  { format, outputs }: Pick<Options, "format" | "outputs">,
  shell: Shell,
): Promise<number | null> {
  const print = (each: Format, paint: Paint) =>
    ({
      pretty: () => testPretty(report, files, paint),
      json: () => testJson(report),
      github: () => testGithub(report),
      junit: () => testJunit(report),
    })[each]();
  const printed = print(format, shell.out.paint);
  if (printed !== "") await shell.out.write(`${printed}\n`);
  if (format === "github") await addToSummary(githubSummary(diagnosticsOf(report)), shell);
  return writeOutputs(outputs, (each) => print(each, plain), shell);
}
