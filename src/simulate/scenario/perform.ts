import type { Disableable } from "../../domain/route.ts";
import type { Snapshot } from "../../domain/snapshot.ts";
import { VirtualClock } from "../clock.ts";
import { worldOf } from "../world.ts";
import type { Case } from "./case.ts";
import { playerOf, type Variant } from "./player.ts";
import type { Sent } from "./sent.ts";
import { spend } from "./spent.ts";

/** Lets whoever else there is have a turn. */
export type Pause = () => Promise<void>;

/** After this many requests of a case. */
const breath = 100;

/** Plays a case in a fresh world; every request that was sent, in order. */
export async function perform(
  snapshot: Snapshot,
  scene: Case,
  variant: Variant,
  pause?: Pause,
): Promise<readonly Sent[]> {
  const { given, send } = scene;
  const clock = new VirtualClock(given.at);
  const world = worldOf(snapshot, { clock, overrides: takenAway(given.disabled) });
  spend(snapshot, world.ledger, given.spent, given.at);
  const play = playerOf(world, scene, variant);
  const sent: Sent[] = [];
  for (let index = 0; index < send.repeat; index++) {
    if (index % breath === breath - 1) await pause?.();
    await clock.advance(given.at + index * send.everyMs);
    clock.begin(async () => {
      sent[index] = await play(index);
    });
  }
  await clock.finish();
  return sent;
}

/** What people took away, as the plan asks for it. */
export function takenAway(disabled: readonly Disableable[]) {
  const names = new Set(disabled.map(({ kind, name }) => `${kind} ${name}`));
  const because = { reason: "the test says so" };
  return ({ kind, name }: Disableable) => (names.has(`${kind} ${name}`) ? because : null);
}
