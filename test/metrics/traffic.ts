import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { AttemptRow, RequestRow } from "../../src/domain/journal.ts";
import { noUsage } from "../../src/domain/usage.ts";
import { Batch, type PackedBatch } from "../../src/metrics/batch.ts";
import { packRow } from "../../src/metrics/rows.ts";

/** A request that was answered at noon, with whatever a test wants to be different. */
export const request = (different: Partial<RequestRow> = {}): RequestRow => ({
  request_id: "r-1",
  arrived_at: Date.parse("2027-01-31T12:00:00Z"),
  duration_ms: 120,
  ttft_ms: 40,
  overhead_ms: 0.25,
  generation: 3,
  digest: "a".repeat(64),
  arm: "stable",
  chance: 0.5,
  key_id: "web-app",
  team: "search",
  user_hash: "u1",
  labels: { project: "x" },
  asked: "gpt-4",
  model: "chat",
  served_model: "chat",
  provider: "openai",
  upstream: "gpt-4o",
  endpoint: "chat",
  stream: false,
  tools: false,
  images: false,
  json: false,
  text_bytes: 400,
  max_tokens: null,
  n: 1,
  outcome: "ok",
  status: 200,
  code: null,
  rule: null,
  usage: { ...noUsage, prompt: 100, completion: 20, total: 120 },
  cost_usd: 0.1,
  warnings: [],
  attempts: [attempt()],
  ...different,
});

/** One successful attempt. */
export function attempt(different: Partial<AttemptRow> = {}): AttemptRow {
  return {
    provider: "openai",
    upstream: "gpt-4o",
    served_model: "chat",
    endpoint_id: "openai https://api.openai.com/v1 main gpt-4o",
    start_ms: 0.2,
    duration_ms: 119,
    ttft_ms: 39,
    outcome: "ok",
    status: 200,
    retry_after_ms: null,
    tokens_reserved: 356,
    usage: { ...noUsage, prompt: 100, completion: 20, total: 120 },
    cost_usd: 0.1,
    ...different,
  };
}

/** Requests as the database's thread gets them. */
export function packed(rows: readonly RequestRow[]): PackedBatch {
  const batch = new Batch();
  for (const row of rows) packRow(row, batch);
  return batch.pack();
}

/** Our own 429, which nobody answered. */
export const refusal = (different: Partial<RequestRow> = {}): RequestRow =>
  request({
    ...{
      outcome: "refused",
      status: 429,
      code: "rate_limit_exceeded",
      rule: "key web-app rpm routes.yaml:31:15",
    },
    ...{ served_model: null, provider: null, upstream: null, ttft_ms: null, duration_ms: 1 },
    ...{ usage: noUsage, cost_usd: null, attempts: [] },
    ...different,
  });

/** An empty directory and what removes it. */
export function temporaryDirectory(): { readonly path: string; readonly remove: () => void } {
  const path = mkdtempSync(join(tmpdir(), "switchyard-"));
  return { path, remove: () => rmSync(path, { recursive: true, force: true }) };
}

/** As long as any test lasts. */
export const forever = { requestsMs: 1e14, minuteMs: 1e14, hourMs: 1e14 };

/** A journal that keeps everything, and knows one label. */
export const keeping = { retention: forever, labels: ["project"] };
