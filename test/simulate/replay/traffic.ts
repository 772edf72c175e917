import { compile } from "../../../src/config/compile.ts";
import type { RequestRow } from "../../../src/domain/journal.ts";
import type { RouteRequest } from "../../../src/domain/route.ts";
import type { Snapshot } from "../../../src/domain/snapshot.ts";
import { noUsage } from "../../../src/domain/usage.ts";
import { costOfAttempt } from "../../../src/gateway/failover.ts";
import { keyChance, userChance } from "../../../src/gateway/request/sticky.ts";
import { Batch } from "../../../src/metrics/batch.ts";
import { migrate } from "../../../src/metrics/migrations.ts";
import { packRow } from "../../../src/metrics/rows.ts";
import { prepareStore } from "../../../src/metrics/store.ts";
import { openSqlite } from "../../../src/runtime/sqlite.ts";
import { VirtualClock } from "../../../src/simulate/clock.ts";
import { drawn } from "../../../src/simulate/replay/past.ts";
import { costOfRun, type Oracle, type Ran, run, type Scripted } from "../../../src/simulate/run.ts";
import { worldOf } from "../../../src/simulate/world.ts";
import { attempt, request } from "../../metrics/traffic.ts";

/** Compiles a routing file that has to be good. */
export function snapshotOf(yaml: string): Snapshot {
  const text = /^version:/m.test(yaml) ? yaml : `version: 1\n${yaml}`;
  const files = [{ name: "routes.yaml", bytes: new TextEncoder().encode(text) }];
  const compiled = compile(files, { engine: "0.1.0", variables: {}, unset: "warning" });
  if (!compiled.ok)
    throw new Error(compiled.diagnostics.map(({ line, message }) => `${line}: ${message}`).join("\n"));
  return compiled.snapshot;
}

export interface Traffic {
  readonly requests: number;
  /** Mean time between two of them. */
  readonly everyMs: number;
  readonly model?: string;
  readonly startsAt?: number;
}

const noon = Date.parse("2026-11-26T12:00:00Z");

/** Answers in about a second, and fails one time in fifty. */
const usual: Oracle = (_decision, { chance }) => {
  const usage = { ...noUsage, prompt: 100, completion: 20 + Math.floor(chance * 60), total: 0 };
  const answered: Scripted = {
    kind: "ok",
    ttftMs: 200,
    latencyMs: 1_000,
    usage: { ...usage, total: usage.prompt + usage.completion },
    broken: null,
  };
  return answered;
};

/** Lets a configuration serve traffic, the same every time, and gives what the gateway would have recorded of it. */
export async function serveTraffic(
  snapshot: Snapshot,
  traffic: Traffic,
  see: (row: RequestRow) => void,
  oracle: Oracle = usual,
): Promise<void> {
  const startsAt = traffic.startsAt ?? noon;
  const clock = new VirtualClock(startsAt);
  const world = worldOf(snapshot, { clock });
  let at = startsAt;
  for (let index = 0; index < traffic.requests; index++) {
    // Whole milliseconds, as the journal has them.
    at += 1 + Math.floor(drawn(7, index, 1) * 2 * traffic.everyMs);
    await clock.advance(at);
    const keys = snapshot.auth.keys;
    const key = keys[Math.floor(drawn(7, index, 2) * keys.length)] ?? null;
    const userHash = `u${Math.floor(drawn(7, index, 3) * 50)}`;
    const asked: RouteRequest = {
      model: traffic.model ?? "m",
      endpoint: "chat",
      stream: index % 3 === 0,
      key,
      textBytes: 400,
      maxTokens: 100,
      n: 1,
      chance: drawn(7, index, 4),
      stickyChance: { key: keyChance(key?.id ?? ""), user: userChance(userHash) },
      arrivedAt: at,
    };
    clock.begin(async () => see(rowOf(asked, userHash, await run(world, asked, oracle))));
  }
  await clock.finish();
}

function rowOf(asked: RouteRequest, userHash: string, ran: Ran): RequestRow {
  const served = ran.ok ? ran.decision : null;
  const failed = !ran.ok && ran.tried.length > 0 && ran.refusal.status >= 500;
  return request({
    request_id: `r${asked.arrivedAt}`,
    arrived_at: asked.arrivedAt,
    key_id: asked.key?.id ?? null,
    user_hash: userHash,
    chance: asked.chance,
    asked: asked.model,
    stream: asked.stream,
    max_tokens: asked.maxTokens,
    served_model: served?.serving.name ?? null,
    provider: served?.target.provider.name ?? null,
    upstream: served?.upstream ?? null,
    outcome: ran.ok ? (ran.broken === null ? "ok" : "error") : failed ? "error" : "refused",
    code: ran.ok ? null : ran.refusal.code,
    rule: ran.ok ? null : ran.refusal.rule,
    cost_usd: costOfRun(ran),
    attempts: ran.tried.map((tried) =>
      attempt({
        provider: tried.decision.target.provider.name,
        upstream: tried.decision.upstream,
        outcome: tried.failure?.kind ?? "ok",
        status: tried.failure === null ? 200 : tried.failure.status,
        retry_after_ms: tried.failure?.retryAfterMs ?? null,
        ttft_ms: tried.firstOutputMs,
        duration_ms: tried.endedAt - tried.startedAt,
        usage: tried.usage,
        cost_usd: costOfAttempt(tried),
      }),
    ),
  });
}

/** Records traffic in a database, as the gateway's journal does. */
export async function recordTraffic(
  file: string,
  snapshot: Snapshot,
  traffic: Traffic,
  oracle: Oracle = usual,
): Promise<void> {
  const sqlite = openSqlite(file);
  migrate(sqlite);
  const store = prepareStore(sqlite, null);
  let batch = new Batch();
  let rows = 0;
  await serveTraffic(
    snapshot,
    traffic,
    (row) => {
      packRow(row, batch);
      if (++rows % 5_000 !== 0) return;
      store.write(batch.pack());
      batch = new Batch();
    },
    oracle,
  );
  store.write(batch.pack());
  sqlite.close();
}
