import { afterEach, beforeEach, describe, expect, setDefaultTimeout, test } from "bun:test";
import { join } from "node:path";
import type { RequestRow } from "../../../src/domain/journal.ts";
import { migrate } from "../../../src/metrics/migrations.ts";
import { queryTallies } from "../../../src/metrics/overview.ts";
import { cubes } from "../../../src/metrics/rollup/cubes.ts";
import { prepareStore, type Store } from "../../../src/metrics/store.ts";
import { queryTrends, type Trends } from "../../../src/metrics/trends.ts";
import { parseTrends } from "../../../src/metrics/trends_query.ts";
import { openSqlite, type Sqlite, sqliteFault } from "../../../src/runtime/sqlite.ts";
import { attempt, keeping, packed, request, temporaryDirectory } from "../traffic.ts";

setDefaultTimeout(20_000);

const now = Date.parse("2027-01-31T12:34:56.789Z");
const hour = 3_600_000;
const day = 24 * hour;
let directory: ReturnType<typeof temporaryDirectory>;
let sqlite: Sqlite;
let store: Store;

beforeEach(() => {
  directory = temporaryDirectory();
  open();
});
afterEach(() => {
  sqlite.close();
  directory.remove();
});

function open(): void {
  sqlite = openSqlite(join(directory.path, "switchyard.sqlite"));
  migrate(sqlite);
  store = prepareStore(sqlite, null);
  store.rollup.pending.labels = keeping.labels;
}

/** As after kill -9: what was only in memory is gone. */
function reopen(): void {
  sqlite.close();
  open();
}

const write = (...rows: readonly RequestRow[]): void => store.write(packed(rows));
const many = (count: number, different: (at: number) => Partial<RequestRow>): readonly RequestRow[] =>
  Array.from({ length: count }, (_, at) => request({ arrived_at: now - 1_000, ...different(at) }));

async function trends(query: string): Promise<Trends> {
  const parsed = parseTrends(new URLSearchParams(query), keeping, now);
  if (!parsed.ok) throw new Error(parsed.error.message);
  const answer = await queryTrends(() => store, parsed.value);
  if (!answer.ok) throw new Error(answer.error.message);
  return JSON.parse(answer.value);
}

const total = ({ points }: Pick<Trends, "points">): number =>
  points.reduce((sum, { requests }) => sum + requests, 0);
const isIn = ({ points }: Trends): readonly string[] =>
  points
    .filter(({ requests }) => requests > 0)
    .map(({ start, requests }) => `${start.slice(0, 16)} ${requests}`);
const never = (): never => {
  throw new Error("there is a cube of everything");
};
const rowsIn = (table: string): number =>
  Number(sqlite.prepare(`SELECT count(*) AS n FROM ${table}`).get()?.["n"]);

describe("each request is counted once", () => {
  test("whether it is in memory, in the buckets, or was only written down when the process was killed", async () => {
    write(...many(3, () => ({})));
    expect(total(await trends("hours=24"))).toBe(3);
    store.rollup.carry();
    expect(total(await trends("hours=24"))).toBe(3);
    write(...many(2, () => ({})));
    reopen();
    expect([store.rollup.isLive, store.rollup.left]).toEqual([false, 2]);
    expect(total(await trends("hours=24"))).toBe(5);
    expect((await queryTallies(() => store, now)).last_hour.requests).toBe(5);
    expect((await queryTallies(() => store, now)).providers.get("openai")?.requests).toBe(5);
    write(...many(1, () => ({})));
    expect(total(await trends("hours=24&group_by=key"))).toBe(6);
    store.rollup.catchUp();
    expect([store.rollup.isLive, total(await trends("hours=24&group_by=key"))]).toEqual([true, 6]);
  });

  test("when it ends long after the bucket of its arrival", async () => {
    write(request({ arrived_at: now - 1_000 }));
    store.rollup.carry();
    write(request({ arrived_at: now - 3 * hour }), request({ arrived_at: now - 3 * day }));
    store.rollup.carry();
    expect(isIn(await trends("hours=96&bucket=hour"))).toEqual([
      "2027-01-28T12:00 1",
      "2027-01-31T09:00 1",
      "2027-01-31T12:00 1",
    ]);
    expect(isIn(await trends("hours=96&bucket=day"))).toEqual(["2027-01-28T00:00 1", "2027-01-31T00:00 2"]);
  });

  test("also when ids begin again because retention deleted all requests", async () => {
    write(...many(4, () => ({})));
    store.rollup.carry();
    expect(store.prune(now, 0, 100)).toBe(4);
    reopen();
    write(...many(2, () => ({})));
    expect(sqlite.prepare("SELECT min(id) AS id FROM requests").get()).toEqual({ id: 5 });
    reopen();
    store.rollup.catchUp();
    expect(total(await trends("hours=24"))).toBe(6);
  });

  test("when the disk was full for a while", async () => {
    write(...many(300, (at) => ({ key_id: `key-${at}`, model: `model-${at}` })));
    const pages = Number(sqlite.prepare("PRAGMA page_count").get()?.["page_count"]);
    sqlite.exec(`PRAGMA max_page_count = ${pages + 1}`);
    let fault: unknown = null;
    try {
      store.rollup.carry();
    } catch (error) {
      fault = sqliteFault(error);
    }
    expect(fault).toBe("full");
    expect([rowsIn("rollups"), rowsIn("rollup_names")]).toEqual([0, 1]);
    expect(total(await trends("hours=24&group_by=model"))).toBe(300);
    sqlite.exec("PRAGMA max_page_count = 100000");
    store.rollup.carry();
    store.rollup.carry();
    const { series } = await trends("hours=24&group_by=model");
    expect(series?.map((one) => total(one))).toEqual(new Array(300).fill(1));
  });
});

