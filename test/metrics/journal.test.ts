import { afterEach, beforeEach, describe, expect, setDefaultTimeout, test } from "bun:test";
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import type { Result } from "../../src/core/result.ts";
import type { AttemptRow, RequestRow } from "../../src/domain/journal.ts";
import { noUsage } from "../../src/domain/usage.ts";
import type { JournalProblem } from "../../src/metrics/database.ts";
import { type Journal, openJournal } from "../../src/metrics/journal.ts";
import { migrate } from "../../src/metrics/migrations.ts";
import { parseModels } from "../../src/metrics/models.ts";
import { overviewOf } from "../../src/metrics/overview.ts";
import { prepareStore } from "../../src/metrics/store.ts";
import { parseTrends } from "../../src/metrics/trends_query.ts";
import { openSqlite } from "../../src/runtime/sqlite.ts";
import { openHistory } from "../support/history.ts";
import { attempt, forever, keeping, packed, refusal, request, temporaryDirectory } from "./traffic.ts";

setDefaultTimeout(20_000);

let directory: ReturnType<typeof temporaryDirectory>;
let file: string;
let problems: JournalProblem[];
let journals: Journal[];

beforeEach(() => {
  directory = temporaryDirectory();
  file = join(directory.path, "switchyard.sqlite");
  problems = [];
  journals = [];
});
afterEach(async () => {
  for (const journal of journals) await journal.close();
  directory.remove();
});

function open(retention = forever): Journal {
  const journal = openJournal({
    file,
    keeping: { ...keeping, retention },
    onProblem: (problem) => problems.push(problem),
  });
  journals.push(journal);
  return journal;
}

function value<T>(result: Result<T, { readonly message: string }>): T {
  if (!result.ok) throw new Error(result.error.message);
  return result.value;
}

function recorded(): readonly RequestRow[] {
  const opened = openHistory(file);
  if (!opened.ok) throw new Error(opened.error);
  const rows = [...opened.value.requests(0, Number.MAX_SAFE_INTEGER)];
  opened.value.close();
  return rows;
}

/** Resolves as soon as `reached` says so; the test's own time limit is the only other end. */
async function until(reached: () => boolean | Promise<boolean>): Promise<void> {
  while (!(await reached())) await new Promise((resolve) => setTimeout(resolve, 10));
}

const text = fc.string({ unit: "grapheme", maxLength: 12 });
const tokens = fc.option(fc.nat());
const ms = fc.double({ min: 0, max: 1e7, noNaN: true }).map((value) => (value === 0 ? 0 : value));
const usage = fc.record({
  ...{
    prompt: tokens,
    completion: tokens,
    total: tokens,
    cached: tokens,
    cacheWrite: tokens,
    reasoning: tokens,
  },
});
const anyAttempt: fc.Arbitrary<AttemptRow> = fc.record({
  ...{ provider: text, upstream: text, served_model: text, endpoint_id: text, start_ms: ms, duration_ms: ms },
  ...{
    ttft_ms: fc.option(ms),
    outcome: fc.constantFrom("ok", "server", "cancelled"),
    status: fc.option(fc.nat(599)),
  },
  ...{ retry_after_ms: fc.option(ms), tokens_reserved: fc.nat(), usage, cost_usd: fc.option(ms) },
});
const anyRequest: fc.Arbitrary<RequestRow> = fc.record({
  ...{
    request_id: text,
    arrived_at: fc.nat(2 ** 41),
    duration_ms: ms,
    ttft_ms: fc.option(ms),
    overhead_ms: ms,
  },
  ...{ generation: fc.nat(), digest: text, arm: fc.constantFrom("stable", "canary"), chance: ms },
  ...{
    key_id: fc.option(text),
    team: fc.option(text),
    user_hash: fc.option(text),
    labels: fc.dictionary(text, text),
  },
  ...{
    asked: fc.option(text),
    model: fc.option(text),
    served_model: fc.option(text),
    provider: fc.option(text),
  },
  ...{ upstream: fc.option(text), endpoint: fc.constantFrom("chat", "completions", "embeddings") },
  ...{
    stream: fc.boolean(),
    tools: fc.boolean(),
    images: fc.boolean(),
    json: fc.boolean(),
    text_bytes: fc.nat(),
  },
  ...{
    max_tokens: fc.option(fc.nat()),
    n: fc.nat(),
    status: fc.nat(599),
    code: fc.option(text),
    rule: fc.option(text),
  },
  ...{ outcome: fc.constantFrom("ok", "error", "refused", "cancelled"), usage, cost_usd: fc.option(ms) },
  ...{ warnings: fc.array(text, { maxLength: 3 }), attempts: fc.array(anyAttempt, { maxLength: 3 }) },
});

