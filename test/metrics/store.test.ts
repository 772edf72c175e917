import { expect, test } from "bun:test";
import { join } from "node:path";
import { migrate } from "../../src/metrics/migrations.ts";
import { prepareStore } from "../../src/metrics/store.ts";
import { openSqlite, sqliteFault } from "../../src/runtime/sqlite.ts";
import { packed, request, temporaryDirectory } from "./traffic.ts";

test("a batch that a full disk refuses leaves nothing behind, and goes in once there is room", () => {
  const directory = temporaryDirectory();
  const sqlite = openSqlite(join(directory.path, "full.sqlite"));
  migrate(sqlite);
  const store = prepareStore(sqlite, null);
  store.write(packed([request()]));
  sqlite.exec("PRAGMA max_page_count = 20");
  const batch = packed(new Array(500).fill(request()));

  let fault: unknown = null;
  try {
    store.write(batch);
  } catch (error) {
    fault = sqliteFault(error);
  }
  expect(fault).toBe("full");
  expect(store.totals().requests).toBe(1);

  sqlite.exec("PRAGMA max_page_count = 100000");
  store.write(batch);
  expect(store.totals().requests).toBe(501);
  expect(sqlite.prepare("SELECT count(*) AS n FROM requests").get()).toEqual({ n: 501 });
  sqlite.close();
  directory.remove();
});

test("totals are what the rows add up to, whoever opens the file next", () => {
  const directory = temporaryDirectory();
  const path = join(directory.path, "totals.sqlite");
  for (const round of [1, 2]) {
    const sqlite = openSqlite(path);
    migrate(sqlite);
    const store = prepareStore(sqlite, null);
    store.write(packed([request({ duration_ms: round * 100 })]));
    expect(store.totals().requests).toBe(round);
    sqlite.close();
  }
  directory.remove();
});