test("what memory has no room for is counted from what was written down", async () => {
  write(...many(3, () => ({})));
  store.rollup.carry();
  write(...many(2, () => ({})));
  store.rollup.forgetPending();
  expect([store.rollup.isLive, total(await trends("hours=24"))]).toEqual([false, 5]);
  write(...many(1, () => ({})));
  store.rollup.catchUp();
  expect([store.rollup.isLive, total(await trends("hours=24"))]).toEqual([true, 6]);
});

describe("an older database", () => {
  const count = 12_000;
  /** As the first version left it. */
  function age(): void {
    sqlite.exec(
      "DROP TABLE rollups; DROP TABLE rollup_names; DROP TABLE rollup_state; PRAGMA user_version = 1",
    );
    reopen();
  }

  test("is counted in steps, and answers with all of it meanwhile", async () => {
    write(...many(count, (at) => ({ arrived_at: now - at * 10_000, user_hash: `user-${at % 7}` })));
    age();
    for (let steps = 0; !store.rollup.isLive; steps += 1) {
      const left = count + steps - 5_000 * steps;
      expect([store.rollup.left, total(await trends("hours=720&bucket=day"))]).toEqual([left, count + steps]);
      write(request({ arrived_at: now }));
      store.rollup.catchUp();
    }
    const { series } = await trends("hours=720&bucket=day&group_by=user");
    expect(series?.map(({ group }) => group).sort()).toEqual([
      ...["u1", "user-0", "user-1", "user-2", "user-3", "user-4", "user-5", "user-6"],
    ]);
    expect(total(await trends("hours=720&bucket=day"))).toBe(count + 3);
  });
});

describe("what is kept", () => {
  const retention = { requestsMs: day, minuteMs: 2 * day, hourMs: 10 * day };

  test("are days for ever, hours and minutes as long as they are to be", async () => {
    const ages = [0, 1.5, 5, 20, 400];
    write(...ages.map((days) => request({ arrived_at: now - days * day })));
    store.rollup.carry();
    while (store.rollup.prune(now, retention, 2) === 2);
    store.prune(now, retention.requestsMs, 100);
    expect(rowsIn("requests")).toBe(1);
    // what is gone by the minute is shown by the hour, and then by the day, where it begins
    expect(isIn(await trends("from=2027-01-30T00:00:00Z&to=2027-01-30T06:00:00Z&bucket=minute"))).toEqual([
      "2027-01-30T00:34 1",
    ]);
    expect(isIn(await trends("from=2027-01-26T06:00:00Z&to=2027-01-26T18:00:00Z&bucket=minute"))).toEqual([
      "2027-01-26T12:00 1",
    ]);
    expect(isIn(await trends("from=2027-01-11T00:00:00Z&to=2027-01-12T00:00:00Z&bucket=hour"))).toEqual([
      "2027-01-11T00:00 1",
    ]);
    expect(isIn(await trends("from=2025-01-01T00:00:00Z&to=2027-02-01T00:00:00Z&bucket=day"))).toHaveLength(
      5,
    );
    expect(
      isIn(await trends("from=2025-01-01T00:00:00Z&to=2027-02-01T00:00:00Z&bucket=day&group_by=user")),
    ).toHaveLength(5);
    const { series } = await trends(
      "from=2025-01-01T00:00:00Z&to=2027-02-01T00:00:00Z&bucket=day&group_by=user",
    );
    expect(series?.map((one) => total(one))).toEqual([3]);
  });

  test("a clock that was far ahead for a while costs what it deleted, and nothing more", async () => {
    store.rollup.prune(now + 9_000 * day, retention, 100);
    store.prune(now + 9_000 * day, retention.requestsMs, 100);
    write(request({ arrived_at: now + 1_000 }));
    store.rollup.prune(now, retention, 100);
    store.prune(now, retention.requestsMs, 100);
    store.rollup.carry();
    expect(isIn(await trends("from=2027-01-31T12:30:00Z&to=2027-01-31T12:40:00Z&bucket=minute"))).toEqual([
      "2027-01-31T12:34 1",
    ]);
    expect([...store.rollup.pages.range("minute", cubes[0] ?? never(), now - day, now + day)]).toHaveLength(
      1,
    );
  });

  test("a request too late for its minute and its hour is in its day", async () => {
    store.rollup.prune(now, retention, 100);
    write(request({ arrived_at: now - 100 * day }), request({ arrived_at: now - 5 * day }));
    store.rollup.carry();
    expect(isIn(await trends("hours=2424&bucket=day"))).toEqual(["2026-10-23T00:00 1", "2027-01-26T00:00 1"]);
    const kept = new Map<string, number>();
    for (const level of ["minute", "hour", "day"] as const)
      for (const cube of cubes)
        for (const _ of store.rollup.pages.range(level, cube, 0, now + day))
          kept.set(level, (kept.get(level) ?? 0) + 1);
    expect([...kept]).toEqual([
      ["hour", 8],
      ["day", 14],
    ]);
  });

  test("of users and of each label are a thousand a day, and all others together", async () => {
    write(
      ...many(1_300, (at) => ({ user_hash: `user-${at}`, labels: { project: `p-${at}`, tier: "free" } })),
    );
    store.rollup.carry();
    write(
      ...many(1_300, (at) => ({ user_hash: `user-${at}`, labels: { project: `p-${at}`, tier: "free" } })),
    );
    store.rollup.carry();
    for (const group of ["user", "project"]) {
      const { series = [] } = await trends(`hours=24&group_by=${group}`);
      expect(series).toHaveLength(1_001);
      expect([series[0], series.at(-1)].map((one) => [one?.group, total(one ?? { points: [] })])).toEqual([
        [group === "user" ? "user-0" : "p-0", 2],
        ["other", 600],
      ]);
    }
  });
});

