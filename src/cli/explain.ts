import { type DiagnosticCode, errorCodes, warningCodes } from "../config/diagnostic.ts";
import { type Example, filesOf } from "../config/explain/example.ts";
import { explanations } from "../config/explain/explanations.ts";
import { didYouMean, suggest } from "../config/suggest.ts";
import { exit } from "./exit.ts";
import { type Form, misused, readWords } from "./form.ts";
import { type Paint, processShell, type Shell } from "./shell.ts";
import { table } from "./table.ts";

const form: Form = {
  name: "explain",
  operands: "[CODE]",
  most: 1,
  says: "Says what the code of a diagnostic means, with a bad and a good example. Without CODE: all of them.",
  flags: { json: "as JSON" },
  options: {},
};

const codes: readonly DiagnosticCode[] = [...new Set([...errorCodes, ...warningCodes])];
const isCode = (word: string): word is DiagnosticCode => codes.some((code) => code === word);

/** `explain`: what a diagnostic means. */
export async function explain(args: readonly string[], shell: Shell = processShell()): Promise<number> {
  const words = await readWords(form, args, shell);
  if (!words.ok) return words.error;
  const [word] = words.value.operands;
  const isJson = words.value.has("json");
  const { write, paint } = shell.out;
  if (word === undefined) {
    await write(`${isJson ? asJson(codes.map(describe)) : list(paint)}\n`);
    return exit.ok;
  }
  const code = word.toLowerCase().replaceAll("-", "_");
  if (!isCode(code)) {
    const choice = didYouMean(suggest(code, codes)) || " Without a code, explain lists all of them.";
    return misused(form, shell, `There is no code ${JSON.stringify(word)}.${choice}`);
  }
  await write(`${isJson ? asJson(describe(code)) : shown(code, paint)}\n`);
  return exit.ok;
}

const asJson = (value: unknown): string => JSON.stringify(value, null, 2);

/** One code as data. */
const describe = (code: DiagnosticCode) => ({
  code,
  severity: severityOf(code),
  says: explanations[code].says,
  bad: Object.fromEntries(filesOf(explanations[code].bad)),
  good: Object.fromEntries(filesOf(explanations[code].good)),
});

function severityOf(code: DiagnosticCode): string {
  const isError = errorCodes.some((each) => each === code);
  const isWarning = warningCodes.some((each) => each === code);
  return [...(isError ? ["error"] : []), ...(isWarning ? ["warning"] : [])].join(" or ");
}

const list = (paint: Paint): string =>
  table(
    ["CODE", "SEVERITY", "MEANS"],
    codes.map((code) => [paint("bold", code), severityOf(code), explanations[code].says]),
    paint,
  );

function shown(code: DiagnosticCode, paint: Paint): string {
  const { says, bad, good } = explanations[code];
  return [
    `${paint("bold", code)} (${severityOf(code)})`,
    `    ${says}`,
    "",
    paint("red", "Wrong:"),
    ...exampleLines(bad),
    "",
    paint("green", "Right:"),
    ...exampleLines(good),
    ...(JSON.stringify(bad).includes("<0x") ? ["", "<0x..> stands for that byte."] : []),
  ].join("\n");
}

/** Where there are several files, each below its name. */
function exampleLines(example: Example): readonly string[] {
  const files = filesOf(example);
  return files.flatMap(([name, text]) => [
    ...(files.length > 1 ? [`  ${name}`] : []),
    ...text
      .trimEnd()
      .split("\n")
      .map((line) => `    ${line}`.trimEnd()),
  ]);
}
