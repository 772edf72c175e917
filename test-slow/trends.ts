import { mkdtempSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import type { RequestRow } from "../src/domain/journal.ts";
import { migrate } from "../src/metrics/migrations.ts";
import { prepareStore, type Store } from "../src/metrics/store.ts";
import { queryTrends } from "../src/metrics/trends.ts";
import { parseTrends } from "../src/metrics/trends_query.ts";
import { openSqlite } from "../src/runtime/sqlite.ts";
import { type Asked, anyRequest, compare, random } from "../test/metrics/rollup/oracle.ts";
import { keeping, packed, request } from "../test/metrics/traffic.ts";

/**
 * Two things that take too long for every run. Trends over rows with random times, written out of order, in random batches,
 * with restarts, kills and a database of the first version in between, must be what an independent computation gives. And a
 * year of hourly data for fifty models must be answered at once. Exits with 1 when it is wrong or slow.
 *
 *   bun test-slow/trends.ts [--rows 1000000] [--seed 1] [--most-ms 50]
 */
const { values } = parseArgs({
  options: {
    rows: { type: "string", default: "1000000" },
    seed: { type: "string", default: "1" },
    "most-ms": { type: "string", default: "50" },
  },
});
const directory = mkdtempSync(join(tmpdir(), "switchyard-trends-"));
const now = Date.parse("2027-03-29T12:34:56.789Z");
const [minute, hour, day] = [60_000, 3_600_000, 86_400_000];
const iso = (ms: number): string => new Date(ms).toISOString();

/** One database, opened again and again. */
class Database {
  readonly file: string;
  store: Store;

  constructor(name: string) {
    this.file = join(directory, name);
    this.store = this.#open();
  }

  /** As after kill -9: what was only in memory is gone. */
  reopen(): void {
    this.store.sqlite.close();
    this.store = this.#open();
  }

  async ask(query: string): Promise<string> {
    const parsed = parseTrends(new URLSearchParams(query), keeping, now);
    const answer = parsed.ok ? await queryTrends(() => this.store, parsed.value) : parsed;
    if (!answer.ok) throw new Error(`${query}: ${answer.error.message}`);
    return answer.value;
  }

  #open(): Store {
    const sqlite = openSqlite(this.file);
    migrate(sqlite);
    const store = prepareStore(sqlite, null);
    store.rollup.pending.labels = keeping.labels;
    return store;
  }
}

const catchUp = (store: Store): void => {
  while (!store.rollup.isLive) store.rollup.catchUp();
};

/** Rows of three days; the first tenth is written by a version that had no buckets. */
function fill(database: Database, most: number, chance: () => number): readonly RequestRow[] {
  const rows: RequestRow[] = [];
  const restarts = { clean: 0, killed: 0 };
  while (rows.length < most) {
    const size = Math.min(1 + Math.floor(chance() * 2_000), most - rows.length);
    const batch = Array.from({ length: size }, () => anyRequest(chance, now - 3 * day, now + 1));
    database.store.write(packed(batch));
    rows.push(...batch);
    if (rows.length < most / 10) continue;
    const what = chance();
    if (restarts.clean + restarts.killed === 0) {
      const { sqlite } = database.store;
      sqlite.exec(
        "DROP TABLE rollups; DROP TABLE rollup_names; DROP TABLE rollup_state; PRAGMA user_version = 1",
      );
    } else {
      if (what < 0.05) database.store.rollup.carry();
      if (what > 0.04) continue;
    }
    restarts[what < 0.02 ? "clean" : "killed"] += 1;
    database.reopen();
    if (chance() < 0.5) catchUp(database.store);
    else database.store.rollup.catchUp();
  }
  console.log(`${rows.length} rows, ${restarts.clean} restarts and ${restarts.killed} kills`);
  return rows;
}

const all = () => true;
const questions: readonly Pick<Asked, "query" | "chosen" | "group">[] = [
  { query: "", chosen: all, group: null },
  { query: "outcome=ok", chosen: (row) => row.outcome === "ok", group: null },
  {
    query: "model=model-1&key=key-2",
    chosen: (row) => row.model === "model-1" && row.key_id === "key-2",
    group: null,
  },
  { query: "group_by=model", chosen: all, group: (row) => row.model },
  { query: "group_by=key&generation=2", chosen: (row) => row.generation === 2, group: (row) => row.key_id },
  { query: "group_by=user", chosen: all, group: (row) => row.user_hash },
  { query: "group_by=project", chosen: all, group: (row) => row.labels["project"] ?? null },
];

