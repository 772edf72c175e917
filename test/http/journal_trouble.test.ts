import { afterEach, beforeEach, expect, test } from "bun:test";
import { rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { openSqlite } from "../../src/runtime/sqlite.ts";
import { chat, type Running, startGateway } from "../support/gateway.ts";
import { until } from "../support/until.ts";

let gateway: Running;
let file: string;

beforeEach(async () => {
  gateway = await startGateway("providers: { p: { kind: simulated } }\nmodels: { m: { targets: [p/x] } }");
  file = join(gateway.directory, "data/switchyard.sqlite");
});
afterEach(() => gateway.stop());

async function ask(times: number): Promise<void> {
  const answers = Array.from({ length: times }, () => gateway.post("/v1/chat/completions", chat("m")));
  for (const answer of await Promise.all(answers)) expect(answer.status).toBe(200);
}

const read = async (path: string) => (await fetch(gateway.url + path)).json();

async function counted(): Promise<number> {
  const { points } = await read("/metrics/trends?hours=2&bucket=minute&group_by=model");
  return (points ?? []).reduce((sum: number, { requests }: { requests: number }) => sum + requests, 0);
}

async function dropped(): Promise<number> {
  const scrape = await fetch(`${gateway.url}/metrics`, { headers: { accept: "text/plain" } });
  return Number(/^switchyard_journal_dropped_total (\d+)$/m.exec(await scrape.text())?.[1]);
}

test.each([
  ["deleted", () => rmSync(file)],
  ["overwritten with noise", () => writeFileSync(file, new Uint8Array(65_536).fill(0x5a))],
])("a database that is %s fails no request, is begun anew, and totals go on", async (_, spoil) => {
  await ask(10);
  await until(async () => (await counted()) === 10, "ten requests");
  spoil();
  await ask(10);
  await until(async () => (await read("/metrics")).totals?.requests === 20, "totals of both");
  expect(await counted()).toBeGreaterThanOrEqual(10);
  expect(await dropped()).toBe(0);
});

test("a database that is locked fails no request, and has them all afterwards", async () => {
  await ask(5);
  await until(async () => (await counted()) === 5, "five requests");
  const other = openSqlite(file, { busyMs: 5_000 });
  other.exec("BEGIN IMMEDIATE");
  await ask(5);
  other.exec("ROLLBACK");
  other.close();
  await until(async () => (await counted()) === 10, "ten requests");
  expect(await dropped()).toBe(0);
});
