import { afterAll, afterEach, beforeEach, describe, expect, test } from "bun:test";
import { join } from "node:path";
import type { RequestRow } from "../../src/domain/journal.ts";
import { migrate } from "../../src/metrics/migrations.ts";
import { prepareStore, type Store } from "../../src/metrics/store.ts";
import { queryTrends, type Trends } from "../../src/metrics/trends.ts";
import { parseTrends } from "../../src/metrics/trends_query.ts";
import { openSqlite, type Sqlite } from "../../src/runtime/sqlite.ts";
import { keeping, packed, refusal, request, temporaryDirectory } from "./traffic.ts";

const now = Date.parse("2027-01-31T12:34:56.789Z");
const at = (text: string): number => Date.parse(text);
const directory = temporaryDirectory();
let sqlite: Sqlite;
let store: Store;
let file = 0;

beforeEach(() => {
  sqlite = openSqlite(join(directory.path, `trends-${file++}.sqlite`));
  migrate(sqlite);
  store = prepareStore(sqlite, null);
  store.rollup.pending.labels = keeping.labels;
});
afterEach(() => sqlite.close());
afterAll(directory.remove);

const write = (...rows: readonly RequestRow[]): void => store.write(packed(rows));

async function trends(query: string): Promise<Trends> {
  const parsed = parseTrends(new URLSearchParams(query), keeping, now);
  if (!parsed.ok) throw new Error(parsed.error.message);
  const answer = await queryTrends(() => store, parsed.value);
  if (!answer.ok) throw new Error(answer.error.message);
  return JSON.parse(answer.value);
}

describe("hours", () => {
  test.each([
    ["hours=24&bucket=hour", 24, "2027-01-30T13:00:00.000Z", "2027-01-31T12:00:00.000Z"],
    ["", 24, "2027-01-30T13:00:00.000Z", "2027-01-31T12:00:00.000Z"],
    ["hours=1&bucket=hour", 1, "2027-01-31T12:00:00.000Z", "2027-01-31T12:00:00.000Z"],
    ["hours=1.5&bucket=hour", 2, "2027-01-31T11:00:00.000Z", "2027-01-31T12:00:00.000Z"],
    ["hours=1&bucket=minute", 60, "2027-01-31T11:35:00.000Z", "2027-01-31T12:34:00.000Z"],
    ["hours=48&bucket=day", 2, "2027-01-30T00:00:00.000Z", "2027-01-31T00:00:00.000Z"],
    ["hours=2&bucket=auto", 120, "2027-01-31T10:35:00.000Z", "2027-01-31T12:34:00.000Z"],
    ["hours=168&bucket=auto", 168, "2027-01-24T13:00:00.000Z", "2027-01-31T12:00:00.000Z"],
    ["hours=720&bucket=auto", 30, "2027-01-02T00:00:00.000Z", "2027-01-31T00:00:00.000Z"],
    ["hours=48&bucket=day&tz=America/New_York", 2, "2027-01-30T05:00:00.000Z", "2027-01-31T05:00:00.000Z"],
    ["hours=24&bucket=hour&tz=Asia/Kolkata", 24, "2027-01-30T13:30:00.000Z", "2027-01-31T12:30:00.000Z"],
    ["hours=1&bucket=minute&tz=Europe/Berlin", 60, "2027-01-31T11:35:00.000Z", "2027-01-31T12:34:00.000Z"],
    ["hours=8784&bucket=hour", 8784, "2026-01-30T13:00:00.000Z", "2027-01-31T12:00:00.000Z"],
  ])("%j gives %d points from %s to %s, empty ones included", async (query, count, first, last) => {
    const { points, from, to } = await trends(query);
    expect(points).toHaveLength(count);
    expect([points[0]?.start, points.at(-1)?.start]).toEqual([first, last]);
    expect([from, to]).toEqual([first, "2027-01-31T12:34:56.789Z"]);
    expect(points.every((point) => point.requests === 0 && point.cost_usd === null)).toBe(true);
  });

  test("a request lies in the bucket of its arrival, the current one included", async () => {
    write(
      request({ arrived_at: at("2027-01-30T12:59:59.999Z") }),
      request({ arrived_at: at("2027-01-30T13:00:00.000Z") }),
      request({ arrived_at: at("2027-01-31T11:59:59.999Z") }),
      request({ arrived_at: at("2027-01-31T12:00:00.000Z") }),
      request({ arrived_at: now }),
    );
    const { points } = await trends("hours=24&bucket=hour");
    const counts = points.map((point) => point.requests);
    expect(counts).toEqual([1, ...new Array(21).fill(0), 1, 2]);
  });
});

