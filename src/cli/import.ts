import { readFile, stat } from "node:fs/promises";
import { dirname, isAbsolute, join } from "node:path";
import { decode, maxBytes } from "../config/bytes.ts";
import {
  type Foreign,
  type FormatName,
  formatNames,
  importFile,
  type Refused,
} from "../config/import/import.ts";
import { includesOf } from "../config/import/litellm.ts";
import { readTree } from "../config/import/read_tree.ts";
import { printPretty } from "../config/print.ts";
import { didYouMean, suggest } from "../config/suggest.ts";
import { err, ok, type Result } from "../core/result.ts";
import { version } from "../version.ts";
import { exit } from "./exit.ts";
import { type Form, misused, readWords, type Words } from "./form.ts";
import { type Report, reportAsJson, reportAsText, reportOfRefusal } from "./import/report.ts";
import { type Channel, plain, processShell, type Shell } from "./shell.ts";
import { writeWhole } from "./write_file.ts";

const form: Form = {
  name: "import",
  operands: "FILE",
  most: 1,
  says: [
    "Translates the configuration of another gateway into a routes.yaml, and reports line by line what came over exactly, what",
    "nearly, and what not at all. Secrets are not copied: keys of providers become references, keys of clients their SHA-256.",
    "",
    ...Object.entries(formatNames).map(([name, says]) => `  ${name.padEnd(15)} ${says}`),
  ].join("\n"),
  flags: { force: "write over a file that is there" },
  options: {
    from: ["FORMAT", "one of those above; default: known by its shape"],
    out: ["FILE", "where to; default: standard output, and the report to standard error"],
    report: [
      "pretty|json|FILE",
      "how to report, or where to, as JSON where FILE ends in .json; default pretty",
    ],
    format: ["pretty|json", "how to report, as with other commands"],
  },
};

/** `import`: from the file of another gateway to one of ours. */
export async function importCommand(args: readonly string[], shell: Shell = processShell()): Promise<number> {
  const words = await readWords(form, args, shell);
  if (!words.ok) return words.error;
  const order = readOrder(words.value);
  if (!order.ok) return misused(form, shell, order.error);
  const obstacle = await obstacleTo(order.value);
  if (obstacle !== null) {
    await shell.err.write(`${obstacle}\n`);
    return exit.usage;
  }
  const { file, from, out } = order.value;
  const source = await readText(file);
  const imported = source.ok
    ? importFile(source.value, from, version, await includedBy(source.value))
    : source;
  if (!imported.ok) {
    await tell(reportOfRefusal(file, imported.error), order.value, shell.err);
    if (!isDataHere(order.value)) await shell.err.write(`${reasonOf(file, imported.error)}\n`);
    return exit.failed;
  }
  const { routes, format, ...rest } = imported.value;
  if (out === null) await shell.out.write(routes);
  else await writeWhole(out, routes);
  await tell({ file, from: format, out, ...rest }, order.value, out === null ? shell.err : shell.out);
  return rest.diagnostics.some(({ severity }) => severity === "error") ? exit.failed : exit.ok;
}

/** Reports where and how it was asked for. */
async function tell(report: Report, { asJson, reportFile }: Order, channel: Channel): Promise<void> {
  const paint = reportFile === null ? channel.paint : plain;
  const text = asJson ? reportAsJson(report) : reportAsText(report, paint);
  if (reportFile !== null) await writeWhole(reportFile, `${text}\n`);
  else if (text !== "") await channel.write(`${text}\n`);
}

/** Whether the terminal gets data, which nothing else may stand beside. */
const isDataHere = ({ asJson, reportFile }: Order): boolean => asJson && reportFile === null;

/** Why it cannot begin; null: it can. */
async function obstacleTo({ file, out, reportFile, force }: Order): Promise<string | null> {
  if (!(await isFile(file))) return `There is no file ${JSON.stringify(file)}.`;
  if (out !== null && !force && (await stat(out).catch(() => null)) !== null)
    return `${JSON.stringify(out)} is there already; --force writes over it.`;
  for (const path of [out, reportFile]) {
    if (path !== null && !(await isDirectory(dirname(path))))
      return `There is no directory ${JSON.stringify(dirname(path))}.`;
  }
  return null;
}

interface Order {
  readonly file: string;
  readonly from: FormatName | null;
  readonly out: string | null;
  readonly asJson: boolean;
  /** Where the report goes; null: to the terminal. */
  readonly reportFile: string | null;
  readonly force: boolean;
}

const names = Object.keys(formatNames) as readonly FormatName[];

function readOrder({ operands, has, value }: Words): Result<Order, string> {
  const [file] = operands;
  if (file === undefined) return err("import needs the file to import.");
  const said = value("from")?.toLowerCase().replaceAll("-", "_");
  const from = names.find((name) => name === said) ?? null;
  if (said !== undefined && from === null)
    return err(`import knows no format ${JSON.stringify(said)}.${didYouMean(suggest(said, names))}`);
  const report = value("report") ?? value("format") ?? "pretty";
  const isFormat = report === "pretty" || report === "json";
  if (!isFormat && (!/\.[a-z]+$/.test(report) || value("report") === undefined))
    return err(`import has no report ${JSON.stringify(report)}.`);
  return ok({
    file,
    from,
    out: value("out") ?? null,
    asJson: /(^|\.)json$/.test(report),
    reportFile: isFormat ? null : report,
    force: has("force"),
  });
}

const isFile = (path: string): Promise<boolean> =>
  stat(path).then(
    (found) => found.isFile(),
    () => false,
  );

const isDirectory = (path: string): Promise<boolean> =>
  stat(path).then(
    (found) => found.isDirectory(),
    () => false,
  );

async function readText(path: string, name = path): Promise<Result<Foreign, Refused>> {
  const bytes = new Uint8Array(await readFile(path));
  // Others take a byte order mark.
  const text = decode(name, bytes[0] === 0xef ? bytes.subarray(3) : bytes);
  if (!text.ok) return err({ reason: "unreadable", diagnostics: [text.error] });
  return ok({ name, text: text.value });
}

/** The files that LiteLLM merges into this one, as far as they are there, beside it or below. */
async function includedBy({ name, text }: Foreign): Promise<readonly Foreign[]> {
  const tree = readTree(name, text);
  if (!tree.ok) return [];
  const found: Foreign[] = [];
  for (const { path } of includesOf(tree.value.tree)) {
    const beside = join(dirname(name), path);
    const isWithin = !isAbsolute(path) && !path.split(/[/\\]/).includes("..");
    if (!isWithin || !(await isFile(beside)) || (await stat(beside)).size > maxBytes) continue;
    const read = await readText(beside, path);
    if (read.ok) found.push(read.value);
  }
  return found;
}

function reasonOf(file: string, refused: Refused): string {
  switch (refused.reason) {
    case "unreadable":
      return printPretty(refused.diagnostics);
    case "already_ours":
      return `${file} is a routes.yaml already.`;
    case "unknown_format":
      return `${file} has none of the shapes that import knows (${names.join(", ")}); --from says which it is.`;
    case "nothing":
      return `${file} holds no model that could come over; nothing is written.`;
  }
}
