import { afterAll, beforeAll, expect, test } from "bun:test";
import { directories } from "../../support/scratch.ts";
import { round } from "./rounds.ts";
import { stages } from "./stages.ts";
import { settle, type World, worldIn } from "./world.ts";

const { make, remove } = directories();
let world: World;
beforeAll(async () => {
  world = worldIn(make(), null);
  world.say({ number: world.next() });
  await world.start();
  await settle(world, { number: world.next() }, "active");
});
afterAll(async () => {
  await world.stop();
  remove();
});

/** `bun run test:kill` does so fifty times in every stage, with a repository too. */
test.each(["active", "rollback", "disable"])(
  "SIGKILL during %s loses nothing that was acknowledged, and what starts again serves",
  async (name) => {
    const stage = stages[name];
    if (stage === undefined) throw new Error(`no stage ${name}`);
    expect(await round(world, stage)).toEqual([]);
  },
  10_000,
);
