import { mkdir } from "node:fs/promises";
import { dirname, extname } from "node:path";
import { err, ok, type Result } from "../core/result.ts";
import { exit } from "./exit.ts";
import type { Form, Words } from "./form.ts";
import type { Shell } from "./shell.ts";
import { writeWhole } from "./write_file.ts";

/** The format that the ending of a file asks for. */
const formatOfEnding: Readonly<Record<string, string>> = {
  ".json": "json",
  ".md": "markdown",
  ".sarif": "sarif",
  ".txt": "pretty",
  ".xml": "junit",
};

/** The option of every command that reports in several formats: one run, as many files as are wanted. */
export const ofReports = {
  out: ["FILE", "write it there too, in the format of the ending, such as .json; may be repeated"],
} as const satisfies Form["options"];

/** A file to write a report to. */
export interface Output<Format> {
  readonly path: string;
  readonly format: Format;
}

/** The files that `--out` names, among the formats that a command has; or a sentence why one cannot be. */
export function outputsOf<Format extends string>(
  words: Words,
  formats: readonly Format[],
): Result<readonly Output<Format>[], string> {
  const outputs: Output<Format>[] = [];
  for (const path of words.values("out")) {
    const wanted = formatOfEnding[extname(path)];
    const format = formats.find((each) => each === wanted);
    if (format === undefined)
      return err(`--out is ${JSON.stringify(path)}; it has to end in ${endings(formats)}.`);
    outputs.push({ path, format });
  }
  return ok(outputs);
}

/** Writes them; the exit code of a file that cannot be written, else null. */
export async function writeOutputs<Format>(
  outputs: readonly Output<Format>[],
  print: (format: Format) => string,
  shell: Shell,
): Promise<number | null> {
  for (const { path, format } of outputs) {
    try {
      await mkdir(dirname(path), { recursive: true });
      await writeWhole(path, `${print(format)}\n`);
    } catch {
      await shell.err.write(`${JSON.stringify(path)} cannot be written.\n`);
      return exit.usage;
    }
  }
  return null;
}

const endings = (formats: readonly string[]): string =>
  Object.entries(formatOfEnding)
    .flatMap(([ending, format]) => (formats.includes(format) ? [ending] : []))
    .join(", ");
