import type { DurationMs, EpochMs } from "../core/units.ts";
import type { LimitName } from "../domain/limits.ts";
import type { Sqlite } from "../runtime/sqlite.ts";
import { scanAttempts, scanRequests } from "./scan.ts";
import { addTo, type Count, noCount, type Tally, tallyOf } from "./tally.ts";
import { rfc3339 } from "./window.ts";

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

const minute: DurationMs = 60_000;
const hour: DurationMs = 60 * minute;
const day: DurationMs = 24 * hour;

/** Reads the tallies, the last day in one pass. */
export async function queryTallies(
  database: () => Sqlite,
  totals: () => Count,
  now: EpochMs,
): Promise<Tallies> {
  const until = Math.floor(now) + 1;
  const [lastMinute, lastHour, lastDay] = [noCount(), noCount(), noCount()];
  const since = (length: DurationMs): EpochMs => Math.floor(now) - length;
  await scanRequests(database, { from: since(day), until, where: [], by: null }, (row) => {
    addTo(lastDay, row);
    if (row.arrived_at >= since(hour)) addTo(lastHour, row);
    if (row.arrived_at >= since(minute)) addTo(lastMinute, row);
  });

  const providers = new Map<string, Count>();
  await scanAttempts(database, since(hour), until, (provider, attempt) => {
    const count = providers.get(provider) ?? noCount();
    providers.set(provider, count);
    addTo(count, attempt);
  });
  return {
    totals: tallyOf(totals()),
    last_minute: tallyOf(lastMinute),
    last_hour: tallyOf(lastHour),
    last_day: tallyOf(lastDay),
    providers: new Map([...providers].map(([provider, count]) => [provider, tallyOf(count)])),
  };
}

/** The tally of all requests that arrived in [from, until). */
export async function queryTally(database: () => Sqlite, from: EpochMs, until: EpochMs): Promise<Tally> {
  const count = noCount();
  await scanRequests(database, { from, until, where: [], by: null }, (row) => addTo(count, row));
  return tallyOf(count);
}

/** Puts the answer of `/metrics` together; a provider that nobody tried has an empty tally. */
export function overviewOf(tallies: Tallies, facts: OverviewFacts): Overview {
  const empty = tallyOf(noCount());
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
      ...(tallies.providers.get(facts.provider) ?? empty),
    })),
  };
}
