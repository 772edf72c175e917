import type { RequestRow } from "../domain/journal.ts";

/**
 * The one log line that every request has, newline included, as pino would write it. pino itself takes ten times as
 * long for so many fields, and this is the only line that every request pays for.
 */
export const requestLine = (row: RequestRow, level: "info" | "error"): string =>
  `{"level":"${level}","time":"${timeText(row.arrived_at + row.duration_ms)}",${JSON.stringify(fields(row)).slice(1)}\n`;

const fields = (row: RequestRow) => ({
  msg: "request",
  request_id: row.request_id,
  snapshot: `${row.generation}-${row.digest.slice(0, 8)}`,
  arm: row.arm,
  endpoint: row.endpoint,
  key: row.key_id,
  team: row.team,
  asked: row.asked,
  model: row.model,
  served_model: row.served_model,
  provider: row.provider,
  upstream: row.upstream,
  outcome: row.outcome,
  status: row.status,
  code: row.code,
  rule: row.rule,
  ms: rounded(row.duration_ms),
  ttft_ms: row.ttft_ms === null ? null : rounded(row.ttft_ms),
  overhead_ms: rounded(row.overhead_ms),
  stream: row.stream,
  tokens: row.usage.total,
  cost_usd: row.cost_usd,
  warnings: row.warnings,
  attempts: row.attempts.map(({ provider, upstream, outcome, status, duration_ms }) => ({
    ...{ provider, upstream, outcome, status },
    ms: rounded(duration_ms),
  })),
});

/** The line's time is the end of the request, in the format of `pino.stdTimeFunctions.isoTime`. */
const timeText = (ms: number): string => new Date(ms).toISOString();

const rounded = (ms: number): number => Math.round(ms * 1000) / 1000;