async function compareAll(
  database: Database,
  rows: readonly RequestRow[],
  chance: () => number,
): Promise<void> {
  const spans = [
    ["minute", 0.2 * day],
    ["hour", 2 * day],
    ["day", 2.5 * day],
    ["day&tz=Europe/Berlin", 2.5 * day],
    ["hour&tz=Asia/Kolkata", day],
  ] as const;
  for (const { query, chosen, group } of questions) {
    for (const [bucket, length] of spans) {
      const from = now - 3 * day + Math.floor(chance() * (3 * day - length));
      const until = from + length - Math.floor(chance() * minute);
      const text = `from=${iso(from)}&to=${iso(until)}&bucket=${bucket}&${query}`;
      compare(JSON.parse(await database.ask(text)), rows, { query: text, from, until, chosen, group });
    }
    console.log(`  the same as computed: ?${query}`);
  }
}

/** A year in which fifty models, by four providers for twenty keys, are each asked a few times an hour. */
function fillYear(database: Database, chance: () => number): void {
  const start = Math.floor(now / hour) * hour - 8_783 * hour;
  database.store.rollup.prune(now, { ...keeping.retention, minuteMs: 7 * day }, 1);
  for (let at = 0; at < 8_784; at += 1) {
    const rows = Array.from({ length: 100 }, (_, one) =>
      request({
        arrived_at: Math.min(start + at * hour + Math.floor(chance() * hour), now),
        model: `model-${one % 50}`,
        served_model: `model-${one % 50}`,
        provider: `provider-${one % 4}`,
        key_id: `key-${one % 20}`,
        duration_ms: Math.exp(5 + 4 * chance()),
        ttft_ms: Math.exp(4 + 3 * chance()),
        cost_usd: 0.001 * Math.ceil(chance() * 100),
      }),
    );
    database.store.write(packed(rows));
    if (at % 24 === 23) database.store.rollup.carry();
  }
  database.store.rollup.carry();
  const megabytes = Math.round(statSync(database.file).size / 1e6);
  console.log(`a year of 50 models: ${megabytes} MB, with the requests`);
}

/** The questions that have to be answered at once, and one that cannot be. */
const year = [
  "hours=8784&bucket=hour",
  "hours=8784&bucket=hour&model=model-7",
  "hours=8760&bucket=day",
  "hours=8760&bucket=day&tz=America/New_York",
  "hours=8760&bucket=day&group_by=model",
  "hours=8760&bucket=auto&group_by=key",
  "hours=336&bucket=hour&group_by=model",
] as const;

/** The CPU time that each takes at its best: other work on this machine is not its fault. */
async function timeAll(database: Database): Promise<number> {
  let slowest = 0;
  for (const query of year) {
    const times: number[] = [];
    let bytes = 0;
    for (let round = 0; round < 15; round += 1) {
      const before = process.cpuUsage();
      bytes = (await database.ask(query)).length;
      const { user, system } = process.cpuUsage(before);
      times.push((user + system) / 1_000);
    }
    const best = Math.min(...times);
    slowest = Math.max(slowest, best);
    console.log(`  ${best.toFixed(1).padStart(6)} ms, ${(bytes / 1e6).toFixed(1)} MB of JSON: ?${query}`);
  }
  return slowest;
}

try {
  const chance = random(Number(values.seed));
  const filled = new Database("year.sqlite");
  fillYear(filled, chance);
  const slowest = await timeAll(filled);

  const traffic = new Database("oracle.sqlite");
  const rows = fill(traffic, Number(values.rows), chance);
  await compareAll(traffic, rows, chance);
  catchUp(traffic.store);
  traffic.store.rollup.carry();
  await compareAll(traffic, rows, chance);
  if (slowest > Number(values["most-ms"])) throw new Error(`the slowest took ${slowest.toFixed(1)} ms`);
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
} finally {
  rmSync(directory, { recursive: true, force: true });
}
