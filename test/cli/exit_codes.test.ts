import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { commandNames, performOrTell, run } from "../../src/cli/run.ts";
import { plain, type Shell } from "../../src/cli/shell.ts";
import { recordTraffic, snapshotOf } from "../simulate/replay/traffic.ts";
import { keptShell } from "./shell.ts";

setDefaultTimeout(20_000);

const scratch = mkdtempSync(join(tmpdir(), "switchyard-exit-"));
afterAll(() => rmSync(scratch, { recursive: true, force: true }));

function file(name: string, text: string): string {
  const path = join(scratch, name);
  writeFileSync(path, text);
  return path;
}
const yaml = (rpm: number) => `version: 1
auth: { keys: [{ id: a, secret: env:A_KEY, limits: { rpm: ${rpm} } }] }
providers:
  p: { kind: simulated, models: { "*": { price: free } } }
  q: { kind: simulated, fail: [{ kind: server, rate: 100% }], models: { "*": { price: free } } }
models: { m: { targets: [p/x, q/x] } }
failover: { default: { retries: 0 } }
gates: { replay: { since: 2h, max_newly_refused: 1% } }
`;
const good = file("good.yaml", yaml(600));
const tight = file("tight.yaml", yaml(1));
const warned = file(
  "warned.yaml",
  yaml(600)
    .replace("models: { m", "models: { one: { targets: [z/y] }, m")
    .replace("  q:", "  z: { kind: openai, base_url: http://127.0.0.1:1 }\n  q:"),
);
const down = file("down.yaml", yaml(600).replace("[p/x, q/x]", "[q/x, q/y]"));
const bad = file("bad.yaml", yaml(600).replace("p/x", "r/x"));
const none = join(scratch, "none.yaml");
const tests = (name: string, wants: string) =>
  file(
    name,
    `version: 1\ntests: [{ name: it, send: { model: m, key: a }, expect: { provider: ${wants} } }]\n`,
  );
tests("good.test.yaml", "p");
tests("tight.test.yaml", "q");
const db = join(scratch, "switchyard.sqlite");
const foreign = file(
  "foreign.yaml",
  "model_list: [{ model_name: m, litellm_params: { model: openai/gpt-4o } }]\n",
);
const unknown = file("unknown.yaml", "colour: blue\n");
const nowhere = "http://127.0.0.1:1";
beforeAll(() => recordTraffic(db, snapshotOf(yaml(600)), { requests: 60, everyMs: 300 }));

/** What a command ends with, in whichever of its formats: what happens, its words, and the code. */
interface Row {
  readonly command: string;
  readonly formats: readonly (readonly string[])[];
  readonly ends: readonly (readonly [what: string, args: readonly string[], code: number])[];
}

const named = (...names: readonly string[]) => names.map((name) => ["--format", name]);
const json = [[], ["--json"]];
const usual = (args: readonly string[]) => [["a flag that there is not", [...args, "--loud"], 64]] as const;

const table: readonly Row[] = [
  {
    command: "validate",
    formats: named("pretty", "json", "github", "sarif", "junit"),
    ends: [
      ["nothing wrong", [good, "--strict"], 0],
      ["warnings", [warned], 0],
      ["warnings, strictly", [warned, "--strict"], 3],
      ["errors", [bad], 1],
      ["errors and warnings, strictly", [bad, warned, "--strict"], 1],
      ["no file", [none], 64],
      ...usual([good]),
    ],
  },
  {
    command: "test",
    formats: named("pretty", "json", "github", "junit"),
    ends: [
      ["what holds", [good], 0],
      ["what does not", [tight], 1],
      ["too little coverage", [good, "--fail-under", "100"], 1],
      ["mutants that survive", [good, "--mutate"], 1],
      ["a wrong file", [bad], 1],
      ["no tests", [warned], 64],
      ["no file", [none], 64],
      ...usual([good]),
    ],
  },
  {
    command: "plan",
    formats: named("pretty", "json", "markdown"),
    ends: [
      ["no changes", [good, good, "--detailed-exitcode"], 0],
      ["changes", [good, tight], 0],
      ["changes, in detail", [good, tight, "--detailed-exitcode"], 2],
      ["a wrong file", [good, bad, "--detailed-exitcode"], 1],
      ["no file", [good, none], 64],
      ["no base", [], 64],
      ["a gateway out of reach", [nowhere, good], 69],
      ...usual([good, good]),
    ],
  },
  {
    command: "replay",
    formats: named("pretty", "json", "markdown"),
    ends: [
      ["the same", [good, "--base", good, "--db", db, "--gate"], 0],
      ["more refused, without the gate", [tight, "--base", good, "--db", db], 0],
      ["more refused than the gate allows", [tight, "--base", good, "--db", db, "--gate"], 1],
      ["a wrong file", [bad, "--base", good, "--db", db], 1],
      ["no database", [good, "--base", good, "--db", none], 64],
      ["a base out of reach", [good, "--base", nowhere, "--db", db], 69],
      ...usual([good]),
    ],
  },
  {
    command: "route",
    formats: [...json, ...named("pretty", "json")],
    ends: [
      ["an answer", ["m", "--config", good], 0],
      ["an answer in every outage", ["--matrix", "--config", good], 0],
      ["no answer", ["m", "--config", good, "--fail", "p=server", "--fail", "q=server"], 1],
      ["no answer in some outage", ["--matrix", "--config", warned], 1],
      ["no such model", ["n", "--config", good], 1],
      ["a wrong file", ["m", "--config", bad], 1],
      ["no file", ["m", "--config", none], 64],
      ["a gateway out of reach", ["m", "--server", nowhere], 69],
      ...usual(["m", "--config", good]),
    ],
  },
  {
    command: "explain",
    formats: json,
    ends: [["all codes", [], 0], ["a code", ["unknown_key"], 0], ["no code", ["nonsense"], 64], ...usual([])],
  },
  {
    command: "import",
    formats: [
      ["--report", "pretty"],
      ["--report", "json"],
    ],
    ends: [
      ["what can come over", [foreign], 0],
      ["what has no known shape", [unknown], 1],
      ["no file", [none], 64],
      ...usual([foreign]),
    ],
  },
  {
    command: "models",
    formats: json,
    ends: [
      ["models", ["--config", good], 0],
      ["a wrong file", ["--config", bad], 1],
      ["no file", ["--config", none], 64],
      ...usual([]),
    ],
  },
  {
    command: "probe",
    formats: json,
    ends: [
      ["an answer", ["m", "--config", good], 0],
      ["no answer", ["m", "--config", down], 1],
      ["a wrong file", ["--config", bad], 1],
      ["no file", ["--config", none], 64],
      ...usual([]),
    ],
  },
  {
    command: "chat",
    formats: json,
    ends: [
      ["an answer", ["m", "hello", "--config", good], 0],
      ["no answer", ["m", "hello", "--config", down], 1],
      ["a wrong file", ["m", "hello", "--config", bad], 1],
      ["no file", ["m", "hello", "--config", none], 64],
      ...usual(["m", "hello"]),
    ],
  },
  // What a gateway answers is held in test/cli/orders.test.ts and status.test.ts.
  ...["status", "history", "rollback", "promote", "pin", "unpin", "suspend", "resume", "sync"].map(
    (command) => ofGateway(command, []),
  ),
  ...["disable", "enable"].map((command) => ofGateway(command, ["provider", "p"])),
];

