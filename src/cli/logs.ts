import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { followLines, linesOf } from "../logs/read_back.ts";
import { settingOf } from "../settings.ts";
import { exit } from "./exit.ts";
import { type Form, misused, readWords } from "./form.ts";
import { processShell, type Shell } from "./shell.ts";

const names = ["system", "error", "interactions"] as const;

const form: Form = {
  name: "logs",
  operands: "tail | grep REQUEST_ID",
  most: 2,
  says: "Reads the log files of LOG_DIR, rotated ones too: the newest lines of one, or everything about one request.",
  flags: { follow: "tail: go on with what is written from now on" },
  options: {
    file: ["NAME", `tail: one of ${names.join(", ")}; default system`],
    lines: ["N", "tail: how many; default 10"],
    "log-dir": ["DIR", "default LOG_DIR"],
  },
};

/** `logs tail` and `logs grep REQUEST_ID`. */
export async function logs(args: readonly string[], shell: Shell = processShell()): Promise<number> {
  const read = await readWords(form, args, shell);
  if (!read.ok) return read.error;
  const words = read.value;
  const [verb, id] = words.operands;
  const dir = settingOf("LOG_DIR", words.value("log-dir"), shell.environment);
  if (!existsSync(dir)) {
    await shell.err.write(`There is no directory ${JSON.stringify(dir)}.\n`);
    return exit.usage;
  }
  if (verb === "grep" && id !== undefined) return grep(dir, id, shell);
  if (verb !== "tail" || id !== undefined)
    return misused(form, shell, "logs knows two verbs: tail, and grep REQUEST_ID.");
  const name = names.find((each) => each === (words.value("file") ?? "system"));
  if (name === undefined)
    return misused(form, shell, `There is no log ${JSON.stringify(words.value("file"))}.`);
  const lines = Number(words.value("lines") ?? 10);
  if (!Number.isSafeInteger(lines) || lines < 0)
    return misused(form, shell, "--lines has to be a whole number.");
  return tail(join(dir, `${name}.log`), lines, words.has("follow"), shell);
}

/** Every line about a request, the file's name before each; exit 1 when there is none. */
async function grep(dir: string, id: string, shell: Shell): Promise<number> {
  const wanted = `"request_id":${JSON.stringify(id)}`;
  let found = 0;
  for (const file of readdirSync(dir).filter(isLog).sort()) {
    for await (const line of linesOf(join(dir, file))) {
      if (!line.includes(wanted)) continue;
      found += 1;
      await shell.out.write(`${shell.out.paint("dim", `${file}:`)} ${line}\n`);
    }
  }
  if (found > 0) return exit.ok;
  await shell.err.write(`No line of ${dir} is about ${JSON.stringify(id)}.\n`);
  return exit.failed;
}

const isLog = (name: string): boolean =>
  /^(system|error|interactions)(-\d{8}T\d{6}Z-\d+)?\.log(\.gz)?$/.test(name);

async function tail(file: string, most: number, follow: boolean, shell: Shell): Promise<number> {
  let last: string[] = [];
  if (existsSync(file)) {
    for await (const line of linesOf(file)) {
      last.push(line);
      if (last.length > 2 * most) last = last.slice(-most);
    }
  }
  for (const line of most === 0 ? [] : last.slice(-most)) await shell.out.write(`${line}\n`);
  if (follow) for await (const line of followLines(file)) await shell.out.write(`${line}\n`);
  return exit.ok;
}
