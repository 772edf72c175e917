import { join } from "node:path";
import { openSqlite } from "../../src/runtime/sqlite.ts";
import { type Child, serving } from "../../test/support/child.ts";
import { type ServedRepository, startGitServer } from "../../test/support/git_server.ts";
import { directories } from "../../test/support/scratch.ts";
import { type Serving, writeDays } from "./days.ts";
import { type Live, startLive } from "./live.ts";
import { routes, secrets, tests } from "./routes.ts";

/** The key that opens the page. */
export const adminKey = "page-admin-key-6d31";
// biome-ignore lint/suspicious/noExplicitAny: JSON, of which this asks what it pleases
export type Json = any;

/** A gateway in a process of its own, which follows a repository, has days of traffic behind it and more coming in. */
export interface Scene {
  readonly gateway: Child;
  readonly repository: ServedRepository;
  readonly live: Live;
  /** Asks the admin API; with a body it posts. */
  readonly api: (path: string, body?: object) => Promise<Json>;
  readonly stop: () => Promise<void>;
}

const hourMs = 3_600_000;
/** How long ago each of the first commits went live, in hours; the third was refused. */
const agesH = [70, 52, 35, 33, 9];
const refused = 3;

/** Sets it: five commits of the last days, one of them refused, and a sixth that is on trial now. A live request comes every `everyMs`. */
export async function setScene(everyMs: number): Promise<Scene> {
  const server = startGitServer();
  const { make, remove } = directories();
  const directory = make();
  const repository = server.repository("routes.git");
  repository.git("config", "http.receivepack", "true");
  const of = (name: string) => join(directory, "data", name);
  const start = () =>
    serving(directory, {
      args: ["--git-sync-repo", repository.url, "--git-sync-cron", "0 0 1 1 *"],
      env: { ...secrets, ADMIN_KEY: adminKey },
    });
  const commit = (text: string, message: string) =>
    repository.commit({ "routes.yaml": text, "routes.test.yaml": tests }, { message });

  commit(routes(), "Begin");
  let gateway = await start();
  const api = async (path: string, body?: object): Promise<Json> => {
    const response = await fetch(`${gateway.url}/admin/api/${path}`, {
      headers: { authorization: `Bearer ${adminKey}`, "content-type": "application/json" },
      ...(body === undefined ? {} : { method: "POST", body: JSON.stringify(body) }),
    });
    return response.json();
  };
  const goLive = async (text: string, message: string): Promise<void> => {
    commit(text, message);
    await api("sync", { reason: `merged: ${message}` });
    await api("promote", { reason: "small, and looked at by two" });
  };
  await goLive(routes({ temperature: 0.5 }), "chat: calmer");
  commit(
    routes({ temperature: 0.5, deskRpm: 300 }).replace("team: support", "team: suport"),
    "help-desk: more room",
  );
  await api("sync", { reason: "merged: help-desk" });
  await goLive(routes({ temperature: 0.5, deskRpm: 300 }), "help-desk: the name of its team");
  await goLive(routes({ temperature: 0.5, deskRpm: 300, maxTokens: 800 }), "chat: longer answers");
  gateway.signal("SIGTERM");
  await gateway.exited;
  const now = Date.now();
  const generations = age(of("state.sqlite"), now);
  const rows = await writeDays(of("switchyard.sqlite"), { days: 3, until: now, generations });
  console.log(`  ${rows} requests of the last 3 days, ${generations.length} generations`);

  gateway = await start();
  const live = startLive(gateway.url, everyMs);
  commit(routes({ temperature: 0.5, deskRpm: 300, maxTokens: 800, isCheap: true }), "chat: a cheaper model");
  await api("sync", { reason: "merged: a cheaper model" });
  return {
    gateway,
    repository,
    live,
    api,
    stop: async () => {
      await live.stop();
      gateway.signal("SIGTERM");
      await gateway.exited;
      server.stop();
      remove();
    },
  };
}

/** Moves the generations back to when they are said to have gone live; nobody has the database open. */
function age(file: string, now: number): readonly Serving[] {
  const sqlite = openSqlite(file, { synchronous: "NORMAL", busyMs: 1_000 });
  const moments = agesH.map((hours) => now - hours * hourMs);
  sqlite.transaction(() => {
    for (const [index, at] of moments.entries()) {
      const number = index + 1;
      const next = moments[number === refused - 1 ? refused : number] ?? null;
      sqlite
        .prepare(
          `UPDATE generations SET seen_at = ?, active_at = iif(active_at IS NULL, NULL, ?),
            retired_at = iif(retired_at IS NULL, NULL, ?), requests = ? WHERE number = ?`,
        )
        .run(at - 9 * 60_000, at, next, number === refused ? 0 : 2_000 + 611 * number, number);
      sqlite
        .prepare(
          "UPDATE steps SET at = CASE stage WHEN 'canary' THEN ? WHEN 'retired' THEN ? ELSE ? END WHERE generation = ?",
        )
        .run(at - 8 * 60_000, next ?? now, at, number);
    }
    sqlite.exec(`UPDATE audit SET at = at - ${9 * hourMs}`);
  });
  const rows = sqlite
    .prepare("SELECT number, digest FROM generations WHERE digest IS NOT NULL ORDER BY number")
    .all();
  sqlite.close();
  return rows.map(({ number, digest }) => ({
    generation: Number(number),
    digest: String(digest),
    from: moments[Number(number) - 1] ?? 0,
  }));
}
