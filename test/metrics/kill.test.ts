import { expect, setDefaultTimeout, test } from "bun:test";
import { join } from "node:path";
import { queryTally } from "../../src/metrics/overview.ts";
import { prepareStore } from "../../src/metrics/store.ts";
import { openSqlite } from "../../src/runtime/sqlite.ts";
import { temporaryDirectory } from "./traffic.ts";

setDefaultTimeout(20_000);

test.each([1, 2, 3])("kill -9 loses no acknowledged row and breaks no database, round %d", async (round) => {
  const directory = temporaryDirectory();
  const file = join(directory.path, "switchyard.sqlite");
  const child = Bun.spawn([process.execPath, join(import.meta.dir, "writer.ts"), file], { stdout: "pipe" });
  let acknowledged = 0;
  for await (const chunk of child.stdout) {
    acknowledged = Number(new TextDecoder().decode(chunk).trim().split("\n").at(-1));
    if (acknowledged >= 1_000 * round) break;
  }
  child.kill("SIGKILL");
  await child.exited;

  const sqlite = openSqlite(file);
  expect(sqlite.prepare("PRAGMA integrity_check").get()).toEqual({ integrity_check: "ok" });
  const rows = Number(sqlite.prepare("SELECT count(*) AS n FROM requests").get()?.n);
  expect(rows).toBeGreaterThanOrEqual(acknowledged);
  expect(sqlite.prepare("SELECT count(DISTINCT request_id) AS n FROM requests").get()).toEqual({ n: rows });
  const totals = sqlite.prepare("SELECT tally ->> 'requests' AS n FROM totals").get();
  expect(Number(totals?.n)).toBe(rows);
  const store = prepareStore(sqlite, null);
  while (!store.rollup.isLive) store.rollup.catchUp();
  expect((await queryTally(() => store, 0, Date.parse("2028-01-01T00:00:00Z"))).requests).toBe(rows);
  sqlite.close();
  directory.remove();
});
