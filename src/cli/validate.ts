import { stat } from "node:fs/promises";
import { compile } from "../config/compile.ts";
import type { Diagnostic } from "../config/diagnostic.ts";
import { checkBySchema } from "../config/gate.ts";
import { printGithub, printJson, printPretty } from "../config/print.ts";
import { readSources, type SourceFile } from "../config/source.ts";
import { version } from "../version.ts";
import { exit } from "./exit.ts";

const formats = ["pretty", "json", "github"] as const;
type Format = (typeof formats)[number];

interface Options {
  readonly file: string;
  readonly strict: boolean;
  readonly format: Format;
}

/** Checks a routing file offline. Needs no secret and starts nothing; everything goes to stdout. */
export async function validate(args: readonly string[]): Promise<number> {
  const options = parseOptions(args);
  if (typeof options === "string") {
    console.error(`${options}\nvalidate [FILE] [--strict] [--format pretty|json|github]`);
    return exit.usage;
  }
  const isFile = await stat(options.file).then(
    (found) => found.isFile(),
    () => false,
  );
  if (!isFile) {
    console.error(`There is no file ${JSON.stringify(options.file)}.`);
    return exit.usage;
  }
  const { files, diagnostics } = await diagnose(options.file);
  console.log(print(options, diagnostics, files));
  return codeFor(diagnostics, options.strict);
}

async function diagnose(
  path: string,
): Promise<{ readonly files: readonly SourceFile[]; readonly diagnostics: readonly Diagnostic[] }> {
  const sources = await readSources(path);
  if (!sources.ok) return { files: [], diagnostics: sources.error };
  const { diagnostics } = compile(sources.value, {
    engine: version,
    variables: process.env,
    unset: "warning",
    opinion: checkBySchema,
  });
  return { files: sources.value, diagnostics };
}

function parseOptions(args: readonly string[]): Options | string {
  let file: string | null = null;
  let strict = false;
  let format: string = "pretty";
  for (let index = 0; index < args.length; index++) {
    const arg = args[index] ?? "";
    if (arg === "--strict") strict = true;
    else if (arg === "--format") format = args[++index] ?? "";
    else if (arg.startsWith("--format=")) format = arg.slice("--format=".length);
    else if (arg.startsWith("-") || file !== null) return `validate does not know ${JSON.stringify(arg)}.`;
    else file = arg;
  }
  const known = formats.find((each) => each === format);
  if (known === undefined) return `validate has no format ${JSON.stringify(format)}.`;
  return { file: file ?? process.env["CONFIG"] ?? "routes.yaml", strict, format: known };
}

function print(
  { file, format }: Options,
  diagnostics: readonly Diagnostic[],
  files: readonly SourceFile[],
): string {
  switch (format) {
    case "json":
      return printJson(diagnostics);
    case "github":
      return printGithub(diagnostics);
    case "pretty":
      return [printPretty(diagnostics, excerptsOf(files)), summary(file, diagnostics)]
        .filter((part) => part !== "")
        .join("\n\n");
  }
}

function excerptsOf(files: readonly SourceFile[]) {
  const lines = new Map(
    files.map(({ name, bytes }) => [name, new TextDecoder().decode(bytes).split(/\r?\n/)]),
  );
  return (name: string) => lines.get(name) ?? null;
}

function summary(file: string, diagnostics: readonly Diagnostic[]): string {
  const errors = diagnostics.filter(({ severity }) => severity === "error").length;
  const warnings = diagnostics.length - errors;
  const count = (number: number, word: string) => `${number} ${word}${number === 1 ? "" : "s"}`;
  if (errors > 0) return `${file}: ${count(errors, "error")}, ${count(warnings, "warning")}`;
  return warnings > 0 ? `${file} is valid, with ${count(warnings, "warning")}` : `${file} is valid`;
}

function codeFor(diagnostics: readonly Diagnostic[], strict: boolean): number {
  if (diagnostics.some(({ severity }) => severity === "error")) return exit.failed;
  return strict && diagnostics.length > 0 ? exit.warnings : exit.ok;
}
