import { randomUUID } from "node:crypto";
import { join } from "node:path";
import { exit } from "../../src/cli/exit.ts";
import { fmt } from "../../src/cli/fmt.ts";
import { plan } from "../../src/cli/plan.ts";
import { replay } from "../../src/cli/replay.ts";
import type { Channel, Shell } from "../../src/cli/shell.ts";
import { test } from "../../src/cli/test.ts";
import { validate } from "../../src/cli/validate.ts";
import { escapeData } from "../../src/config/print/github.ts";
import { sayings } from "./sayings.ts";
import type { Options, Step } from "./steps.ts";

const commands = { fmt, validate, test, plan, replay };
export type CommandName = keyof typeof commands;

/** These tell GitHub each mistake at its line by themselves, and have a table for the summary of the step. */
const isAnnotating = (name: CommandName): boolean => name === "validate" || name === "test";

export const isOnGithub = ({ environment }: Shell): boolean => environment["GITHUB_ACTIONS"] === "true";

/** Runs one command, as a user would write it; all that it writes goes into the log. */
export async function perform(
  name: CommandName,
  args: readonly string[],
  { config, artifacts }: Options,
  shell: Shell,
): Promise<Pick<Step, "code" | "says">> {
  const log = isOnGithub(shell) ? onGithub(shell.out, isAnnotating(name)) : onTerminal(shell.out);
  const remarks: string[] = [];
  const err: Channel = {
    ...shell.out,
    write: (text) => {
      remarks.push(text);
      return shell.out.write(text);
    },
  };
  const environment = {
    ...shell.environment,
    CONFIG: config,
    // The script puts it where it belongs.
    GITHUB_STEP_SUMMARY: isAnnotating(name) ? join(artifacts, `${name}.md`) : undefined,
  };
  await log.begin(`$ switchyard ${[name, ...args].join(" ")}`);
  const code = await commands[name](args, { ...shell, environment, err });
  const says = sayings[name](code, artifacts, remarks) ?? lastLine(remarks) ?? `ended with exit code ${code}`;
  await log.end(code === exit.ok ? null : `::error title=${name}::${escapeData(says)}`);
  return { code, says };
}

const lastLine = (texts: readonly string[]): string | undefined => texts.join("").trim().split("\n").at(-1);

/** How the log sets commands apart. */
interface Log {
  readonly begin: (line: string) => Promise<void>;
  readonly end: (failure: string | null) => Promise<void>;
}

const onTerminal = ({ write, paint }: Channel): Log => ({
  begin: (line) => write(`${paint("bold", line)}\n`),
  end: () => write("\n"),
});

/** A group for each. What quotes the pull request has no say there: a line of it that looks like a command is none. */
function onGithub({ write }: Channel, speaks: boolean): Log {
  const token = randomUUID();
  return {
    begin: (line) => write(`::group::${escapeData(line)}\n${speaks ? "" : `::stop-commands::${token}\n`}`),
    end: (failure) => {
      const told = failure === null || speaks ? "" : `${failure}\n`;
      return write(`${speaks ? "" : `::${token}::\n`}::endgroup::\n${told}`);
    },
  };
}
