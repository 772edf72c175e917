import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { type Child, serving } from "../test/support/child.ts";
import { chat } from "../test/support/gateway.ts";
import { startGitServer } from "../test/support/git_server.ts";
import { directories } from "../test/support/scratch.ts";
import { until } from "../test/support/until.ts";

/**
 * Lets canaries of a followed repository run in real time, at 20 requests a second of 200 clients: one that fails, one that
 * is good, and two whose process is killed in the middle. Exits with 1 where any of them comes to another end than it has to.
 *
 *   bun test-slow/canary_live.ts
 */
const rules = "rollout: { canary: 10%, for: 40s, min_requests: 50, on_inconclusive: rollback }";
const textOf = (seed: number, fails: string): string => `version: 1
${rules}
auth: { keys: [{ id: one, secret: env:ONE }, { id: two, secret: env:TWO }] }
providers:
  p: { kind: simulated, models: { "*": { price: free } } }
  q${seed}: { kind: simulated, models: { "*": { price: free } }, fail: [${fails}] }
models: { m: { targets: [${seed === 1 ? "p" : `q${seed}`}/x] } }
`;
const failing = "{ kind: server, rate: 20% }";
const keys = ["canary-key-one", "canary-key-two"];
const admin = { authorization: "Bearer canary-admin-key" };

const server = startGitServer();
const repository = server.repository("routes.git");
const { make, remove } = directories();
const directory = make();
const boot = () =>
  serving(directory, {
    args: ["--git-sync-repo", repository.url, "--git-sync-cron", "* * * * * *", "--log-level", "info"],
    env: { ONE: keys[0] ?? "", TWO: keys[1] ?? "", ADMIN_KEY: "canary-admin-key" },
  });
let gateway: Child;

const commit = (seed: number, fails = "") => repository.commit({ "routes.yaml": textOf(seed, fails) });
// biome-ignore lint/suspicious/noExplicitAny: JSON, of which this asks what it pleases
const json = async (path: string): Promise<any> =>
  (await fetch(`${gateway.url}/admin/api/${path}`, { headers: admin })).json();
const status = () => json("status");
const scrape = async () =>
  (await fetch(`${gateway.url}/metrics`, { headers: { ...admin, accept: "text/plain" } })).text();
const lines = () =>
  readdirSync(join(directory, "logs"))
    .map((name) => readFileSync(join(directory, "logs", name), "utf8"))
    .join("");

/** What each client was served by, while a canary was known to run. */
const arms = new Map<string, Set<string>>();
/** The canary that runs for certain from before a request to after it; 0: none. */
let running = 0;
let failed = 0;
async function ask(client: number): Promise<void> {
  const during = running;
  const response = await fetch(`${gateway.url}/v1/chat/completions`, {
    method: "POST",
    headers: { "content-type": "application/json", authorization: `Bearer ${keys[client % 2]}` },
    body: JSON.stringify(chat("m", { user: `user-${client >> 1}` })),
  }).catch(() => null);
  if (response === null) return;
  await response.text();
  if (response.status >= 500) failed += 1;
  if (during === 0 || during !== running) return;
  const [label = ""] = (response.headers.get("x-gateway-config") ?? "").split("-");
  const name = `canary ${during}, client ${client}`;
  arms.set(name, (arms.get(name) ?? new Set()).add(label));
}
let asked = 0;

let isGood = true;
const say = (holds: boolean, what: string) => {
  isGood &&= holds;
  console.log(`${holds ? "  " : "✗ "}${what}`);
};
const canaryRuns = async (generation: number) => {
  await until(async () => (await status()).canary?.generation === generation, "the canary", 10_000);
  running = generation;
};
/** Waits for the end of the canary; how long it took, in s. */
async function ended(withinMs: number): Promise<number> {
  const startedAt = performance.now();
  const { generation } = (await status()).canary;
  await until(
    async () => {
      const isOver = (await status()).canary?.generation !== generation;
      if (isOver) running = 0;
      return isOver;
    },
    "the end of the canary",
    withinMs,
  );
  return (performance.now() - startedAt) / 1_000;
}
const stateOf = async (generation: number) => {
  const { generations } = await json("history?limit=200");
  return generations.find((each: { generation: number }) => each.generation === generation);
};

commit(1);
gateway = await boot();
const asking = setInterval(() => void ask(asked++ % 200), 50);
await Bun.sleep(2_000);

const bad = commit(2, failing);
await canaryRuns(2);
say(
  (await status()).attempted.git_sha === bad,
  "a commit that fails 20 % of requests is tried on 10 % of clients",
);
say(/^switchyard_canary_share 0\.1$/m.test(await scrape()), "the gauge says 10 % while it runs");
const seconds = await ended(60_000);
// The clients are out of it first; then it is written down, and told.
await until(async () => (await status()).attempted.state !== "canary", "the verdict told", 2_000);
const after = await status();
say(seconds < 30, `it is taken back after ${seconds.toFixed(1)} s, by nobody`);
say(
  after.active.generation === 1 && after.attempted.state === "quarantined",
  "what was good serves everybody",
);
say(after.quarantined[0]?.generation === 2, `its digest is quarantined: ${after.quarantined[0]?.reason}`);
say((await stateOf(2)).state === "quarantined", "history says so");
const scraped = await scrape();
say(/^switchyard_canary_share 0$/m.test(scraped), "the gauge says 0 %");
say(/^switchyard_canary_verdicts_total\{.*rollback.*\} 1$/m.test(scraped), "the verdict is counted");
say(/^switchyard_config_last_reload_successful 0$/m.test(scraped), "the last reload is no success");
await until(() => lines().includes("quarantined"), "the line of the log", 5_000).catch(() => {});
say(lines().includes("quarantined"), "the log says so");
await Bun.sleep(3_000);
say((await status()).canary === null, "the same commit is not tried again by the next syncs");

commit(3);
await canaryRuns(3);
say(true, "the next commit is tried");
await Bun.sleep(8_000);
const servedBefore = (await status()).canary.arms.canary.requests;
running = 0;
gateway.signal("SIGKILL");
await gateway.exited;
gateway = await boot();
await canaryRuns(3);
const again = (await status()).canary;
say(
  again.arms.canary.requests < servedBefore,
  `killed after ${servedBefore} requests, it begins again under its number, with ${again.arms.canary.requests}`,
);
const good = await ended(80_000);
say((await status()).active.generation === 3, `it is promoted after ${good.toFixed(1)} s`);
say((await stateOf(1)).state === "retired", "what served before is retired");
say((await stateOf(3)).state === "active", "history has it as active");

commit(4);
await canaryRuns(4);
running = 0;
gateway.signal("SIGKILL");
await gateway.exited;
commit(5);
gateway = await boot();
await canaryRuns(5);
say(
  (await stateOf(4)).state === "retired",
  "killed, and overtaken by a commit meanwhile, a canary is retired",
);
commit(6);
await canaryRuns(6);
say((await stateOf(5)).state === "retired", "a newer commit takes the place of a canary");

const changed = [...arms.values()].filter((labels) => labels.size > 1).length;
say(changed === 0, `${arms.size} clients of canaries; ${changed} changed their arm`);
say(
  [...arms].filter(([, labels]) => [...labels].some((label) => label !== "1" && label !== "3")).length > 0,
  "some were in a canary's",
);
console.log(`  ${asked} requests, ${failed} of them failed`);
clearInterval(asking);
gateway.signal("SIGTERM");
await gateway.exited;
server.stop();
remove();
process.exit(isGood ? 0 : 1);
