import type { AttemptRow, RequestRow } from "../domain/journal.ts";
import type { Usage } from "../domain/usage.ts";
import type { SqlRow, SqlValue } from "../runtime/sqlite.ts";
import type { Batch } from "./batch.ts";

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

/** The columns above that hold text; all others hold numbers. */
export const textColumns: ReadonlySet<string> = new Set([
  ...[
    "request_id",
    "digest",
    "arm",
    "key_id",
    "team",
    "user_hash",
    "labels",
    "asked",
    "model",
    "served_model",
  ],
  ...["provider", "upstream", "endpoint", "endpoint_id", "outcome", "code", "rule", "warnings"],
]);

/** Adds a row to a batch: a value for each column, in order; `arrived_at` becomes whole milliseconds. */
export function packRow(row: RequestRow, into: Batch): void {
  into.beginRequest(row.attempts.length);
  packHead(row, into);
  packAsked(row, into);
  into.name(row.outcome);
  into.number(row.status);
  into.name(row.code);
  into.text(row.rule);
  packUsage(row.usage, into);
  into.number(row.cost_usd);
  into.text(row.warnings.length === 0 ? "[]" : JSON.stringify(row.warnings));
  for (const attempt of row.attempts) packAttempt(attempt, into);
}

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

function packHead(row: RequestRow, into: Batch): void {
  into.text(row.request_id);
  into.number(Math.floor(row.arrived_at));
  into.number(row.duration_ms);
  into.number(row.ttft_ms);
  into.number(row.overhead_ms);
  into.number(row.generation);
  into.name(row.digest);
  into.name(row.arm);
  into.number(row.chance);
  into.name(row.key_id);
  into.name(row.team);
  into.text(row.user_hash);
  into.text(JSON.stringify(row.labels));
}

function packAsked(row: RequestRow, into: Batch): void {
  // a client's own words are kept once each: whatever else hangs on them must not wait with them
  if (row.asked === row.model) into.name(row.model);
  else into.text(row.asked);
  into.name(row.model);
  into.name(row.served_model);
  into.name(row.provider);
  into.name(row.upstream);
  into.name(row.endpoint);
  into.number(row.stream ? 1 : 0);
  into.number(row.tools ? 1 : 0);
  into.number(row.images ? 1 : 0);
  into.number(row.json ? 1 : 0);
  into.number(row.text_bytes);
  into.number(row.max_tokens);
  into.number(row.n);
}

function packAttempt(attempt: AttemptRow, into: Batch): void {
  into.name(attempt.provider);
  into.name(attempt.upstream);
  into.name(attempt.served_model);
  into.name(attempt.endpoint_id);
  into.number(attempt.start_ms);
  into.number(attempt.duration_ms);
  into.number(attempt.ttft_ms);
  into.name(attempt.outcome);
  into.number(attempt.status);
  into.number(attempt.retry_after_ms);
  into.number(attempt.tokens_reserved);
  packUsage(attempt.usage, into);
  into.number(attempt.cost_usd);
}

function packUsage(usage: Usage, into: Batch): void {
  into.number(usage.prompt);
  into.number(usage.completion);
  into.number(usage.total);
  into.number(usage.cached);
  into.number(usage.cacheWrite);
  into.number(usage.reasoning);
}

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