test("every field of every row is read back as it was recorded", async () => {
  const rows = fc.sample(anyRequest, 200).map((row, at) => ({ ...row, request_id: `${at}` }));
  const journal = open();
  for (const row of rows) journal.record(row);
  await journal.flush();
  const inOrder = rows.toSorted(
    (a, b) => a.arrived_at - b.arrived_at || Number(a.request_id) - Number(b.request_id),
  );
  expect(recorded()).toEqual(inOrder);
});

const now = Date.parse("2027-01-31T12:34:56.789Z");

describe("what is asked", () => {
  test("sees what was recorded just before, by age", async () => {
    const journal = open();
    for (const ageMs of [0, 59_000, 61_000, 3_599_000, 3_601_000, 86_399_000, 86_401_000]) {
      journal.record(request({ arrived_at: now - ageMs }));
    }
    const tallies = value(await journal.tallies(now));
    expect(
      [tallies.last_minute, tallies.last_hour, tallies.last_day, tallies.totals].map((one) => one.requests),
    ).toEqual([...[2, 4, 6, 7]]);
    expect(value(await journal.tally(now - 61_000, now)).requests).toBe(2);
    const trends = parseTrends(new URLSearchParams("hours=24&bucket=hour"), keeping, now);
    const { points } = await new Response(value(await journal.trends(value(trends)))).json();
    expect(points).toHaveLength(24);
    expect(points.at(-1)?.requests).toBe(3);
  });

  test("counts a provider's attempts in the last hour", async () => {
    const journal = open();
    const attempts = [
      attempt({ outcome: "server", usage: noUsage, cost_usd: null }),
      attempt({ outcome: "bad_request", usage: noUsage, cost_usd: null }),
      attempt({ provider: "local", served_model: "small", cost_usd: null }),
    ];
    journal.record(request({ arrived_at: now, attempts, provider: "local", served_model: "small" }));
    journal.record(
      request({ arrived_at: now, attempts: [attempt({ outcome: "cancelled", usage: noUsage })] }),
    );
    journal.record(request({ arrived_at: now - 3_601_000 }));
    const tallies = value(await journal.tallies(now));
    expect(tallies.providers.get("openai")).toMatchObject({
      ...{ requests: 3, errors: 1, refused: 1, cancelled: 1, fallbacks: 0, unpriced: 0, success_rate: 0 },
    });
    expect(tallies.providers.get("local")).toMatchObject({
      requests: 1,
      fallbacks: 1,
      unpriced: 1,
      cost_usd: null,
    });
  });

  test("is put together with what is known now, also for providers that nobody tried", async () => {
    const journal = open();
    journal.record(request({ arrived_at: now }));
    const provider = (name: string) => ({
      provider: name,
      healthy: true,
      circuit: "closed" as const,
      limits: [],
    });
    const overview = overviewOf(value(await journal.tallies(now)), {
      ...{ now, startedAt: now - 61_500, generation: 3, digest: "abc", inFlight: 2 },
      providers: [provider("openai"), provider("idle")],
    });
    expect(overview).toMatchObject({
      now: "2027-01-31T12:34:56.789Z",
      uptime_s: 61,
      in_flight: 2,
      generation: 3,
    });
    expect(overview.providers.map(({ provider, requests }) => [provider, requests])).toEqual([
      ["openai", 1],
      ["idle", 0],
    ]);
  });

  test("has one entry per public model, unused ones too, and those that are gone but were used", async () => {
    const journal = open();
    journal.record(request({ arrived_at: now - 1_000, provider: "spare" }));
    journal.record(request({ arrived_at: now - 2_000, model: "retired" }));
    journal.record(request({ arrived_at: now - 172_800_000, model: "quiet" }));
    journal.record(refusal({ arrived_at: now, asked: "invented", model: null }));
    const configured = ["chat", "quiet", "unused"].map((model) => ({ model, providers: ["openai"] }));
    const query = value(parseModels(new URLSearchParams("hours=24"), configured, now));
    const report = value(await journal.models(query));
    expect(
      report.models.map(({ model, providers, requests, last_used }) => [
        model,
        providers,
        requests,
        last_used,
      ]),
    ).toEqual([
      ["chat", ["openai", "spare"], 1, "2027-01-31T12:34:55.789Z"],
      ["quiet", ["openai"], 0, "2027-01-29T12:34:56.789Z"],
      ["unused", ["openai"], 0, null],
      ["retired", ["openai"], 1, "2027-01-31T12:34:54.789Z"],
    ]);
    expect([report.from, report.to]).toEqual(["2027-01-30T12:34:56.789Z", "2027-01-31T12:34:56.789Z"]);
  });
});

