import { exit } from "./exit.ts";

/** Every command: one file, one line here. Loaded when asked for, so that `validate` starts no server. */
const commands: Readonly<Record<string, { readonly says: string; readonly load: () => Promise<Command> }>> = {
  serve: {
    says: "the gateway (what no command means)",
    load: async () => (await import("./serve.ts")).serve,
  },
  plan: {
    says: "what a change means: plan BASE [HEAD] [--format pretty|json|markdown] [--detailed-exitcode]",
    load: async () => (await import("./plan.ts")).plan,
  },
  logs: {
    says: "the log files: logs tail [--follow] | logs grep REQUEST_ID",
    load: async () => (await import("./logs.ts")).logs,
  },
  route: {
    says: "why a request goes where it goes: route MODEL [--key ID] [--fail PROVIDER=KIND[:N]] [--server URL] | --matrix",
    load: async () => (await import("./route.ts")).route,
  },
  replay: {
    says: "both configurations over recorded traffic: replay [HEAD] --db FILE | --trace FILE [--base FILE] [--gate]",
    load: async () => (await import("./replay.ts")).replay,
  },
  trace: {
    says: "recorded traffic for CI, anonymised: trace export [--since 24h]",
    load: async () => (await import("./trace.ts")).trace,
  },
  validate: {
    says: "every mistake of routing files: validate [FILE…] [--strict] [--format pretty|json|github|sarif|junit]",
    load: async () => (await import("./validate.ts")).validate,
  },
  test: {
    says: "the tests beside a routing file: test [FILE] [--coverage] [--fail-under N] [--mutate] [--run REGEX] [--format …]",
    load: async () => (await import("./test.ts")).test,
  },
  fmt: {
    says: "put files into canonical form, comments kept: fmt [FILE…] [--check]",
    load: async () => (await import("./fmt.ts")).fmt,
  },
  schema: {
    says: "print the JSON Schema of routes.yaml: schema [--tests]",
    load: async () => (await import("./schema.ts")).schema,
  },
  explain: {
    says: "what the code of a diagnostic means, with examples: explain [CODE]",
    load: async () => (await import("./explain.ts")).explain,
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
};

/** Takes its arguments, returns the process's exit code. */
export type Command = (args: readonly string[]) => Promise<number>;

/** Runs the command that the arguments name; flags alone mean `serve`. */
export async function run(args: readonly string[]): Promise<number> {
  const [first, ...rest] = args;
  if (first === "help" || first === "--help" || first === "-h") {
    console.log(usage());
    return exit.ok;
  }
  if (first === undefined || first.startsWith("-")) return execute("serve", args);
  return execute(first, rest);
}

async function execute(name: string, args: readonly string[]): Promise<number> {
  const command = Object.hasOwn(commands, name) ? commands[name] : undefined;
  if (command === undefined) {
    console.error(`${JSON.stringify(name)} is no command.\n${usage()}`);
    return exit.usage;
  }
  const perform = await command.load();
  return perform(args);
}

const usage = (): string =>
  [
    "bun run src/index.ts [command]",
    "",
    ...Object.entries(commands).map(([name, { says }]) => `  ${name.padEnd(10)} ${says}`),
  ].join("\n");
