import { type Aim, firstByte, fixedRate, type Sample, streams, throughput } from "./load.ts";
import type { Options } from "./options.ts";
import { type Model, models } from "./wire.ts";

/** One thing to measure. All contenders take their turn before the next one begins, so drift hits them alike. */
export interface Scenario {
  readonly name: ScenarioName;
  readonly model: Model;
  readonly bodyBytes: number;
  readonly run: (aim: Aim, options: Options) => Promise<Sample>;
}

const small = 1024;
const large = 100 * 1024;

/** The fixed rate of the latency figures, requests per second. */
export const ratePerSecond = 500;
/** Clients that wait for the slow upstream at a time. */
export const slowClients = 600;

const load =
  (connections: number) =>
  (aim: Aim, { warmMs, measureMs }: Options) =>
    throughput(aim, connections, warmMs, measureMs);

const table = {
  c1: { model: models.plain, bodyBytes: small, run: load(1) },
  c32: { model: models.plain, bodyBytes: small, run: load(32) },
  c256: { model: models.plain, bodyBytes: small, run: load(256) },
  large: { model: models.plain, bodyBytes: large, run: load(32) },
  rate: {
    model: models.plain,
    bodyBytes: small,
    run: (aim: Aim, { warmMs, measureMs }: Options) => fixedRate(aim, ratePerSecond, warmMs, measureMs),
  },
  first: {
    model: models.burst,
    bodyBytes: small,
    run: (aim: Aim, { warmMs, measureMs }: Options) => firstByte(aim, warmMs, measureMs),
  },
  streams: {
    model: models.paced,
    bodyBytes: small,
    run: (aim: Aim, { streams: count, warmMs, measureMs }: Options) => streams(aim, count, warmMs, measureMs),
  },
  slow: {
    model: models.slow,
    bodyBytes: small,
    // Whole rounds of half a second, after a first one to get into step.
    run: (aim: Aim, { measureMs }: Options) => throughput(aim, slowClients, 1000, Math.max(2000, measureMs)),
  },
} as const satisfies Record<string, Omit<Scenario, "name">>;

/** One key of the table of scenarios. */
export type ScenarioName = keyof typeof table;

/** Every scenario, in the order of the run. */
export const scenarios: readonly Scenario[] = (Object.keys(table) as ScenarioName[]).map((name) => ({
  name,
  ...table[name],
}));