function ofGateway(command: string, args: readonly string[]): Row {
  const ends = [["a gateway out of reach", [...args, "--server", nowhere], 69] as const, ...usual(args)];
  return { command, formats: json, ends };
}

/** A shell like a pipe that is slow to be read: what is not waited for is still under way when a command ends. */
function slowShell(): { readonly shell: Shell; readonly underWay: () => number; readonly out: () => string } {
  let [underWay, out] = [0, ""];
  const channel = (keeps: boolean) => ({
    isTerminal: false,
    paint: plain,
    write: async (text: string) => {
      underWay++;
      await new Promise((resolve) => setImmediate(resolve));
      underWay--;
      if (keeps) out += text;
    },
  });
  const environment = { PATH: process.env["PATH"], A_KEY: "the-key", ADMIN_KEY: "another" };
  return {
    shell: { environment, out: channel(true), err: channel(false), read: async () => "" },
    underWay: () => underWay,
    out: () => out,
  };
}

describe.each(table.map((row) => [row.command, row] as const))(
  "%s ends with the same code in every format",
  (_, row) => {
    test.each([...row.ends])("%s", async (_what, args, code) => {
      for (const format of row.formats) {
        const { shell, underWay } = slowShell();
        expect([format, await run([row.command, ...args, ...format], shell)]).toEqual([format, code]);
        expect([format, underWay()]).toEqual([format, 0]);
      }
    });
  },
);

test("every command that has formats is among them", async () => {
  const having: string[] = [];
  for (const name of commandNames.filter((each) => each !== "serve")) {
    const kept = keptShell();
    await run([name, "--help"], kept.shell);
    if (/^ {2}--(format|json|report)\b/m.test(kept.out())) having.push(name);
  }
  expect(having.sort()).toEqual(table.map(({ command }) => command).sort());
});

describe("what belongs to no command", () => {
  test.each([
    [["help"], 0, /^bun run src\/index\.ts \[command\]\n/, /^$/],
    [["--help"], 0, /validate/, /^$/],
    [["nonsense"], 64, /^$/, /^"nonsense" is no command\.\n/],
    [["__proto__"], 64, /^$/, /is no command/],
  ] as const)("%j ends with %d", async (args, code, out, err) => {
    const kept = keptShell();
    expect(await run(args, kept.shell)).toBe(code);
    expect(kept.out()).toMatch(out);
    expect(kept.err()).toMatch(err);
  });

  test("a bug is told as one, and is no verdict", async () => {
    const kept = keptShell();
    const code = await performOrTell(async () => {
      throw new TypeError("undefined is not a function");
    }, kept.shell);
    expect(code).toBe(70);
    expect(kept.out()).toBe("");
    expect(kept.err()).toStartWith("This is a bug in Switchyard: TypeError: undefined is not a function\n");
  });
});

test("more than a pipe holds reaches a slow reader to the last byte, before the process ends", async () => {
  const kept = keptShell();
  await run(["schema"], kept.shell);
  expect(kept.out().length).toBeGreaterThan(2 * 64 * 1024);
  const child = Bun.spawn([process.execPath, join(import.meta.dir, "../../src/index.ts"), "schema"], {
    env: { PATH: process.env["PATH"] ?? "" },
    stdout: "pipe",
  });
  let text = "";
  const decoder = new TextDecoder();
  for await (const piece of child.stdout) {
    await new Promise((resolve) => setTimeout(resolve, 1));
    text += decoder.decode(piece, { stream: true });
  }
  expect(await child.exited).toBe(0);
  expect(text === kept.out()).toBe(true);
});
