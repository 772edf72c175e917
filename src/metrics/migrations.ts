import type { Sqlite } from "../runtime/sqlite.ts";

/**
 * What each version of `switchyard.sqlite` adds to the one before; `PRAGMA user_version` counts them. A released one is
 * never edited. Columns take any value on purpose: one odd figure must not cost the batch that it came with.
 */
const migrations: readonly string[] = [
  `
  -- what tallies read comes first: SQLite decodes a row from its beginning
  CREATE TABLE requests (
    id INTEGER PRIMARY KEY,
    arrived_at INTEGER NOT NULL, outcome TEXT, model TEXT, served_model TEXT, provider TEXT,
    duration_ms REAL, ttft_ms REAL, prompt_tokens INTEGER, cached_tokens INTEGER, completion_tokens INTEGER,
    reasoning_tokens INTEGER, total_tokens INTEGER, cost_usd REAL, key_id TEXT, team TEXT, user_hash TEXT,
    request_id TEXT, overhead_ms REAL, generation INTEGER, digest TEXT, arm TEXT, chance REAL,
    asked TEXT, upstream TEXT, endpoint TEXT, stream INTEGER, tools INTEGER, images INTEGER, json INTEGER,
    text_bytes INTEGER, max_tokens INTEGER, n INTEGER, status INTEGER, code TEXT, rule TEXT,
    cache_write_tokens INTEGER, labels TEXT, warnings TEXT
  );
  CREATE INDEX requests_by_arrival ON requests (arrived_at);

  CREATE TABLE attempts (
    request INTEGER NOT NULL, seq INTEGER NOT NULL,
    provider TEXT, outcome TEXT, served_model TEXT, duration_ms REAL, ttft_ms REAL,
    prompt_tokens INTEGER, cached_tokens INTEGER, completion_tokens INTEGER, reasoning_tokens INTEGER,
    total_tokens INTEGER, cost_usd REAL,
    upstream TEXT, endpoint_id TEXT, start_ms REAL, status INTEGER, retry_after_ms REAL, tokens_reserved INTEGER,
    cache_write_tokens INTEGER,
    PRIMARY KEY (request, seq)
  ) WITHOUT ROWID;

  CREATE TABLE totals (id INTEGER PRIMARY KEY CHECK (id = 1), tally TEXT NOT NULL);
  CREATE TABLE models (model TEXT PRIMARY KEY, last_used INTEGER NOT NULL) WITHOUT ROWID;
  `,
  `
  -- a row is one minute, hour or day of one cube: see src/metrics/rollup/pages.ts and page.ts
  CREATE TABLE rollups (id INTEGER PRIMARY KEY, cells BLOB NOT NULL);
  CREATE TABLE rollup_names (id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE);
  INSERT INTO rollup_names (id, name) VALUES (1, 'other');

  -- mark is the last request that is in them; of what came before the times, something may have been deleted
  CREATE TABLE rollup_state (
    id INTEGER PRIMARY KEY CHECK (id = 1),
    mark INTEGER NOT NULL, requests_since INTEGER NOT NULL, minute_since INTEGER NOT NULL, hour_since INTEGER NOT NULL
  );
  INSERT INTO rollup_state VALUES (1, 0, 0, 0, 0);
  `,
];

/** Brings a database to the newest version; false when a newer engine wrote it, and it is left as it is. */
export function migrate(sqlite: Sqlite): boolean {
  const found = Number(sqlite.prepare("PRAGMA user_version").get()?.user_version ?? 0);
  if (found > migrations.length) return false;
  for (const [at, sql] of migrations.entries()) {
    if (at < found) continue;
    sqlite.transaction(() => {
      sqlite.exec(sql);
      sqlite.exec(`PRAGMA user_version = ${at + 1}`);
    });
  }
  return true;
}
