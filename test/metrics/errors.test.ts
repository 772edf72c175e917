import { afterEach, beforeEach, describe, expect, setDefaultTimeout, test } from "bun:test";
import fc from "fast-check";
import type { RequestRow } from "../../src/domain/journal.ts";
import { type ErrorsReport, queryErrors } from "../../src/metrics/errors.ts";
import { parseErrors } from "../../src/metrics/errors_query.ts";
import { migrate } from "../../src/metrics/migrations.ts";
import { prepareStore, type Store } from "../../src/metrics/store.ts";
import { openSqlite, type Sqlite } from "../../src/runtime/sqlite.ts";
import { attempt, packed, refusal, request } from "./traffic.ts";

setDefaultTimeout(20_000);

const now = Date.parse("2027-01-31T12:34:56.789Z");
let sqlite: Sqlite;
let store: Store;

beforeEach(() => {
  sqlite = openSqlite(":memory:");
  migrate(sqlite);
  store = prepareStore(sqlite, null);
});
afterEach(() => sqlite.close());

const write = (...rows: readonly RequestRow[]): void => store.write(packed(rows));
const failure = (different: Partial<RequestRow> = {}): RequestRow =>
  request({
    ...{ outcome: "error", status: 502, code: "upstream_error", provider: null, served_model: null },
    ...{ upstream: null, cost_usd: null, attempts: [attempt({ outcome: "server", status: 500 })] },
    ...different,
  });

async function errors(query = "", bounds?: { slice: number; most: number }): Promise<ErrorsReport> {
  const parsed = parseErrors(new URLSearchParams(query), now);
  if (!parsed.ok) throw new Error(parsed.error.message);
  return queryErrors(() => store, parsed.value, bounds);
}
const idsOf = ({ errors: found }: ErrorsReport) => found.map(({ request_id }) => request_id);

test("failed and refused requests are told of, the newest first, and no others", async () => {
  write(
    request({ request_id: "fine" }),
    failure({ request_id: "first", arrived_at: now - 3_000 }),
    request({ request_id: "left", outcome: "cancelled", status: 499, code: "cancelled" }),
    refusal({ request_id: "second", arrived_at: now - 2_000 }),
    failure({ request_id: "long ago", arrived_at: now - 25 * 3_600_000 }),
  );
  const report = await errors();
  expect(idsOf(report)).toEqual(["second", "first"]);
  expect(report).toMatchObject({ complete: true, found: 2, next: null });
  expect(report.looked_back_to).toBe(report.from);
});

test("each is told with its attempts, and with nothing of a user or a credential", async () => {
  write(failure({ attempts: [attempt({ outcome: "overloaded", status: 503, start_ms: 1 }), attempt()] }));
  const [entry] = (await errors()).errors;
  expect(entry).toEqual({
    ...{ request_id: "r-1", at: "2027-01-31T12:00:00.000Z", outcome: "error", status: 502 },
    ...{ code: "upstream_error", rule: null, asked: "gpt-4", model: "chat", served_model: null },
    ...{ provider: null, upstream: null, key: "web-app", team: "search", labels: { project: "x" } },
    ...{ generation: 3, arm: "stable", endpoint: "chat", stream: false, duration_ms: 120 },
    ...{ overhead_ms: 0.25, tokens: { prompt: 100, completion: 20, total: 120 }, cost_usd: null },
    warnings: [],
    attempts: [
      {
        ...{ provider: "openai", upstream: "gpt-4o", served_model: "chat", outcome: "overloaded" },
        ...{ status: 503, start_ms: 1, duration_ms: 119, ttft_ms: 39, retry_after_ms: null },
        ...{ tokens: { prompt: 100, completion: 20, total: 120 }, cost_usd: 0.1 },
      },
      expect.objectContaining({ outcome: "ok", start_ms: 0.2 }),
    ],
  });
  expect(JSON.stringify(entry)).not.toMatch(/u1|https:/);
});

