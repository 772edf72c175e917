import type { AttemptRow, RequestRow } from "../domain/journal.ts";
import type { Usage } from "../domain/usage.ts";
import type { SqlRow, SqlValue } from "../runtime/sqlite.ts";

/**
 * A request on its way to the database: the values of {@link requestColumns}, then one list per attempt. By position,
 * because that is half the price of sending names along.
 */
export type PackedRow = readonly [readonly SqlValue[], readonly (readonly SqlValue[])[]];

const usageColumns = [
  ...["prompt_tokens", "completion_tokens", "total_tokens"],
  ...["cached_tokens", "cache_write_tokens", "reasoning_tokens"],
];

/** The columns of `requests`, in the order of {@link packRow}. */
export const requestColumns: readonly string[] = [
  ...[
    "request_id",
    "arrived_at",
    "duration_ms",
    "ttft_ms",
    "overhead_ms",
    "generation",
    "digest",
    "arm",
    "chance",
  ],
  ...[
    "key_id",
    "team",
    "user_hash",
    "labels",
    "asked",
    "model",
    "served_model",
    "provider",
    "upstream",
    "endpoint",
  ],
  ...[
    "stream",
    "tools",
    "images",
    "json",
    "text_bytes",
    "max_tokens",
    "n",
    "outcome",
    "status",
    "code",
    "rule",
  ],
  ...usageColumns,
  ...["cost_usd", "warnings"],
];

/** The columns of `attempts` after `request` and `seq`, in the order of {@link packRow}. */
export const attemptColumns: readonly string[] = [
  ...[
    "provider",
    "upstream",
    "served_model",
    "endpoint_id",
    "start_ms",
    "duration_ms",
    "ttft_ms",
    "outcome",
    "status",
  ],
  ...["retry_after_ms", "tokens_reserved"],
  ...usageColumns,
  "cost_usd",
];

/** A row by position; `arrived_at` becomes whole milliseconds. */
export const packRow = (row: RequestRow): PackedRow => [
  [
    row.request_id,
    Math.floor(row.arrived_at),
    row.duration_ms,
    row.ttft_ms,
    row.overhead_ms,
    row.generation,
    row.digest,
    row.arm,
    row.chance,
    row.key_id,
    row.team,
    row.user_hash,
    JSON.stringify(row.labels),
    row.asked,
    row.model,
    row.served_model,
    row.provider,
    row.upstream,
    row.endpoint,
    row.stream ? 1 : 0,
    row.tools ? 1 : 0,
    row.images ? 1 : 0,
    row.json ? 1 : 0,
    row.text_bytes,
    row.max_tokens,
    row.n,
    row.outcome,
    row.status,
    row.code,
    row.rule,
    ...packUsage(row.usage),
    row.cost_usd,
    JSON.stringify(row.warnings),
  ],
  row.attempts.map(packAttempt),
];

/** A request and its attempts, in order, as they were recorded. */
export const unpackRow = (row: SqlRow, attempts: readonly SqlRow[]): RequestRow => ({
  ...pick<RequestRow>(row, requestColumns),
  labels: JSON.parse(String(row.labels)),
  stream: row.stream === 1,
  tools: row.tools === 1,
  images: row.images === 1,
  json: row.json === 1,
  usage: unpackUsage(row),
  warnings: JSON.parse(String(row.warnings)),
  attempts: attempts.map((attempt) => ({
    ...pick<AttemptRow>(attempt, attemptColumns),
    usage: unpackUsage(attempt),
  })),
});

const packAttempt = (attempt: AttemptRow): readonly SqlValue[] => [
  attempt.provider,
  attempt.upstream,
  attempt.served_model,
  attempt.endpoint_id,
  attempt.start_ms,
  attempt.duration_ms,
  attempt.ttft_ms,
  attempt.outcome,
  attempt.status,
  attempt.retry_after_ms,
  attempt.tokens_reserved,
  ...packUsage(attempt.usage),
  attempt.cost_usd,
];

const packUsage = (usage: Usage): readonly SqlValue[] => [
  usage.prompt,
  usage.completion,
  usage.total,
  usage.cached,
  usage.cacheWrite,
  usage.reasoning,
];

const unpackUsage = (row: SqlRow): Usage => ({
  prompt: numberOrNull(row.prompt_tokens),
  completion: numberOrNull(row.completion_tokens),
  total: numberOrNull(row.total_tokens),
  cached: numberOrNull(row.cached_tokens),
  cacheWrite: numberOrNull(row.cache_write_tokens),
  reasoning: numberOrNull(row.reasoning_tokens),
});

const numberOrNull = (value: SqlValue | undefined): number | null =>
  typeof value === "number" ? value : null;

/** The columns that bear the name of their field. What they hold was written by {@link packRow} and by nobody else. */
function pick<Row>(row: SqlRow, columns: readonly string[]): Row {
  const named = columns
    .filter((column) => !usageColumns.includes(column))
    .map((column) => [column, row[column]]);
  return Object.fromEntries(named) as Row;
}
