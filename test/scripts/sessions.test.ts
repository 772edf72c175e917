import { beforeAll, describe, expect, test } from "bun:test";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { runSessions } from "../../scripts/readme/run.ts";
import { type Command, isShown, renewed, sessionsIn, timeless } from "../../scripts/readme/sessions.ts";

const readme = readFileSync(join(import.meta.dir, "../../README.md"), "utf8");
const sessions = sessionsIn(readme);

describe("what the README shows of a terminal is what is printed", () => {
  let printed: ReadonlyMap<Command, readonly string[]>;
  beforeAll(async () => {
    printed = await runSessions(sessions);
  }, 60_000);

  test.each(
    sessions.flatMap(({ line, commands }) =>
      commands.map((command) => [line, command.text, command] as const),
    ),
  )("in line %d: %s", (_, __, command) => {
    const now = printed.get(command) ?? [];
    // `bun scripts/readme.ts` writes it anew.
    if (!isShown(command.output, now)) expect(now.join("\n")).toBe(command.output.join("\n"));
  });
});

const guide = [
  "```console",
  "$ bun run src/index.ts help | head -1",
  "bun run src/index.ts [command]",
  "",
  "$ echo $?; cd schemas",
  "0",
  "",
  "$ ls \\",
  "> routes.schema.json",
  "stale",
  "$ false",
  "$ echo $? took 12 ms",
  "1 took 340 ms",
  "```",
  "```console",
  "$ docker compose up",
  "```",
].join("\n");

describe("sessions", () => {
  test("are the console blocks that call this program", () => {
    expect(sessionsIn(guide).map(({ commands }) => commands.map(({ text }) => text))).toEqual([
      [
        "bun run src/index.ts help | head -1",
        "echo $?; cd schemas",
        "ls \\\nroutes.schema.json",
        "false",
        "echo $? took 12 ms",
      ],
    ]);
    expect(sessions.length).toBeGreaterThan(0);
  });

  test("are run in one shell, and what is stale is renewed", async () => {
    const now = renewed(guide, await runSessions(sessionsIn(guide)));
    expect(now).toBe(guide.replace("stale", "routes.schema.json"));
  });

  test.each([
    [["a", "b"], ["a", "b"], true],
    [["a"], ["a", "b"], false],
    [["a", "b"], ["a"], false],
    [[], [], true],
    [[], ["a"], false],
    [["…"], ["a", "b"], true],
    [["…"], [], true],
    [["a", "…", "d"], ["a", "b", "c", "d"], true],
    [["a", "…", "d"], ["a", "b"], false],
    [["took 3 ms"], ["took 1,204.5 ms"], true],
    [["took 3 ms"], ["took 1.2 s"], true],
    [["used 3"], ["used 4"], false],
    [["git:main (c162a1ff) → routes.yaml"], ["git:main (74187085) → routes.yaml"], true],
    [["at 2026-01-01T00:00:00Z"], ["at 2027-05-05T12:30:00.123Z"], true],
  ])("%j shows %j: %p", (shown, printed, is) => {
    expect(isShown(shown, printed)).toBe(is);
  });

  test("leave alone what is no time", () => {
    const line = "rpm 500, $2.50, routes.yaml:3:15, gpt-4s, a 12-min";
    expect(timeless(line)).toBe(line);
  });
});