describe("from and to", () => {
  test("an end is exclusive, and whole buckets are counted as they are", async () => {
    write(
      request({ arrived_at: at("2027-01-30T00:00:00Z") }),
      request({ arrived_at: at("2027-01-30T23:59:59.999Z") }),
      request({ arrived_at: at("2027-01-31T00:00:00Z") }),
    );
    const { points } = await trends("from=2027-01-30T00:00:00Z&to=2027-01-31T00:00:00Z");
    expect(points).toHaveLength(24);
    expect(points.map((point) => point.requests)).toEqual([1, ...new Array(22).fill(0), 1]);
  });

  test("a start inside a bucket leaves out what came before it", async () => {
    write(
      request({ arrived_at: at("2027-01-30T10:10:00Z") }),
      request({ arrived_at: at("2027-01-30T10:40:00Z") }),
    );
    const { points, from } = await trends("from=2027-01-30T10:30:00Z&to=2027-01-30T11:30:00Z&bucket=hour");
    expect(from).toBe("2027-01-30T10:30:00.000Z");
    expect(points.map(({ start, requests }) => [start, requests])).toEqual([
      ["2027-01-30T10:00:00.000Z", 1],
      ["2027-01-30T11:00:00.000Z", 0],
    ]);
  });

  test("without to they end now, and have what arrives this very moment", async () => {
    write(request({ arrived_at: now }));
    const { points, to } = await trends("from=2027-01-31T10:00:00Z");
    expect(to).toBe("2027-01-31T12:34:56.789Z");
    expect(points.map((point) => point.requests)).toEqual([0, 0, 1]);
  });

  test("days in a zone have the hours that they have there", async () => {
    write(
      request({ arrived_at: at("2027-03-27T23:30:00Z") }),
      request({ arrived_at: at("2027-03-28T21:59:59.999Z") }),
      request({ arrived_at: at("2027-03-28T22:00:00Z") }),
    );
    const { points } = await trends(
      "from=2027-03-27T23:00:00Z&to=2027-03-29T22:00:00Z&bucket=day&tz=Europe/Berlin",
    );
    expect(points.map(({ start, requests }) => [start, requests])).toEqual([
      ["2027-03-27T23:00:00.000Z", 2],
      ["2027-03-28T22:00:00.000Z", 1],
    ]);
  });

  test("minutes that are kept no longer are hours for bucket=auto", () => {
    const retention = { requestsMs: 3_600_000, minuteMs: 86_400_000, hourMs: 1e14 };
    const bucketOf = (query: string) => {
      const parsed = parseTrends(new URLSearchParams(query), { labels: [], retention }, now);
      return parsed.ok ? parsed.value.bucket : parsed.error.message;
    };
    expect(bucketOf("from=2027-01-31T00:00:00Z&to=2027-01-31T02:00:00Z&bucket=auto")).toBe("minute");
    expect(bucketOf("from=2027-01-20T00:00:00Z&to=2027-01-20T02:00:00Z&bucket=auto")).toBe("hour");
  });

  test("days are days in UTC, also for a time written in another zone", async () => {
    const { points } = await trends("from=2027-01-30T01:00:00%2B02:00&to=2027-01-31T00:00:00Z&bucket=day");
    expect(points.map((point) => point.start)).toEqual([
      "2027-01-29T00:00:00.000Z",
      "2027-01-30T00:00:00.000Z",
    ]);
  });
});

describe("filters", () => {
  test.each([
    ["model=chat", 2],
    ["model=other", 1],
    ["provider=openai", 1],
    ["provider=anthropic", 1],
    ["key=web-app", 2],
    ["team=search&model=chat", 1],
    ["user=u2", 1],
    ["outcome=refused", 1],
    ["generation=4", 1],
    ["arm=canary", 0],
    ["target=openai/gpt-4o", 1],
    ["target=openai/gpt-4o&outcome=refused", 0],
    ["user=u2&model=chat", 1],
    ["model=chat&provider=&key=&team=&group_by=", 2],
    ["model=chat%25", 0],
  ])("%s finds %d of three", async (query, count) => {
    write(
      request({ provider: "openai" }),
      request({ provider: "anthropic", key_id: "batch", team: "hr", user_hash: "u2", generation: 4 }),
      refusal({ model: "other", team: null }),
    );
    const { points } = await trends(query);
    expect(points.reduce((sum, point) => sum + point.requests, 0)).toBe(count);
  });
});

