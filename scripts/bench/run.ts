import { aimAt, ask, type Mock, type Running } from "./bring_up.ts";
import { canPin, coreMicros, cpuMicros } from "./child.ts";
import { median } from "./figures.ts";
import type { Sample } from "./load.ts";
import type { Contender, Options } from "./options.ts";
import { type ScenarioName, scenarios } from "./scenarios.ts";
import { getBytes } from "./wire.ts";

/** Every round goes through all scenarios, every scenario through all contenders. */
export async function measureAll(
  running: readonly Running[],
  asked: Options,
  mock: Mock,
): Promise<ReadonlyMap<Contender, Partial<Record<ScenarioName, Sample>>>> {
  const quiet = new URL(`${mock.base}/streams`);
  const found = new Map(
    running.map(({ contender }) => [contender, {} as Partial<Record<ScenarioName, Sample[]>>]),
  );
  for (let round = 1; round <= asked.rounds; round += 1) {
    for (const scenario of scenarios) {
      for (const each of running) {
        const { contender, launch } = each;
        const aim = aimAt(launch, scenario.model, scenario.bodyBytes);
        const sample = await undisturbed(() => scenario.run(aim, asked), each, quiet).catch(() => lost(each));
        const own = found.get(contender);
        if (own !== undefined) own[scenario.name] = [...(own[scenario.name] ?? []), sample];
      }
      console.error(`round ${round} of ${asked.rounds}: ${scenario.name} done`);
    }
  }
  return new Map(
    [...found].map(([contender, own]) => {
      const medians = Object.entries(own).map(([name, samples]) => [name, median(samples)]);
      return [contender, Object.fromEntries(medians)];
    }),
  );
}

/** A contender that has ended, or takes no connection, fails its sample and not the run. */
function lost({ contender, launch: { child } }: Running): Sample {
  console.error(`${contender} ${child.exited() ? "has ended" : "takes no connection"}. ${child.complaint()}`);
  return { errors: 1 };
}

/** A sample is taken again, twice at most, when other processes had more than a tenth of the gateway's core meanwhile. */
async function undisturbed(
  measure: () => Promise<Sample>,
  { contender, launch: { child } }: Running,
  quiet: URL,
): Promise<Sample> {
  for (let attempt = 1; ; attempt += 1) {
    const [from, core, own] = [performance.now(), coreMicros(), cpuMicros(child.pid)];
    const sample = await measure();
    const foreign = coreMicros() - core - (cpuMicros(child.pid) - own);
    const share = foreign / 1000 / (performance.now() - from);
    await untilQuiet(quiet);
    if (!canPin || contender === "direct" || share < 0.1) return sample;
    console.error(
      `other processes took ${Math.round(share * 100)} % of the gateway's core${attempt < 3 ? "; again" : ""}`,
    );
    if (attempt === 3) return sample;
  }
}

/** Streams that a gateway goes on reading after its client has left would be charged to the next one. */
async function untilQuiet(streams: URL): Promise<void> {
  const until = performance.now() + 15_000;
  await Bun.sleep(100);
  while (performance.now() < until && !(await ask(streams, getBytes(streams))).text.includes('"active":0')) {
    await Bun.sleep(100);
  }
}