test("totals survive a restart, and the rows that retention deletes", async () => {
  const first = open();
  for (let at = 0; at < 1_200; at += 1) first.record(request({ arrived_at: Date.now() - 60_000 }));
  first.record(request({ arrived_at: Date.now() + 60_000 }));
  await first.close();

  const second = open({ ...forever, requestsMs: 30_000 });
  await until(() => recorded().length === 1);
  expect(value(await second.tallies(Date.now())).totals).toMatchObject({ requests: 1_201, cost_usd: 120.1 });
  const sqlite = openSqlite(file, { readonly: true });
  expect(sqlite.prepare("SELECT count(*) AS n FROM attempts").get()).toEqual({ n: 1 });
  sqlite.close();
});

describe("the gateway goes on when the database", () => {
  test.each([
    ["is no database", () => writeFileSync(file, "not a database, by any measure".repeat(100))],
    ["is spoiled inside", () => spoiledDatabase(file)],
    ["comes from the future", () => futureDatabase(file)],
  ])("%s", async (_name, spoil) => {
    spoil();
    const journal = open();
    journal.record(request());
    await journal.flush();
    expect(value(await journal.tallies(Date.now())).totals.requests).toBe(1);
    expect(problems.map((problem) => problem.code)).toEqual(["set_aside"]);
    expect(readdirSync(directory.path).some((name) => name.startsWith("switchyard.sqlite.corrupt-"))).toBe(
      true,
    );
    expect(journal.dropped()).toBe(0);
  });

  test("is removed under it, and the totals go on too", async () => {
    const journal = open();
    journal.record(request());
    await journal.flush();
    rmSync(directory.path, { recursive: true });
    journal.record(request({ request_id: "after" }));
    await journal.flush();
    expect(recorded().map((row) => row.request_id)).toEqual(["after"]);
    expect(value(await journal.tallies(Date.now())).totals.requests).toBe(2);
    expect(problems.map((problem) => problem.code)).toEqual(["vanished"]);
  });

  test("cannot be reached for a while", async () => {
    const folder = join(directory.path, "data");
    writeFileSync(folder, "a file where the directory should be");
    file = join(folder, "switchyard.sqlite");
    const journal = open();
    journal.record(request());
    await until(() => problems.length > 0);
    expect(await journal.tally(0, 1)).toMatchObject({ ok: false, error: { param: null } });
    rmSync(folder);
    mkdirSync(folder);
    await journal.flush();
    expect(recorded()).toHaveLength(1);
    expect(problems.map((problem) => problem.code)).toEqual(["unreachable", "recovered"]);
  });

  test("is locked by somebody else for a while, and is read meanwhile", async () => {
    const journal = open();
    journal.record(request({ arrived_at: now }));
    await journal.flush();
    const other = openSqlite(file, { busyMs: 5_000 });
    other.exec("BEGIN IMMEDIATE");
    expect(await lastDay(journal)).toBe(1);
    journal.record(request({ arrived_at: now }));
    await until(() => problems.some((problem) => problem.code === "busy"));
    other.exec("COMMIT");
    other.close();
    await journal.flush();
    expect(await lastDay(journal)).toBe(2);
    expect(journal.dropped()).toBe(0);
  });

  test("loses its thread: what was under way is counted as lost, and all goes on", async () => {
    const threads: Worker[] = [];
    const Native = globalThis.Worker;
    globalThis.Worker = class extends Native {
      constructor(...given: ConstructorParameters<typeof Native>) {
        super(...given);
        threads.push(this);
      }
    };
    const journal = open();
    globalThis.Worker = Native;
    journal.record(request({ arrived_at: now }));
    await journal.flush();
    threads[0]?.terminate();
    journal.record(request({ arrived_at: now }));
    const asked = journal.tallies(now);
    await until(() => problems.some((problem) => problem.code === "worker_crashed"));
    expect(await asked).toMatchObject({ ok: false, error: { param: null } });
    journal.record(request({ arrived_at: now }));
    globalThis.Worker = Native;
    await until(async () => (await journal.tallies(now)).ok);
    expect((await lastDay(journal)) + journal.dropped()).toBe(3);
    expect(await lastDay(journal)).toBe(recorded().length);
  });
});

