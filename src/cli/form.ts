import { err, ok, type Result } from "../core/result.ts";
import { exit } from "./exit.ts";
import type { Shell } from "./shell.ts";

/** What a command takes, from which its help is written too. */
export interface Form {
  readonly name: string;
  /** What follows the name, as in `[MODEL] MESSAGE`; empty: nothing. */
  readonly operands: string;
  /** At most so many of them. */
  readonly most: number;
  /** Its purpose, in a sentence or a few. */
  readonly says: string;
  /** Flags by name, without dashes: what each does. */
  readonly flags: Readonly<Record<string, string>>;
  /** Options that take a value, by name: what stands for it, and what it does. */
  readonly options: Readonly<Record<string, readonly [placeholder: string, says: string]>>;
}

/** The words that a command was given. */
export interface Words {
  readonly has: (flag: string) => boolean;
  /** Undefined: not given. Of several the last counts. */
  readonly value: (option: string) => string | undefined;
  /** Everything that was given, in order. */
  readonly values: (option: string) => readonly string[];
  readonly operands: readonly string[];
}

/** Options of every command that works on a routing file by itself. */
export const ofConfig = {
  config: ["FILE", "the routing file; default CONFIG, else routes.yaml"],
  "secrets-dir": ["DIR", "where file: references may read; default SECRETS_DIR"],
} as const satisfies Form["options"];

/** Reads a command's words. Where it asks for help, or for what there is not, that is told, and the exit code remains. */
export async function readWords(
  form: Form,
  args: readonly string[],
  shell: Shell,
): Promise<Result<Words, number>> {
  const ours = args.includes("--") ? args.slice(0, args.indexOf("--")) : args;
  if (ours.includes("--help") || ours.includes("-h")) {
    await shell.out.write(`${helpOf(form)}\n`);
    return err(exit.ok);
  }
  const words = parse(form, args);
  return words.ok ? words : err(await misused(form, shell, words.error));
}

/** Tells a mistake in a command's words, and how they go. */
export async function misused(form: Form, shell: Shell, mistake: string): Promise<number> {
  await shell.err.write(`${mistake}\n${synopsis(form)}\n`);
  return exit.usage;
}

function parse(form: Form, args: readonly string[]): Result<Words, string> {
  const flags = new Set<string>();
  const values = new Map<string, string[]>();
  const operands: string[] = [];
  const rest = [...args];
  for (let arg = rest.shift(); arg !== undefined; arg = rest.shift()) {
    if (arg === "--") operands.push(...rest.splice(0));
    else if (arg === "-" || !arg.startsWith("-")) operands.push(arg);
    else {
      const [, name = "", given] = /^--([a-z-]+)(?:=(.*))?$/s.exec(arg) ?? [];
      if (Object.hasOwn(form.flags, name) && given === undefined) flags.add(name);
      else if (Object.hasOwn(form.options, name)) {
        const value = given ?? rest.shift();
        if (value === undefined) return err(`--${name} needs a value.`);
        values.set(name, [...(values.get(name) ?? []), value]);
      } else return err(`${form.name} does not know ${JSON.stringify(arg.split("=", 1)[0])}.`);
    }
  }
  if (operands.length > form.most) {
    const extra = JSON.stringify(operands[form.most]);
    return err(`${form.name} takes ${countOf(form.most)}, and ${extra} is one too many.`);
  }
  const valuesOf = (option: string): readonly string[] => values.get(option) ?? [];
  return ok({
    has: (flag) => flags.has(flag),
    value: (option) => valuesOf(option).at(-1),
    values: valuesOf,
    operands,
  });
}

const countOf = (most: number): string =>
  most === 0 ? "no words" : `at most ${most} word${most === 1 ? "" : "s"}`;

const synopsis = ({ name, operands, flags, options }: Form): string =>
  [
    name,
    operands,
    ...Object.keys(flags).map((flag) => `[--${flag}]`),
    ...Object.entries(options).map(([option, [placeholder]]) => `[--${option} ${placeholder}]`),
  ]
    .filter((word) => word !== "")
    .join(" ");

function helpOf(form: Form): string {
  const lines = [
    ...Object.entries(form.flags).map(([flag, says]) => [`--${flag}`, says] as const),
    ...Object.entries(form.options).map(([option, [value, says]]) => [`--${option} ${value}`, says] as const),
  ];
  const width = Math.max(...lines.map(([left]) => left.length));
  const options = lines.map(([left, says]) => `  ${left.padEnd(width)}  ${says}`);
  return [`${form.name} ${form.operands}`.trim(), "", form.says, "", ...options].join("\n");
}
