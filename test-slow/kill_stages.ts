import { parseArgs } from "node:util";
import { round } from "../test/rollout/kill/rounds.ts";
import { stages } from "../test/rollout/kill/stages.ts";
import { settle, type World, worldIn } from "../test/rollout/kill/world.ts";
import { startGitServer } from "../test/support/git_server.ts";
import { directories } from "../test/support/scratch.ts";

/**
 * Kills a gateway with SIGKILL at random moments of each stage of a generation's way, with a file and with a repository as
 * its source, and looks at what the next process makes of it. Exits with 1 when anything that was acknowledged is lost,
 * anything serves that must not, or nothing does.
 *
 *   bun test-slow/kill_stages.ts [--rounds 50] [--stage NAME] [--source file|git]
 */
const { values } = parseArgs({
  options: {
    rounds: { type: "string", default: "50" },
    stage: { type: "string" },
    source: { type: "string" },
  },
});
const rounds = Number(values.rounds);
const names = Object.keys(stages).filter((name) => (values.stage ?? name) === name);
const kinds = (["file", "git"] as const).filter((kind) => (values.source ?? kind) === kind);

const server = startGitServer();
const { make, remove } = directories();
/** What the gate's replay goes through. */
const recorded = 3_000;

async function begin(kind: "file" | "git"): Promise<World> {
  const world = worldIn(make(), kind === "git" ? server.repository("routes.git") : null);
  world.say({ number: world.next() });
  await world.start();
  for (let asked = 0; asked < recorded; asked += 50)
    await Promise.all(Array.from({ length: 50 }, async () => (await world.ask()).text()));
  await settle(world, { number: world.next() }, "active");
  return world;
}

let failures = 0;
for (const kind of kinds) {
  const world = await begin(kind);
  for (const name of names) {
    const stage = stages[name];
    if (stage === undefined) continue;
    const wrong: string[] = [];
    const times = kind === "file" ? Math.ceil(rounds / kinds.length) : Math.floor(rounds / kinds.length);
    for (let done = 0; done < times; done++) wrong.push(...(await round(world, stage)));
    failures += wrong.length;
    console.log(`${wrong.length === 0 ? " " : "✗"} ${kind} ${name.padEnd(22)} ${times} kills`);
    for (const each of wrong) console.log(`    ${each}`);
  }
  await world.stop();
}
server.stop();
remove();
process.exit(failures === 0 ? 0 : 1);
