import { type Expected, type Stage, type Status, tidy } from "./stages.ts";
import { isWhole, servedBy, type World } from "./world.ts";

/** What can be read of a gateway from outside. */
interface Seen {
  readonly status: Status;
  readonly history: readonly Status[];
  readonly served: number;
}

/** As it stands at one moment: asked again where something went live in between. */
async function see(world: World): Promise<Seen> {
  const before = (await world.admin("status")).body;
  const served = await servedBy(world);
  const history = (await world.admin("history?limit=200")).body.generations;
  const status = (await world.admin("status")).body;
  const isSame = (of: (status: Status) => unknown) => of(before) === of(status);
  const isStill = isSame(({ active }) => active.generation) && isSame(({ canary }) => canary?.generation);
  return isStill ? { status, history, served } : see(world);
}

/** What limits count is on disk within a second; a busy machine gets another. */
const durableMs = 2_000;

/** One kill in a stage; resolves to everything that was not as it has to be. */
export async function round(world: World, stage: Stage): Promise<readonly string[]> {
  const blow = await stage.prepare(world);
  const before = await see(world);
  const counted: { readonly at: number; readonly used: number }[] = [];
  const sample = async () => {
    counted.push({ at: performance.now(), used: await world.used() });
  };
  await sample();
  const expected = blow.begin();
  const { fromMs = 0, takesMs } = blow;
  const until = performance.now() + fromMs + Math.random() * (takesMs - fromMs);
  while (performance.now() < until) {
    if (blow.whileWaiting === undefined) await Bun.sleep(until - performance.now());
    else await blow.whileWaiting(sample);
  }
  const known = expected();
  await world.kill();
  const killedAt = performance.now();
  const broken = (["state", "switchyard"] as const).filter((name) => !isWhole(world, name));
  await world.start();
  const answered = await world.ask();
  await answered.text();
  const after = await see(world);
  const owed = counted.filter(({ at }) => at < killedAt - durableMs).map(({ used }) => used);
  const used = await world.used();
  const wrong = [
    ...broken.map((name) => `${name}.sqlite is broken`),
    ...(answered.status === 200 ? [] : [`a request was answered with ${answered.status}`]),
    ...(used < Math.max(0, ...owed) ? [`limits went from ${Math.max(...owed)} back to ${used}`] : []),
    ...wrongIn(before, after, known),
  ];
  await tidy(world);
  return wrong;
}

/** Generations before this one may have been forgotten in favour of newer ones. */
const kept = 45;

function wrongIn(before: Seen, after: Seen, { mayServe, kept: orders }: Expected): readonly string[] {
  const { status, history, served } = after;
  const numbersIn = (state: string) =>
    history.flatMap((each) => (each.state === state ? [String(each.generation)] : [])).join();
  const says = (isRight: boolean, what: string) => (isRight ? [] : [what]);
  const [active, canary] = [numbersIn("active"), numbersIn("canary")];
  return [
    ...says(mayServe.includes(served), `version ${served} serves, and not ${mayServe.join(" or ")}`),
    ...says(
      orders.every((isKept) => isKept(status)),
      "an order that was acknowledged is lost",
    ),
    ...says(active === String(status.active.generation), `history has ${active || "nothing"} as active`),
    ...says(canary === String(status.canary?.generation ?? ""), `history has ${canary || "no"} canary`),
    ...says(new Set(history.map(({ generation }) => generation)).size === history.length, "a number twice"),
    ...lost(before.history, history).map((each) => `generation ${each.generation} (${each.state}) is lost`),
  ];
}

/** Generations that are no longer there, or are others than they were. What was refused stays so. */
function lost(before: readonly Status[], after: readonly Status[]): readonly Status[] {
  const newest = Math.max(...after.map(({ generation }) => generation));
  const isSame = (old: Status) => (now: Status) =>
    now.generation === old.generation &&
    now.digest === old.digest &&
    (old.state !== "rejected" || now.state === old.state);
  return before.filter((old) => old.generation > newest - kept && !after.some(isSame(old)));
}
