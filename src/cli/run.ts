import { exit } from "./exit.ts";
import { processShell, type Shell } from "./shell.ts";

/** Every command: one file, one line here. Loaded when asked for, so that `validate` starts no server. */
const commands: Readonly<Record<string, { readonly says: string; readonly load: () => Promise<Command> }>> = {
  serve: {
    says: "the gateway (what no command means)",
    load: async () => (await import("./serve.ts")).serve,
  },
  validate: {
    says: "every mistake of routing files: validate [FILE…] [--strict] [--format pretty|json|github|sarif|junit]",
    load: async () => (await import("./validate.ts")).validate,
  },
  fmt: {
    says: "put files into canonical form, comments kept: fmt [FILE…] [--check]",
    load: async () => (await import("./fmt.ts")).fmt,
  },
  route: {
    says: "why a request goes where it goes: route MODEL [--key ID] [--fail PROVIDER=KIND[:N]] [--server URL] | --matrix",
    load: async () => (await import("./route.ts")).route,
  },
  test: {
    says: "the tests beside a routing file: test [FILE] [--coverage] [--fail-under N] [--mutate] [--run REGEX] [--format …]",
    load: async () => (await import("./test.ts")).test,
  },
  plan: {
    says: "what a change means: plan BASE [HEAD] [--format pretty|json|markdown] [--detailed-exitcode]",
    load: async () => (await import("./plan.ts")).plan,
  },
  replay: {
    says: "both configurations over recorded traffic: replay [HEAD] --db FILE | --trace FILE [--base FILE] [--gate]",
    load: async () => (await import("./replay.ts")).replay,
  },
  trace: {
    says: "recorded traffic for CI, anonymised: trace export [--since 24h]",
    load: async () => (await import("./trace.ts")).trace,
  },
  explain: {
    says: "what the code of a diagnostic means, with examples: explain [CODE]",
    load: async () => (await import("./explain.ts")).explain,
  },
  schema: {
    says: "print the JSON Schema of routes.yaml: schema [--tests]",
    load: async () => (await import("./schema.ts")).schema,
  },
  import: {
    says: "from another gateway's file to a routes.yaml: import FILE [--from FORMAT] [--out FILE] [--report pretty|json]",
    load: async () => (await import("./import.ts")).importCommand,
  },
  models: {
    says: "list what clients can ask for, and whether it is ready: models [--json]",
    load: async () => (await import("./models.ts")).models,
  },
  probe: {
    says: "ask each target of a model, or of all of them: probe [MODEL] [--timeout TIME] [--json]",
    load: async () => (await import("./probe.ts")).probe,
  },
  chat: {
    says: "ask a model once, without a server: chat [MODEL] MESSAGE [--system TEXT] [--json]",
    load: async () => (await import("./chat.ts")).chat,
  },
  status: {
    says: "what a running gateway serves, and what its source came to; exit 1 when that was refused: status [--json]",
    load: async () => (await import("./status.ts")).status,
  },
  history: {
    says: "which configuration served when: history [--limit N] [--json]",
    load: async () => (await import("./history.ts")).history,
  },
  rollback: {
    says: "serve what was good before, and quarantine what was not: rollback [--to N] --reason TEXT",
    load: async () => (await import("./orders.ts")).orders.rollback,
  },
  promote: {
    says: "end the canary as good: promote",
    load: async () => (await import("./orders.ts")).orders.promote,
  },
  pin: {
    says: "keep one generation serving: pin [GEN]",
    load: async () => (await import("./orders.ts")).orders.pin,
  },
  unpin: {
    says: "listen to the source again: unpin",
    load: async () => (await import("./orders.ts")).orders.unpin,
  },
  suspend: {
    says: "take nothing from the source for a while: suspend [--for 2h]",
    load: async () => (await import("./orders.ts")).orders.suspend,
  },
  resume: {
    says: "end a suspension: resume",
    load: async () => (await import("./orders.ts")).orders.resume,
  },
  sync: {
    says: "look at the source now: sync [--force]",
    load: async () => (await import("./orders.ts")).orders.sync,
  },
  disable: {
    says: "take a provider, target, model or key away at once: disable KIND NAME [--for 2h] --reason TEXT",
    load: async () => (await import("./orders.ts")).orders.disable,
  },
  enable: {
    says: "give it back: enable KIND NAME",
    load: async () => (await import("./orders.ts")).orders.enable,
  },
  logs: {
    says: "the log files: logs tail [--follow] | logs grep REQUEST_ID",
    load: async () => (await import("./logs.ts")).logs,
  },
};

/** Takes its arguments and where it stands, by default this process; returns the process's exit code. */
export type Command = (args: readonly string[], shell?: Shell) => Promise<number>;

export const commandNames: readonly string[] = Object.keys(commands);

/** Runs the command that the arguments name; flags alone mean `serve`. */
export async function run(args: readonly string[], shell: Shell = processShell()): Promise<number> {
  const [first, ...rest] = args;
  if (first === "help" || first === "--help" || first === "-h") {
    await shell.out.write(`${usage()}\n`);
    return exit.ok;
  }
  if (first === undefined || first.startsWith("-")) return execute("serve", args, shell);
  return execute(first, rest, shell);
}

async function execute(name: string, args: readonly string[], shell: Shell): Promise<number> {
  const command = Object.hasOwn(commands, name) ? commands[name] : undefined;
  if (command === undefined) {
    await shell.err.write(`${JSON.stringify(name)} is no command.\n${usage()}\n`);
    return exit.usage;
  }
  const perform = await command.load();
  return performOrTell(() => perform(args, shell), shell);
}

/** What a command throws is a bug in it, and no verdict on what it was given. */
export async function performOrTell(perform: () => Promise<number>, shell: Shell): Promise<number> {
  try {
    return await perform();
  } catch (error) {
    const what = error instanceof Error ? (error.stack ?? error.message) : String(error);
    await shell.err.write(`This is a bug in Switchyard: ${what}\n`);
    return exit.internal;
  }
}

const usage = (): string =>
  [
    "bun run src/index.ts [command]",
    "",
    ...Object.entries(commands).map(([name, { says }]) => `  ${name.padEnd(10)} ${says}`),
  ].join("\n");