async function lastDay(journal: Journal): Promise<number> {
  return value(await journal.tallies(now)).last_day.requests;
}

test("an older database is caught up with while it is written and read, and progress is told", async () => {
  const before = openSqlite(file);
  migrate(before);
  const older = Array.from({ length: 11_000 }, (_, at) => request({ arrived_at: now - at * 1_000 }));
  prepareStore(before, null).write(packed(older));
  before.exec(
    "DROP TABLE rollups; DROP TABLE rollup_names; DROP TABLE rollup_state; PRAGMA user_version = 1",
  );
  before.close();

  const journal = open();
  let written = older.length;
  while (!problems.some(({ code }) => code === "rolled_up")) {
    journal.record(request({ arrived_at: now }));
    written += 1;
    expect(await lastDay(journal)).toBe(written);
  }
  expect(await lastDay(journal)).toBe(written);
  expect(problems.map(({ code }) => code)).toEqual(["rolling_up", "rolled_up"]);
  expect(problems[0]?.message).toMatch(/^building .* 11\d{3} requests .*: 4\d %$/);
});

test("what does not fit in memory is dropped and counted, and recording stays cheap", async () => {
  const folder = join(directory.path, "data");
  writeFileSync(folder, "");
  file = join(folder, "switchyard.sqlite");
  const journal = open();
  const row = request({ attempts: [] });
  for (let at = 0; at < 50_010; at += 1) journal.record(row);
  expect(journal.dropped()).toBe(10);
  rmSync(folder);
  await journal.flush();
  expect(value(await journal.tallies(Date.now())).totals.requests).toBe(50_000);
});

test("a closed journal takes nothing and says so", async () => {
  const journal = open();
  await journal.close();
  journal.record(request());
  expect(journal.dropped()).toBe(1);
  expect(await journal.tally(0, 1)).toMatchObject({ ok: false });
});

/** Page 1, with the header and the schema, is whole; every other page is noise. */
function spoiledDatabase(path: string): void {
  const sqlite = openSqlite(path);
  migrate(sqlite);
  prepareStore(sqlite, null).write(packed(new Array(500).fill(request())));
  sqlite.close();
  writeFileSync(path, readFileSync(path).fill(0x5a, 4096));
}

function futureDatabase(path: string): void {
  const sqlite = openSqlite(path);
  sqlite.exec("PRAGMA user_version = 99");
  sqlite.close();
}
