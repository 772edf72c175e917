import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { openSqlite } from "../../../src/runtime/sqlite.ts";
import { type Child, serving } from "../../support/child.ts";
import { chat } from "../../support/gateway.ts";
import type { ServedRepository } from "../../support/git_server.ts";
import { until } from "../../support/until.ts";

/** A gateway in a process of its own, its source, and everything that outlives the process. */
export interface World {
  readonly directory: string;
  readonly kind: "file" | "git";
  /** Puts a version into the source, and has it looked at. */
  readonly say: (version: Version) => void;
  readonly start: () => Promise<void>;
  /** SIGKILL, and no time to say anything. */
  readonly kill: () => Promise<void>;
  readonly stop: () => Promise<void>;
  readonly admin: (path: string, body?: object) => Promise<Told>;
  readonly ask: () => Promise<Response>;
  /** Requests that the day's limit of the client's key has counted. */
  readonly used: () => Promise<number>;
  /** The number that no version has had. */
  readonly next: () => number;
}

/** One text of the routing file. `v<number>` is a model of it, which tells it from all others. */
export interface Version {
  readonly number: number;
  readonly more?: string;
  readonly models?: string;
  readonly provider?: string;
  readonly tests?: string;
}

/** An answer of the admin API. */
export interface Told {
  readonly status: number;
  // biome-ignore lint/suspicious/noExplicitAny: JSON, of which a test asks what it pleases
  readonly body: any;
}

const adminKey = "kill-admin-key";
const clientKey = "kill-client-key";
const headers = { "content-type": "application/json", authorization: `Bearer ${clientKey}` };

const perDay = 1_000_000;

/** The text of a version. */
export const textOf = ({ number, more = "", models = "", provider = "" }: Version): string => `version: 1
${more}
auth: { keys: [{ id: k, secret: env:CLIENT_KEY, limits: { rpd: ${perDay} } }] }
providers: { p: { kind: simulated, models: { "*": { price: free } }, defaults: { seed: ${number} }${provider} } }
models:
  m: { targets: [p/x] }
  v${number}: { targets: [p/x] }
${models}`;

/** A world whose source is a repository where one is given, and else a file in `directory`. */
export function worldIn(directory: string, repository: ServedRepository | null): World {
  let gateway: Child | null = null;
  let number = 0;
  const args = repository === null ? [] : ["--git-sync-repo", repository.url, "--git-sync-cron", "0 0 1 1 *"];
  const url = (path: string) => `${gateway?.url}${path}`;
  const admin: World["admin"] = async (path, body) => {
    const response = await fetch(url(`/admin/api/${path}`), {
      method: body === undefined ? "GET" : "POST",
      headers: { ...headers, authorization: `Bearer ${adminKey}` },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    return { status: response.status, body: await response.json() };
  };
  return {
    directory,
    kind: repository === null ? "file" : "git",
    admin,
    say: (version) => {
      const [name, tests] = ["routes.yaml", "routes.test.yaml"];
      const files = { [name]: textOf(version), [tests]: version.tests ?? noTests };
      if (repository !== null) repository.commit(files);
      else for (const each of [tests, name]) writeFileSync(join(directory, each), files[each] ?? "");
      if (repository !== null && gateway !== null) void admin("sync", {}).catch(() => {});
    },
    start: async () => {
      const env = { ADMIN_KEY: adminKey, CLIENT_KEY: clientKey };
      gateway = await serving(directory, { args, env });
    },
    kill: async () => {
      gateway?.signal("SIGKILL");
      await gateway?.exited;
    },
    stop: async () => {
      gateway?.signal("SIGTERM");
      await gateway?.exited;
    },
    ask: () =>
      fetch(url("/v1/chat/completions"), { method: "POST", headers, body: JSON.stringify(chat("m")) }),
    used: async () => {
      const asAdmin = { accept: "text/plain", authorization: `Bearer ${adminKey}` };
      const text = await (await fetch(url("/metrics"), { headers: asAdmin })).text();
      const ratio = /^switchyard_limit_used_ratio\{[^}]*name="k"[^}]*limit="rpd"[^}]*\} (\S+)$/m.exec(
        text,
      )?.[1];
      return Math.round(Number(ratio) * perDay);
    },
    next: () => ++number,
  };
}

const noTests = "version: 1\ntests: [{ name: n, send: { model: m }, expect: { status: 200 } }]\n";

/** The version that a generation is of. */
async function versionOf(world: World, generation: number): Promise<number> {
  const found = await world.admin(`generations/${generation}`);
  return Number(/^ {2}v(\d+):/m.exec(found.body.files?.[0]?.text ?? "")?.[1]);
}

/** The version that serves whoever asks. */
export const servedBy = async (world: World): Promise<number> =>
  versionOf(world, (await world.admin("status")).body.active.generation);

/** Puts a version into the source, and waits until a look at it has ended in one of these states. */
export async function settle(world: World, version: Version, ...states: readonly string[]): Promise<void> {
  world.say(version);
  const isThere = async () => {
    const { attempted } = (await world.admin("status")).body;
    if (attempted === null || !states.includes(attempted.state)) return false;
    return (await versionOf(world, attempted.generation)) === version.number;
  };
  await until(isThere, `version ${version.number} ${states.join(" or ")}`, 20_000);
}

/** Whether a database of the world is whole. */
export function isWhole({ directory }: World, name: "state" | "switchyard"): boolean {
  const sqlite = openSqlite(join(directory, `data/${name}.sqlite`), { readonly: true });
  const [found] = sqlite.prepare("PRAGMA integrity_check").all();
  sqlite.close();
  return found?.["integrity_check"] === "ok";
}
