import { afterAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { failure } from "../../../src/domain/failure.ts";
import type { RequestRow } from "../../../src/domain/journal.ts";
import type { Snapshot } from "../../../src/domain/snapshot.ts";
import { noUsage } from "../../../src/domain/usage.ts";
import { openSqlite } from "../../../src/runtime/sqlite.ts";
import { recordingIn } from "../../../src/simulate/replay/database.ts";
import { gate } from "../../../src/simulate/replay/gate.ts";
import { replay } from "../../../src/simulate/replay/replay.ts";
import { openTrace, traceLines } from "../../../src/simulate/replay/trace.ts";
import type { Oracle } from "../../../src/simulate/run.ts";
import { temporaryDirectory } from "../../metrics/traffic.ts";
import { cases } from "../../support/thorough.ts";
import { recordTraffic, serveTraffic, snapshotOf } from "./traffic.ts";

setDefaultTimeout(20_000);

const directory = temporaryDirectory();
afterAll(directory.remove);
const week = 7 * 86_400_000;

interface Knobs {
  readonly rpm?: number;
  readonly tpm?: number;
  readonly first?: "p" | "q";
  readonly keys?: string;
  readonly strategy?: string;
}
const file = ({
  rpm = 1_000,
  tpm = 1_000_000,
  first = "p",
  keys = "",
  strategy = "priority",
}: Knobs = {}): Snapshot =>
  snapshotOf(`
auth:
  keys:
  - { id: a, secret: env:A, limits: { rpm: ${rpm}, tpm: ${tpm} } }
  ${keys === "" ? "- { id: b, secret: env:B }" : keys}
providers:
  p: { kind: openai, base_url: "http://127.0.0.1:1", models: { "*": { price: { input: 1, output: 2 } } } }
  q: { kind: openai, base_url: "http://127.0.0.1:2", models: { "*": { price: { input: 2, output: 4 } } } }
models:
  m: { strategy: ${strategy}, targets: [${first}/x, ${first === "p" ? "q" : "p"}/x] }
failover: { default: { breaker: { failures: 3, within: 30s, open_for: 10s } } }
gates: { replay: { since: 24h, max_newly_refused: 1%, max_cost_increase: 10% } }
`);

/** Some attempts fail in each of several ways, and take their time. */
const moody: Oracle = ({ target }, { chance, arrivedAt }) => {
  const dice = (arrivedAt * 7 + Math.floor(chance * 1_000) + (target.provider.name === "p" ? 0 : 37)) % 100;
  const usage = { ...noUsage, prompt: 100, completion: 10 + (dice % 30), total: 110 + (dice % 30) };
  if (target.provider.name === "p" && dice < 8)
    return { kind: "failed", latencyMs: 300, failure: failure("server", "x", { status: 500 }) };
  if (dice < 10)
    return {
      kind: "failed",
      latencyMs: 20,
      failure: failure("rate_limited", "x", { status: 429, retryAfterMs: 2_000 }),
    };
  const broken = dice === 99 ? failure("malformed", "x") : null;
  return { kind: "ok", ttftMs: 100 + dice, latencyMs: 1_000 + 10 * dice, usage, broken };
};

let databases = 0;
async function recorded(snapshot: Snapshot, requests: number, everyMs: number, oracle?: Oracle) {
  const path = join(directory.path, `${databases++}.sqlite`);
  await recordTraffic(path, snapshot, { requests, everyMs }, oracle);
  return recordingIn(openSqlite(path, { readonly: true }));
}

describe("a replay", () => {
  test.each(["priority", "weighted", "latency", "headroom", "cost"])(
    "of the same configuration over its own traffic, %s, is empty and faithful",
    async (strategy) => {
      const config = file({ strategy });
      const report = await replay(config, config, await recorded(config, 800, 300, moody), {
        sinceMs: week,
        seed: 1,
      });
      expect(report).toMatchObject({
        requests: 800,
        provider_changed: 0,
        newly_refused: 0,
        newly_accepted: 0,
        unknown: 0,
        drawn: 0,
      });
      expect(report.fidelity).toBeGreaterThan(0.99);
      expect(report.cost.change).toBe(0);
    },
  );

  test("refuses, with a halved rpm, exactly the requests that an independent count refuses", async () => {
    const base = file({ rpm: 40 });
    const requests = cases(1_000, 3_000);
    const rows: RequestRow[] = [];
    await serveTraffic(base, { requests, everyMs: 500 }, (row) => rows.push(row));
    // What the base refused is not refused anew. Counted here: at most 20 admitted in any 60 s, in one-second steps.
    const admitted: number[] = [];
    const refused = rows
      .toSorted((x, y) => x.arrived_at - y.arrived_at)
      .filter(({ key_id: key }) => key === "a")
      .filter((row) => {
        const counting = admitted.filter((at) => freeAt(at, admitted) > row.arrived_at);
        if (counting.length < 20) {
          admitted.push(row.arrived_at);
          return false;
        }
        return row.outcome !== "refused";
      });
    const recording = await recorded(base, requests, 500);
    const report = await replay(base, file({ rpm: 20 }), recording, { sinceMs: week, seed: 1 });
    expect(report.newly_refused).toBe(refused.length);
    expect(refused.length).toBeGreaterThan(100);
    expect(report.refusals).toMatchObject([
      { key: "a", rule: expect.stringContaining("key a rpm routes.yaml:") },
    ]);
    expect(report.refusals[0]?.first).toBe(refused[0]?.arrived_at);
  });

  test("tells what went elsewhere, and what that may cost", async () => {
    const recording = await recorded(file(), 500, 300, moody);
    const report = await replay(file(), file({ first: "q" }), recording, { sinceMs: week, seed: 1 });
    expect(report.provider_changed).toBeGreaterThan(150);
    expect(report.moves[0]).toMatchObject({ from: "p/x", to: "q/x" });
    // What moves pays twice as much for a hundred tokens in and about 25 out. The outages of both bring some of it back.
    const [there, back] = report.moves.map(({ requests }) => requests);
    const more = (Number(there) - Number(back)) * (100 * 1e-6 + 25 * 2e-6);
    expect((Number(report.cost.head) - Number(report.cost.base)) / more).toBeWithin(0.8, 1.2);
    expect(report.drawn).toBeGreaterThan(150);
    expect(Number(report.cost.low)).toBeLessThan(Number(report.cost.high));
    expect(gate(report, file().gates)).toMatchObject({
      kind: "failed",
      why: expect.arrayContaining([expect.stringContaining("max_cost_increase")]),
    });
  });

  test("says the same for the same seed, to the byte, and knows what it does not know", async () => {
    const recording = await recorded(file(), 300, 300);
    const again = () => replay(file(), file({ first: "q" }), recording, { sinceMs: week, seed: 5 });
    const [one, other] = [await again(), await again()];
    expect(JSON.stringify(one)).toBe(JSON.stringify(other));
    // Nobody has ever used q.
    expect(one.unknown).toBe(300);
  });

  test("refuses a key that the head no longer has", async () => {
    const recording = await recorded(file(), 200, 300);
    const head = file({ keys: "- { id: c, secret: env:C }" });
    const report = await replay(file(), head, recording, { sinceMs: week, seed: 1 });
    expect(report.refusals).toMatchObject([{ rule: "auth.keys", key: "b" }]);
  });

  test("compares the newest part, and lets the rest fill the windows", async () => {
    const recording = await recorded(file({ rpm: 10 }), 600, 500);
    const since = 60_000;
    const report = await replay(file({ rpm: 10 }), file({ rpm: 10 }), recording, { sinceMs: since, seed: 1 });
    expect(report.requests).toBeLessThan(200);
    // Without what came before, the first of them would be admitted.
    expect(report.fidelity).toBe(1);
  });

  test("of nothing says nothing", async () => {
    const recording = await recorded(file(), 0, 1);
    const report = await replay(file(), file(), recording, { sinceMs: week, seed: 1 });
    expect(report).toMatchObject({ requests: 0, fidelity: null });
    expect(gate(report, file().gates)).toMatchObject({ kind: "inconclusive" });
  });

  test("that does not resemble what happened is inconclusive", async () => {
    const recording = await recorded(file({ rpm: 2 }), 300, 300);
    const report = await replay(file(), file({ first: "q" }), recording, { sinceMs: week, seed: 1 });
    expect(report.fidelity).toBeLessThan(0.95);
    expect(gate(report, file().gates)).toMatchObject({
      kind: "inconclusive",
      why: expect.stringContaining("less than 95 %"),
    });
  });
});

describe("a trace", () => {
  test("replays like the database it was made from, and names no key and no user", async () => {
    const recording = await recorded(file({ rpm: 20 }), 400, 500, moody);
    const path = join(directory.path, "trace.jsonl");
    let text = "";
    for await (const lines of traceLines(recording, 0)) text += lines;
    writeFileSync(path, text);
    expect(text).not.toMatch(/"keyId":"[ab]"|"u\d+"/);
    const trace = await openTrace(path, ["a", "b"]);
    if (!trace.ok) throw new Error(trace.error);
    const options = { sinceMs: week, seed: 1 };
    const fromTrace = await replay(file({ rpm: 20 }), file({ rpm: 10 }), trace.value, options);
    const fromDatabase = await replay(file({ rpm: 20 }), file({ rpm: 10 }), recording, options);
    expect(fromTrace).toEqual(fromDatabase);
    expect(fromTrace.newly_refused).toBeGreaterThan(0);
  });

  test.each(["", "{}\n", "not json\n"])("that begins with %j is none", async (text) => {
    const path = join(directory.path, "broken.jsonl");
    writeFileSync(path, text);
    expect(await openTrace(path, [])).toMatchObject({
      ok: false,
      error: expect.stringContaining("is no trace"),
    });
  });
});

/** A one-second sub-window counts whole until its newest booking is a minute old. */
function freeAt(at: number, admitted: readonly number[]): number {
  const newest = admitted.findLast((other) => Math.floor(other / 1_000) === Math.floor(at / 1_000)) ?? at;
  return newest + 60_000;
}