describe("filters", () => {
  test.each([
    ["", 4],
    ["model=chat", 2],
    ["model=typo", 1],
    ["provider=openai", 1],
    ["provider=azure", 1],
    ["provider=mistral", 0],
    ["key=batch", 1],
    ["code=rate_limit_exceeded", 1],
    ["rule=key web-app rpm", 1],
    ["rule=key web", 1],
    ["rule=web", 0],
    ["generation=7", 1],
    ["outcome=refused", 2],
    ["outcome=error", 2],
    ["outcome=error&model=chat&provider=openai", 1],
    ["hours=0.6", 4],
    ["hours=0.5", 0],
    ["from=2027-01-31T11:00:00Z&to=2027-01-31T12:00:00Z", 0],
    ["from=2027-01-31T12:00:00Z", 4],
  ])("%s finds %d of four", async (query, count) => {
    write(
      failure(),
      failure({
        model: "small",
        attempts: [attempt({ provider: "azure", outcome: "timeout" }), attempt({ provider: "mistral" })],
      }),
      refusal(),
      refusal({
        asked: "typo",
        model: null,
        code: "model_not_found",
        rule: null,
        key_id: "batch",
        generation: 7,
      }),
    );
    expect((await errors(query)).found).toBe(count);
  });
});

test("counts by rule and by provider are of all that were found, the commonest first", async () => {
  const twice = [
    attempt({ outcome: "server" }),
    attempt({ outcome: "server" }),
    attempt({ provider: "azure", outcome: "timeout" }),
  ];
  write(
    refusal(),
    refusal(),
    refusal(),
    failure(),
    failure({ attempts: twice }),
    refusal({ code: "draining", rule: null }),
  );
  const report = await errors("limit=1");
  expect(report.by_rule).toEqual([
    { code: "rate_limit_exceeded", rule: "key web-app rpm routes.yaml:31:15", requests: 3 },
    { code: "upstream_error", rule: null, requests: 2 },
    { code: "draining", rule: null, requests: 1 },
  ]);
  expect(report.by_provider).toEqual([
    { provider: "openai", requests: 2 },
    { provider: "azure", requests: 1 },
  ]);
  expect([report.errors.length, report.found]).toEqual([1, 6]);
});

describe("pages", () => {
  test("tell of each once, also of those that arrived at the same moment", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.integer({ min: 0, max: 4 }), { minLength: 1, maxLength: 25 }),
        fc.integer({ min: 1, max: 6 }),
        async (moments, limit) => {
          sqlite.exec("DELETE FROM requests; DELETE FROM attempts");
          write(...moments.map((at, n) => failure({ request_id: `r${n}`, arrived_at: now - 10_000 + at })));
          const told: string[] = [];
          for (let next: string | null = ""; next !== null; ) {
            const page = await errors(`limit=${limit}${next === "" ? "" : `&before=${next}`}`);
            told.push(...idsOf(page));
            next = page.next;
          }
          const order = moments
            .map((at, n) => [at, n] as const)
            .toSorted((a, b) => b[0] - a[0] || b[1] - a[1]);
          expect(told).toEqual(order.map(([, n]) => `r${n}`));
        },
      ),
      { numRuns: 15 },
    );
  });

  test("a time alone is a place too", async () => {
    write(
      failure({ request_id: "a", arrived_at: now - 2_000 }),
      failure({ request_id: "b", arrived_at: now - 1_000 }),
    );
    expect(idsOf(await errors(`before=${new Date(now - 1_000).toISOString()}`))).toEqual(["a"]);
  });
});

test("no more than a bound is looked at; how far that was is said, and the next page goes on from there", async () => {
  write(
    failure({ request_id: "old", arrived_at: now - 3_600_000 }),
    ...Array.from({ length: 120 }, (_, n) => request({ arrived_at: now - 20_000 + n * 100 })),
  );
  const first = await errors("", { slice: 50, most: 100 });
  expect(first).toMatchObject({ complete: false, found: 0, errors: [] });
  expect(first.looked_back_to).toBe(new Date(now - 20_000 + 20 * 100).toISOString());
  const second = await errors(`before=${first.next}`, { slice: 50, most: 100 });
  expect([idsOf(second), second.complete, second.next]).toEqual([["old"], true, null]);
});

test.each([
  ["limit=0", "limit"],
  ["limit=201", "limit"],
  ["limit=1.5", "limit"],
  ["before=yesterday", "before"],
  ["before=2027-01-31T12:00:00Z,x", "before"],
  ["before=2027-01-31T12:00:00Z,1,2", "before"],
  ["generation=new", "generation"],
  ["outcome=ok", "outcome"],
  ["hours=24&from=2027-01-30T00:00:00Z", "hours"],
  ["to=2027-01-30T00:00:00Z", "from"],
  ["modle=chat", "modle"],
])("%s is refused at %s", (query, param) => {
  expect(parseErrors(new URLSearchParams(query), now)).toMatchObject({ ok: false, error: { param } });
});
