import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { recordTraffic, snapshotOf } from "../../test/simulate/replay/traffic.ts";
import type { Command, Session } from "./sessions.ts";

const root = join(import.meta.dir, "../..");
/** What sessions find beside the routing file that ships. */
const extras = join(root, "test/scripts/sessions");
/** What a user who has just cloned the project would have there. */
const shipped = ["routes.yaml", "routes.test.yaml", "schemas"];
/** Stands between the outputs of two commands. */
const mark = "\x1e";
const longestMs = 60_000;

/** Runs sessions as a user would, each in a copy of the project's files; what each command printed. */
export async function runSessions(
  sessions: readonly Session[],
  atOnce = 2,
): Promise<ReadonlyMap<Command, readonly string[]>> {
  const stories = Map.groupBy(sessions, ({ name, line }) => name ?? `line ${line}`);
  const left = [...stories.values()];
  const printed = new Map<Command, readonly string[]>();
  const work = async () => {
    for (let story = left.shift(); story !== undefined; story = left.shift()) {
      const commands = story.flatMap((session) => session.commands);
      const outputs = await play(commands);
      for (const [index, command] of commands.entries()) printed.set(command, outputs[index] ?? []);
    }
  };
  await Promise.all(Array.from({ length: atOnce }, work));
  return printed;
}

/** One shell for all commands, so that `cd`, variables and `$?` go on. */
async function play(commands: readonly Command[]): Promise<readonly (readonly string[])[]> {
  const directory = mkdtempSync(join(tmpdir(), "switchyard-session-"));
  for (const name of shipped.filter((each) => existsSync(join(root, each))))
    cpSync(join(root, name), join(directory, name), { recursive: true });
  if (existsSync(extras))
    for (const name of readdirSync(extras))
      cpSync(join(extras, name), join(directory, name), { recursive: true });
  for (const name of ["src", "scripts", "node_modules", "package.json"])
    symlinkSync(join(root, name), join(directory, name));
  const says = (word: RegExp) => commands.some(({ text }) => word.test(text));
  if (says(/\bgit\b/)) await commitAll(directory);
  if (says(/\b(replay|trace)\b/)) await recordYesterday(directory);

  const script = commands.map(({ text }) => `${text}\nlast=$?; printf '${mark}'; (exit $last)`).join("\n");
  const shell = Bun.spawn(["sh", "-c", `exec 2>&1\n${script}`], {
    cwd: directory,
    stdin: "ignore",
    stdout: "pipe",
    stderr: "ignore",
    timeout: longestMs,
    env: environmentIn(directory),
  });
  const text = await new Response(shell.stdout).text();
  rmSync(directory, { recursive: true, force: true });
  return text
    .replaceAll(`${directory}/`, "")
    .split(mark)
    .map((output) => output.replace(/\n+$/, "").split("\n"))
    .map((lines) => (lines.length === 1 && lines[0] === "" ? [] : lines));
}

/** As it would be in a clone. */
async function commitAll(directory: string): Promise<void> {
  const script = `git init -q -b main && git add routes.yaml routes.test.yaml && git commit -qm "What ships"`;
  await Bun.spawn(["sh", "-c", script], { cwd: directory, env: environmentIn(directory) }).exited;
}

/** What a gateway that serves the routing file that ships would have recorded. */
async function recordYesterday(directory: string): Promise<void> {
  mkdirSync(join(directory, "data"));
  const snapshot = snapshotOf(readFileSync(join(root, "routes.yaml"), "utf8"));
  const traffic = { requests: 240, everyMs: 1_500, model: "chat" };
  await recordTraffic(join(directory, "data/switchyard.sqlite"), snapshot, traffic);
}

/** No key is set, and what git makes is the same every time. */
const environmentIn = (directory: string): Record<string, string> => ({
  PATH: `${dirname(process.execPath)}:/usr/local/bin:/usr/bin:/bin`,
  HOME: directory,
  GIT_CONFIG_GLOBAL: "/dev/null",
  ...Object.fromEntries(
    ["AUTHOR", "COMMITTER"].flatMap((who) => [
      [`GIT_${who}_NAME`, "Ana"],
      [`GIT_${who}_EMAIL`, "ana@example.com"],
      [`GIT_${who}_DATE`, "2026-01-01T00:00:00Z"],
    ]),
  ),
});
