import { afterAll, beforeAll, expect, test } from "bun:test";
import { join } from "node:path";
import type { RequestRow } from "../../../src/domain/journal.ts";
import { migrate } from "../../../src/metrics/migrations.ts";
import { prepareStore, type Store } from "../../../src/metrics/store.ts";
import { queryTrends, type Trends } from "../../../src/metrics/trends.ts";
import { parseTrends } from "../../../src/metrics/trends_query.ts";
import { openSqlite, type Sqlite } from "../../../src/runtime/sqlite.ts";
import { keeping, packed, temporaryDirectory } from "../traffic.ts";
import { type Asked, anyRequest, compare, random } from "./oracle.ts";

const now = Date.parse("2027-03-29T12:34:56.789Z");
const day = 86_400_000;
const directory = temporaryDirectory();
const file = join(directory.path, "oracle.sqlite");
const rows: RequestRow[] = [];
let sqlite: Sqlite;
let store: Store;

function open(): void {
  sqlite = openSqlite(file);
  migrate(sqlite);
  store = prepareStore(sqlite, null);
  store.rollup.pending.labels = keeping.labels;
  while (!store.rollup.isLive) store.rollup.catchUp();
}

/** Random batches in any order, with a carry, a restart or the loss of all that was in memory in between. */
beforeAll(() => {
  const chance = random(7);
  open();
  for (let batch = 0; batch < 30; batch += 1) {
    const size = 1 + Math.floor(chance() * 80);
    const some = Array.from({ length: size }, () => anyRequest(chance, now - 2 * day, now + 1));
    store.write(packed(some));
    rows.push(...some);
    const what = chance();
    if (what < 0.3) store.rollup.carry();
    if (what > 0.85) {
      sqlite.close();
      open();
    }
  }
});
afterAll(() => {
  sqlite.close();
  directory.remove();
});

async function ask(query: string): Promise<Trends> {
  const parsed = parseTrends(new URLSearchParams(query), keeping, now);
  if (!parsed.ok) throw new Error(parsed.error.message);
  const answer = await queryTrends(() => store, parsed.value);
  if (!answer.ok) throw new Error(answer.error.message);
  return JSON.parse(answer.value);
}

const iso = (ms: number): string => new Date(ms).toISOString();
const odd = { from: now - 2 * day + 12_345_678, until: now - 23_456_789 };
const all = () => true;

const asked: readonly Omit<Asked, "from" | "until">[] = [
  { query: "", chosen: all, group: null },
  {
    query: "model=model-1&key=key-2",
    chosen: (row) => row.model === "model-1" && row.key_id === "key-2",
    group: null,
  },
  {
    query: "outcome=error&generation=2",
    chosen: (row) => row.outcome === "error" && row.generation === 2,
    group: null,
  },
  { query: "group_by=model", chosen: all, group: (row) => row.model },
  {
    query: "group_by=provider&team=team-1",
    chosen: (row) => row.team === "team-1",
    group: (row) => row.provider,
  },
  {
    query: "group_by=target",
    chosen: all,
    group: (row) => (row.provider === null ? null : `${row.provider}/${row.upstream}`),
  },
  { query: "group_by=arm", chosen: all, group: (row) => row.arm },
  { query: "group_by=generation", chosen: all, group: (row) => String(row.generation) },
  { query: "group_by=user", chosen: all, group: (row) => row.user_hash },
  { query: "group_by=project", chosen: all, group: (row) => row.labels.project ?? null },
  {
    query: "group_by=user&model=model-3",
    chosen: (row) => row.model === "model-3",
    group: (row) => row.user_hash,
  },
];

test.each(asked)(
  "trends of ?$query are what an independent computation gives",
  async ({ query, chosen, group }) => {
    for (const bucket of ["minute", "hour", "day", "day&tz=Europe/Berlin", "hour&tz=Asia/Kolkata"]) {
      const isLong = bucket === "minute" && group !== null;
      const { from, until } = isLong ? { from: odd.from, until: odd.from + 3_600_000 } : odd;
      const text = `from=${iso(from)}&to=${iso(until)}&bucket=${bucket}&${query}`;
      compare(await ask(text), rows, { query: text, from, until, chosen, group });
    }
  },
);

test("trends up to now have everything in their last point, whatever is still in memory", async () => {
  const { points, from } = await ask("hours=45&bucket=hour");
  expect(points).toHaveLength(45);
  const within = rows.filter(({ arrived_at }) => arrived_at >= Date.parse(from));
  expect(points.reduce((sum, { requests }) => sum + requests, 0)).toBe(within.length);
});

test("buckets say the same once the requests are deleted, at the edges by the minute", async () => {
  store.rollup.carry();
  const query = `from=2027-03-27T20:20:00Z&to=2027-03-29T05:40:00Z&bucket=hour&group_by=model`;
  const before = await ask(query);
  const copy = openSqlite(join(directory.path, "pruned.sqlite"));
  copy.close();
  sqlite.exec(`VACUUM INTO '${join(directory.path, "copy.sqlite")}'`);
  const pruned = openSqlite(join(directory.path, "copy.sqlite"));
  const other = prepareStore(pruned, null);
  while (other.prune(now + day, 0, 1_000) > 0);
  expect(pruned.prepare("SELECT count(*) AS n FROM requests").get()).toEqual({ n: 0 });
  const parsed = parseTrends(new URLSearchParams(query), keeping, now);
  const answer = parsed.ok ? await queryTrends(() => other, parsed.value) : parsed;
  expect(answer.ok ? JSON.parse(answer.value) : answer).toEqual(before);
  pruned.close();
});
