import { readFile, stat } from "node:fs/promises";
import { dirname, join } from "node:path";
import { format } from "../config/format/format.ts";
import { masked } from "../config/print/mask.ts";
import { excerptsOf, printPretty } from "../config/print.ts";
import { routes } from "../config/schema/routes.ts";
import { tests } from "../config/schema/tests.ts";
import { readSources } from "../config/source.ts";
import { testsBeside } from "../rollout/file_source.ts";
import { settingOf } from "../settings.ts";
import { exit } from "./exit.ts";
import { diff } from "./fmt/diff.ts";
import { type Form, readWords } from "./form.ts";
import { processShell, type Shell } from "./shell.ts";
import { writeWhole } from "./write_file.ts";

const form: Form = {
  name: "fmt",
  operands: "[FILE…]",
  most: Number.POSITIVE_INFINITY,
  says: [
    "Puts routing files, and their tests, into canonical form: keys in the order of the schema, quotes where they are needed,",
    "every comment kept. What a file means never changes. Without FILE: the routing file, what it includes, and its tests;",
    "with -: from standard input to standard output.",
  ].join("\n"),
  flags: { check: "write nothing; list the files that are not in form, and exit 1 when there are any" },
  options: {},
};

/** As much of a difference as is shown. */
const mostLines = 40;

/** What became of one file. */
type Outcome = "in form" | "changed" | "refused";

/** `fmt`: canonical form that keeps comments. */
export async function fmt(args: readonly string[], shell: Shell = processShell()): Promise<number> {
  const words = await readWords(form, args, shell);
  if (!words.ok) return words.error;
  const { operands, has } = words.value;
  if (operands.length === 1 && operands[0] === "-") return formatInput(shell);

  const named = operands.length > 0 ? operands : [settingOf("CONFIG", undefined, shell.environment)];
  const missing = await missingOf(named);
  if (missing !== null) {
    await shell.err.write(`There is no file ${JSON.stringify(missing)}.\n`);
    return exit.usage;
  }
  const files = operands.length > 0 ? operands : await familyOf(named[0] ?? "");
  const outcomes: Outcome[] = [];
  for (const file of files) outcomes.push(await formatFile(file, has("check"), shell));
  const isDone = outcomes.every(
    (outcome) => outcome === "in form" || (outcome === "changed" && !has("check")),
  );
  return isDone ? exit.ok : exit.failed;
}

async function formatInput(shell: Shell): Promise<number> {
  const bytes = new TextEncoder().encode(await shell.read());
  const formatted = format("-", bytes, routes);
  if (formatted.ok) await shell.out.write(formatted.value);
  else await shell.err.write(`${printPretty(formatted.error)}\n`);
  return formatted.ok ? exit.ok : exit.failed;
}

async function formatFile(file: string, isCheck: boolean, shell: Shell): Promise<Outcome> {
  const bytes = new Uint8Array(await readFile(file));
  const formatted = format(file, bytes, isTests(file) ? tests : routes);
  if (!formatted.ok) {
    await shell.err.write(`${printPretty(formatted.error, excerptsOf([{ name: file, bytes }]))}\n`);
    return "refused";
  }
  const text = new TextDecoder().decode(bytes);
  if (formatted.value === text) return "in form";
  if (!isCheck) await writeWhole(file, formatted.value);
  const lines = isCheck ? diff(text, formatted.value, mostLines).map((line) => masked(line)) : [];
  await shell.out.write(
    `${[isCheck ? `${file} is not in form:` : `formatted ${file}`, ...lines].join("\n")}\n`,
  );
  return "changed";
}

const isTests = (file: string): boolean => /\.test\.ya?ml$/.test(file);

async function missingOf(files: readonly string[]): Promise<string | null> {
  for (const file of files) if (!(await isFile(file))) return file;
  return null;
}

const isFile = (path: string): Promise<boolean> =>
  stat(path).then(
    (found) => found.isFile(),
    () => false,
  );

/** A root file, what it includes, and the tests beside it. */
async function familyOf(root: string): Promise<readonly string[]> {
  const sources = await readSources(root);
  const included = sources.ok ? sources.value.slice(1).map(({ name }) => join(dirname(root), name)) : [];
  const beside = testsBeside(root);
  return [root, ...included, ...((await isFile(beside)) ? [beside] : [])];
}