test("where a day has too many combinations, keys of them are other ones, and all else stays exact", async () => {
  const most = 10_000;
  write(...many(most + 50, (at) => ({ key_id: `key-${at}`, outcome: at % 2 === 0 ? "ok" : "error" })));
  store.rollup.carry();
  const counted = async (query: string) => total(await trends(`hours=24&${query}`));
  expect(await counted("")).toBe(most + 50);
  expect(await counted("model=chat&team=search&outcome=error")).toBe(most / 2);
  expect(await counted("model=chat&outcome=error")).toBe(most / 2 + 25);
  expect(await counted(`key=key-${most - 1}&outcome=error`)).toBe(1);
  expect(await counted(`key=key-${most + 1}&outcome=error`)).toBe(0);
  expect(await counted("key=other")).toBe(50);
  expect(await counted("key=other&outcome=error")).toBe(25);
});

test("a page that cannot be read is left out and begun anew, and said so", async () => {
  write(request({ arrived_at: now - 26 * hour }), request({ arrived_at: now - 1_000 }));
  store.rollup.carry();
  store.rollup.pages.save("hour", cubes[0] ?? never(), Math.floor(now / hour) * hour, Uint8Array.of(1, 255));
  const heard: string[] = [];
  store.rollup.onUnreadable = (message) => heard.push(message);
  expect(isIn(await trends("hours=48"))).toEqual(["2027-01-30T10:00 1"]);
  expect(heard).toEqual([expect.stringContaining("the hour of 2027-01-31T12:00:00.000Z is left out")]);
  write(request({ arrived_at: now - 1_000 }));
  store.rollup.carry();
  expect(heard[1]).toContain("is begun anew");
  expect(isIn(await trends("hours=48"))).toEqual(["2027-01-30T10:00 1", "2027-01-31T12:00 1"]);
});

test("names and values that are anything at all are told apart", async () => {
  const odd = ["", "other", "a/b", "a\u0000b", "\u0001", "ü😀", '"quoted"', "1", "null"];
  write(
    ...odd.map((name) =>
      request({ arrived_at: now, key_id: name, user_hash: name, labels: { project: name } }),
    ),
  );
  write(request({ arrived_at: now, key_id: null, user_hash: null, labels: {} }));
  for (const when of ["in memory", "in the buckets"]) {
    for (const group of ["key", "user", "project"]) {
      const { series = [] } = await trends(`hours=24&group_by=${group}`);
      const found = series.map((one) => [one.group, total(one)]);
      expect(new Map(found as [string | null, number][]), `${group} ${when}`).toEqual(
        new Map([...odd, null].map((name) => [name, 1])),
      );
    }
    expect(total(await trends(`hours=24&key=${encodeURIComponent("a\u0000b")}`))).toBe(1);
    store.rollup.carry();
  }
});

test("attempts are counted by the provider tried, a minute at a time", async () => {
  const attempts = [attempt({ provider: "a", outcome: "server" }), attempt({ provider: "b" })];
  for (const ageMs of [0, 30_000, 3_500_000, 3_601_000])
    write(request({ arrived_at: now - ageMs, attempts }));
  for (const _ of ["in memory", "in the buckets"]) {
    const { providers, last_minute, last_hour, last_day } = await queryTallies(() => store, now);
    expect([...providers].map(([name, { requests, errors }]) => [name, requests, errors]).sort()).toEqual([
      ["a", 3, 3],
      ["b", 3, 0],
    ]);
    expect([last_minute, last_hour, last_day].map(({ requests }) => requests)).toEqual([2, 3, 4]);
    store.rollup.carry();
  }
});