describe("group_by", () => {
  const totals = (answer: Trends) =>
    answer.series?.map(({ group, points }) => [
      group,
      points.reduce((sum, point) => sum + point.requests, 0),
    ]);

  test.each([
    [
      "model",
      [
        ["chat", 3],
        ["small", 1],
      ],
    ],
    [
      "provider",
      [
        ["openai", 3],
        [null, 1],
      ],
    ],
    [
      "key",
      [
        ["web-app", 3],
        [null, 1],
      ],
    ],
    ["team", [["search", 4]]],
    ["generation", [["3", 4]]],
    [
      "outcome",
      [
        ["ok", 3],
        ["refused", 1],
      ],
    ],
    ["arm", [["stable", 4]]],
    [
      "target",
      [
        ["openai/gpt-4o", 3],
        [null, 1],
      ],
    ],
    ["user", [["u1", 4]]],
    [
      "project",
      [
        ["x", 2],
        [null, 1],
        ["y", 1],
      ],
    ],
  ])("%s gives one series per value, busiest first", async (group, expected) => {
    write(
      ...[request(), request(), refusal({ labels: { project: "y" } })],
      request({ model: "small", key_id: null, labels: {} }),
    );
    const answer = await trends(`hours=24&group_by=${group}`);
    expect(totals(answer)).toEqual(expected as [string | null, number][]);
    expect(answer.series?.every(({ points }) => points.length === 24)).toBe(true);
    expect(answer.points.reduce((sum, point) => sum + point.requests, 0)).toBe(4);
  });

  test("after a thousand values come the others, together", async () => {
    const users = Array.from({ length: 1_005 }, (_, one) => `user-${one}`);
    write(
      ...users.map((user_hash) => request({ user_hash })),
      ...users.slice(0, 1_000).map((user_hash) => request({ user_hash })),
    );
    const answer = await trends("hours=1&bucket=hour&group_by=user");
    expect(answer.series).toHaveLength(1_001);
    expect(totals(answer)?.at(-1)).toEqual(["other", 5]);
  });

  test("series that would not fit are refused with a sentence that helps", async () => {
    write(...Array.from({ length: 200 }, (_, one) => request({ user_hash: `user-${one}` })));
    const parsed = parseTrends(new URLSearchParams("hours=168&bucket=minute&group_by=user"), keeping, now);
    const answer = parsed.ok ? await queryTrends(() => store, parsed.value) : parsed;
    expect(answer).toMatchObject({ ok: false, error: { param: "group_by" } });
    expect(answer.ok ? "" : answer.error.message).toContain("bucket=hour");
  });
});

test("more rows than one slice are each counted once, also with equal arrivals", async () => {
  write(...Array.from({ length: 6_000 }, () => request()));
  // no bucket knows of both
  const { points } = await trends("hours=24&user=u1&model=chat");
  expect(points.map((point) => point.requests).filter((count) => count > 0)).toEqual([6_000]);
});

describe("a wrong query", () => {
  test.each([
    ["hours=0", "hours"],
    ["hours=-1", "hours"],
    ["hours=abc", "hours"],
    ["hours=1e3", "hours"],
    ["hours=8785", "hours"],
    ["hours=NaN", "hours"],
    ["hours=1&hours=2", "hours"],
    ["hours=24&from=2027-01-30T00:00:00Z", "hours"],
    ["to=2027-01-30T00:00:00Z", "from"],
    ["from=yesterday", "from"],
    ["from=2027-01-30", "from"],
    ["from=2027-02-30T00:00:00Z", "from"],
    ["from=2027-01-30T25:00:00Z", "from"],
    ["from=2027-01-30T00:00:00Z&to=2027-01-30T00:00:00Z", "from"],
    ["from=2027-01-30T00:00:00Z&to=soon", "to"],
    ["bucket=week", "bucket"],
    ["hours=8784&bucket=minute", "bucket"],
    ["outcome=fine", "outcome"],
    ["generation=new", "generation"],
    ["arm=left", "arm"],
    ["target=openai", "target"],
    ["tz=Mars/Olympus", "tz"],
    ["from=1970-01-01T00:00:00Z&bucket=minute", "bucket"],
    ["group_by=colour", "group_by"],
    ["group_by=toString", "group_by"],
    ["modle=chat", "modle"],
  ])("%s is refused at %s", (query, param) => {
    const parsed = parseTrends(new URLSearchParams(query), keeping, now);
    expect(parsed).toMatchObject({ ok: false, error: { param } });
  });
});
