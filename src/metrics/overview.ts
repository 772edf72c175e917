import type { EpochMs } from "../core/units.ts";
import type { LimitName } from "../domain/limits.ts";
import type { Subject } from "./rollup/cubes.ts";
import { sweep } from "./rollup/sweep.ts";
import type { Store } from "./store.ts";
import { noCount, type Tally, tallyOf } from "./tally.ts";
import { rfc3339, type Window, windowOf } from "./window.ts";

/** The tallies of `/metrics`. */
export interface Tallies {
  /** Since the database was begun, whatever retention deleted since. */
  readonly totals: Tally;
  readonly last_minute: Tally;
  readonly last_hour: Tally;
  readonly last_day: Tally;
  /** By provider; of attempts, in the last hour. */
  readonly providers: ReadonlyMap<string, Tally>;
}

/** What the rest of the gateway knows about now. */
export interface OverviewFacts {
  readonly now: EpochMs;
  readonly startedAt: EpochMs;
  readonly generation: number;
  readonly digest: string;
  readonly inFlight: number;
  readonly providers: readonly ProviderFacts[];
}

/** One provider as it stands. */
export interface ProviderFacts {
  readonly provider: string;
  readonly healthy: boolean;
  readonly circuit: "closed" | "half_open" | "open";
  readonly limits: readonly { readonly limit: LimitName; readonly used: number; readonly of: number }[];
}

/** The answer of `/metrics`. */
export type Overview = Omit<Tallies, "providers"> & {
  readonly now: string;
  readonly uptime_s: number;
  readonly generation: number;
  readonly digest: string;
  readonly in_flight: number;
  readonly providers: readonly (ProviderFacts & Tally)[];
};

const lengths = { last_minute: 1 / 60, last_hour: 1, last_day: 24 } as const;

/** Reads the tallies. */
export async function queryTallies(store: () => Store, now: EpochMs): Promise<Tallies> {
  const last = (hours: number) => windowOf({ hours }, now);
  const of = async (window: Window) => (await talliesIn(store, window, "requests"))[0]?.[1] ?? nothing;
  return {
    totals: tallyOf(store().totals()),
    last_minute: await of(last(lengths.last_minute)),
    last_hour: await of(last(lengths.last_hour)),
    last_day: await of(last(lengths.last_day)),
    providers: new Map(await talliesIn(store, last(lengths.last_hour), "attempts")),
  };
}

/** The tally of all requests that arrived in [from, until). */
export async function queryTally(store: () => Store, from: EpochMs, until: EpochMs): Promise<Tally> {
  const [found] = await talliesIn(store, { from, until, to: until }, "requests");
  return found?.[1] ?? nothing;
}

const nothing = tallyOf(noCount());

/** One tally of requests, or one for each provider that was tried. */
async function talliesIn(
  store: () => Store,
  { from, until }: Window,
  of: Subject,
): Promise<readonly (readonly [string, Tally])[]> {
  const tallies: (readonly [string, Tally])[] = [];
  const times = { of, from, until, where: [], by: null, starts: [from], unit: "day" } as const;
  await sweep(store, times, (_, groups) => {
    for (const { values, count } of groups) tallies.push([values.join(), tallyOf(count)]);
  });
  return tallies;
}

/** Puts the answer of `/metrics` together; a provider that nobody tried has an empty tally. */
export function overviewOf(tallies: Tallies, facts: OverviewFacts): Overview {
  return {
    now: rfc3339(facts.now),
    uptime_s: Math.floor((facts.now - facts.startedAt) / 1000),
    generation: facts.generation,
    digest: facts.digest,
    in_flight: facts.inFlight,
    totals: tallies.totals,
    last_minute: tallies.last_minute,
    last_hour: tallies.last_hour,
    last_day: tallies.last_day,
    providers: facts.providers.map((facts) => ({
      ...facts,
      ...(tallies.providers.get(facts.provider) ?? nothing),
    })),
  };
}
