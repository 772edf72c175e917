import type { EpochMs } from "../../core/units.ts";
import { keyChance, userChance } from "../../gateway/request/sticky.ts";
import type { Sqlite, SqlRow, SqlValue } from "../../runtime/sqlite.ts";
import type { Recorded, RecordedAttempt, Recording } from "./recorded.ts";

/** Requests per slice. */
const slice = 5_000;

const attemptColumns = `a.provider AS a_provider, a.upstream AS a_upstream, a.outcome AS a_outcome, a.status AS a_status,
  a.retry_after_ms AS a_retry, a.ttft_ms AS a_ttft, a.duration_ms AS a_duration, a.prompt_tokens AS a_prompt,
  a.completion_tokens AS a_completion, a.total_tokens AS a_total, a.cached_tokens AS a_cached,
  a.cache_write_tokens AS a_written, a.reasoning_tokens AS a_reasoning`;
const columns = `r.id, r.arrived_at, r.key_id, r.chance, r.user_hash, r.asked, r.endpoint, r.stream, r.text_bytes,
  r.max_tokens, r.n, r.outcome, r.code, r.provider, r.upstream, r.cost_usd, ${attemptColumns}`;

/** What `switchyard.sqlite` has recorded. It is read in slices, and may be in use. */
export function recordingIn(sqlite: Sqlite): Recording {
  const newest = sqlite.prepare("SELECT max(arrived_at) AS at FROM requests").get()?.["at"];
  return {
    newest: typeof newest === "number" ? newest : null,
    count: (from) =>
      Number(
        sqlite.prepare("SELECT count(*) AS n FROM requests WHERE arrived_at >= ?").get(from)?.["n"] ?? 0,
      ),
    slices: (from) => slicesOf(sqlite, from),
    attempts: (from) => attemptsOf(sqlite, from),
  };
}

async function* slicesOf(sqlite: Sqlite, from: EpochMs): AsyncGenerator<readonly Recorded[]> {
  const statement = sqlite.prepare(`SELECT ${columns} FROM
    (SELECT * FROM requests WHERE (arrived_at, id) > (?, ?) ORDER BY arrived_at, id LIMIT ${slice}) r
    LEFT JOIN attempts a ON a.request = r.id ORDER BY r.arrived_at, r.id, a.seq`);
  let after: readonly [SqlValue, SqlValue] = [from - 1, Number.MAX_SAFE_INTEGER];
  for (;;) {
    const rows = statement.all(...after);
    const last = rows.at(-1);
    if (last === undefined) return;
    const requests = grouped(rows);
    yield requests;
    if (requests.length < slice) return;
    after = [last["arrived_at"] ?? null, last["id"] ?? null];
    await pause();
  }
}

async function* attemptsOf(sqlite: Sqlite, from: EpochMs): AsyncGenerator<readonly RecordedAttempt[]> {
  const statement = sqlite.prepare(`SELECT r.id, r.arrived_at, ${attemptColumns} FROM
    (SELECT id, arrived_at FROM requests WHERE (arrived_at, id) > (?, ?) ORDER BY arrived_at, id LIMIT ${slice}) r
    LEFT JOIN attempts a ON a.request = r.id ORDER BY r.arrived_at, r.id, a.seq`);
  let after: readonly [SqlValue, SqlValue] = [from - 1, Number.MAX_SAFE_INTEGER];
  for (;;) {
    const rows = statement.all(...after);
    const last = rows.at(-1);
    if (last === undefined) return;
    yield rows.filter((row) => row["a_provider"] !== null).map(attemptOf);
    after = [last["arrived_at"] ?? null, last["id"] ?? null];
    await pause();
  }
}

/** One row for each attempt becomes one request with all of them. */
function grouped(rows: readonly SqlRow[]): readonly Recorded[] {
  const requests: Recorded[] = [];
  let attempts: RecordedAttempt[] = [];
  let id: SqlValue | undefined;
  for (const row of rows) {
    if (row["id"] !== id || requests.length === 0) {
      id = row["id"];
      attempts = [];
      requests.push(requestOf(row, attempts));
    }
    if (row["a_provider"] !== null) attempts.push(attemptOf(row));
  }
  return requests;
}

function requestOf(row: SqlRow, attempts: readonly RecordedAttempt[]): Recorded {
  const keyId = text(row["key_id"]);
  const user = text(row["user_hash"]);
  return {
    arrivedAt: Number(row["arrived_at"]),
    keyId,
    chance: Number(row["chance"]),
    userChance: () => (user === null ? keyChance(keyId ?? "") : userChance(user)),
    asked: text(row["asked"]),
    // What the gateway itself wrote: nobody else writes these columns.
    endpoint: row["endpoint"] as Recorded["endpoint"],
    stream: row["stream"] === 1,
    textBytes: Number(row["text_bytes"]),
    maxTokens: number(row["max_tokens"]),
    n: Number(row["n"]),
    outcome: row["outcome"] as Recorded["outcome"],
    code: text(row["code"]),
    provider: text(row["provider"]),
    upstream: text(row["upstream"]),
    costUsd: number(row["cost_usd"]),
    attempts,
  };
}

const attemptOf = (row: SqlRow): RecordedAttempt => ({
  provider: String(row["a_provider"]),
  upstream: String(row["a_upstream"]),
  outcome: row["a_outcome"] as RecordedAttempt["outcome"],
  status: number(row["a_status"]),
  retryAfterMs: number(row["a_retry"]),
  ttftMs: number(row["a_ttft"]),
  durationMs: Number(row["a_duration"]),
  usage: {
    prompt: number(row["a_prompt"]),
    completion: number(row["a_completion"]),
    total: number(row["a_total"]),
    cached: number(row["a_cached"]),
    cacheWrite: number(row["a_written"]),
    reasoning: number(row["a_reasoning"]),
  },
});

const text = (value: SqlValue | undefined): string | null => (typeof value === "string" ? value : null);
const number = (value: SqlValue | undefined): number | null => (typeof value === "number" ? value : null);

const pause = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 0));
