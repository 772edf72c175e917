import { afterAll, expect, test } from "bun:test";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { migrate } from "../../src/metrics/migrations.ts";
import { mixOf } from "../../src/metrics/mix.ts";
import { openSqlite } from "../../src/runtime/sqlite.ts";

const scratch = mkdtempSync(join(tmpdir(), "switchyard-mix-"));
afterAll(() => rmSync(scratch, { recursive: true, force: true }));

const day = 86_400_000;
const newest = 10 * day;

function database(rows: readonly (readonly (string | number | null)[])[]) {
  const sqlite = openSqlite(join(scratch, `${crypto.randomUUID()}.sqlite`));
  migrate(sqlite);
  const insert = sqlite.prepare(
    `INSERT INTO requests (arrived_at, outcome, asked, prompt_tokens, completion_tokens, cached_tokens, cache_write_tokens)
     VALUES (?, ?, ?, ?, ?, ?, ?)`,
  );
  for (const row of rows) insert.run(...row);
  return sqlite;
}

test("the mix is what was answered in the last day that was recorded, by the name asked for", () => {
  const sqlite = database([
    [newest - day, "ok", "chat", 1_000, 1_000, null, null], // a moment too old
    [newest - day + 1, "ok", "chat", 10, 5, 4, null],
    [newest - 5, "ok", "chat", 20, null, null, 3],
    [newest - 4, "ok", null, 1, 1, null, null],
    [newest - 3, "error", "chat", 100, 100, null, null],
    [newest - 2, "ok", "silent", null, null, null, null],
    [newest, "refused", "chat", null, null, null, null],
  ]);
  expect(mixOf(sqlite)).toEqual({
    from: newest - day + 1,
    until: newest + 1,
    rows: [
      { asked: "chat", requests: 2, prompt: 30, completion: 5, cached: 4, cacheWrite: 3 },
      { asked: null, requests: 1, prompt: 1, completion: 1, cached: 0, cacheWrite: 0 },
    ],
  });
  sqlite.close();
});

test("a journal that has recorded nothing has no mix", () => {
  const sqlite = database([]);
  expect(mixOf(sqlite)).toBeNull();
  sqlite.close();
});
