import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type Child, type Failed, serving, startChild } from "../test/support/child.ts";
import { chat } from "../test/support/gateway.ts";
import { type CommitOptions, type Content, startGitServer } from "../test/support/git_server.ts";
import { directories } from "../test/support/scratch.ts";
import { until } from "../test/support/until.ts";

/**
 * Walks a gateway in a process of its own, which follows a real repository, through everything that a repository, a network,
 * a disk and people do to it, and says of each whether it holds. Exits with 1 where something does not.
 *
 *   bun test-slow/gitops.ts
 */
const root = join(import.meta.dir, "..");
const adminKey = "gitops-admin-canary-71c3";
const token = "gitops-token-canary-09fe";
const server = startGitServer();
const { make, remove } = directories();
const directory = make();
const repository = server.repository("routes.git");
const of = (name: string) => join(directory, name);
const file = (name: string, more = "") =>
  `version: 1\n${more}providers: { p: { kind: simulated, models: { "*": { price: free } } } }\nmodels: { m: { targets: [p/${name}] } }\n`;

let gateway = {} as Child;
const given = {
  args: [
    "--git-sync-repo",
    repository.url,
    "--git-sync-cron",
    "0 0 1 1 *",
    "--git-sync-token-file",
    of("token"),
  ],
  env: { ADMIN_KEY: adminKey },
};
const everything: string[] = [];

let failures = 0;
const say = (holds: boolean, what: string, more: unknown = "") => {
  if (!holds) failures += 1;
  console.log(
    `${holds ? "  holds  " : "✗ FAILS  "}${what}${holds ? "" : ` ${JSON.stringify(more).slice(0, 600)}`}`,
  );
};
// biome-ignore lint/suspicious/noExplicitAny: JSON, of which this asks what it pleases
type Json = any;
const api = async (path: string, body?: object): Promise<Json> => {
  const response = await fetch(`${gateway.url}/admin/api/${path}`, {
    headers: { authorization: `Bearer ${adminKey}`, "content-type": "application/json" },
    ...(body === undefined ? {} : { method: "POST", body: JSON.stringify(body) }),
  });
  const text = await response.text();
  everything.push(text);
  return { code: response.status, ...JSON.parse(text) };
};
const status = () => api("status");
const scrape = async () => {
  const asAdmin = { authorization: `Bearer ${adminKey}`, accept: "text/plain" };
  const text = await (await fetch(`${gateway.url}/metrics`, { headers: asAdmin })).text();
  everything.push(text);
  return text;
};
const health = async () => (await fetch(`${gateway.url}/health`)).json() as Promise<Json>;
const answers = async () => {
  const response = await fetch(`${gateway.url}/v1/chat/completions`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify(chat("m")),
  });
  return response.status === 200;
};
const cli = async (...args: readonly string[]) => {
  const ran = Bun.spawn([process.execPath, join(root, "src/index.ts"), ...args, "--server", gateway.url], {
    env: { PATH: process.env["PATH"] ?? "", ADMIN_KEY: adminKey },
    stdout: "pipe",
    stderr: "pipe",
  });
  const text = (await new Response(ran.stdout).text()) + (await new Response(ran.stderr).text());
  everything.push(text);
  return { code: await ran.exited, text };
};
const commit = (changes: Readonly<Record<string, Content>>, options?: CommitOptions) =>
  repository.commit(changes, options);
const sync = (force = false) => api("sync", { force });
const stop = async (signal: NodeJS.Signals = "SIGTERM") => {
  gateway.signal(signal);
  const code = await gateway.exited;
  everything.push(gateway.errors());
  return code;
};
const boot = async (more: Partial<typeof given> = {}) => {
  const startedAt = performance.now();
  gateway = await serving(directory, { ...given, ...more });
  return performance.now() - startedAt;
};
const isFailed = (child: Child | Failed): child is Failed => "code" in child;
const title = (text: string) => console.log(`\n${text}`);

title("Start");
writeFileSync(of("token"), token, { mode: 0o600 });
server.token = token;
server.behave = () => new Response("", { status: 503 });
const never = await startChild(directory, given);
say(
  isFailed(never) && never.code === 1 && /network|cannot be followed/.test(never.errors),
  "no last known good, remote down: exit 1, and says why",
  never,
);
server.behave = null;
server.token = "another";
const shut = await startChild(directory, given);
say(
  isFailed(shut) && shut.code === 1 && /auth/.test(shut.errors),
  "no last known good, wrong token: exit 1, and says auth",
  shut,
);
server.token = token;
commit({ "routes.yaml": "version: 1\nmodels: {" });
const broken = await startChild(directory, given);
say(
  isFailed(broken) && broken.code === 1 && /yaml_syntax/.test(broken.errors),
  "no last known good, broken commit: exit 1 with diagnostics",
  broken,
);
let good = commit({ "routes.yaml": file("a") });
await boot();
let now = await status();
say(
  now.active.git_sha === good && now.sync.state === "ok" && now.boot.degraded === null,
  "first boot serves the commit",
  now,
);

title("Commits");
const generation = async () => (await status()).active.generation;
good = commit({ "routes.yaml": file("b") });
await sync();
now = await status();
say(now.active.git_sha === good && now.active.generation === 3, "a good commit is live", now.active);
const bad = commit({ "routes.yaml": file("b").replace("p/b", "nobody/b") });
const told = await cli("sync");
now = await status();
say(told.code === 1, "sync: exit 1 on a commit that is refused", told);
say(
  now.attempted.state === "rejected" && now.attempted.stage === "compiled" && now.attempted.git_sha === bad,
  "a bad commit is rejected(compiled), by its sha",
  now.attempted,
);
const shown = await cli("status");
say(
  shown.code === 1 && /unknown_provider|nobody/.test(shown.text),
  "status: exit 1, with the diagnostic",
  shown,
);
say(/^switchyard_config_last_reload_successful 0$/m.test(await scrape()), "gauge last_reload_successful 0");
say(
  (await health()).status === "degraded" && (await answers()),
  "/health degraded, and requests are answered",
);
const fixed = commit({ "routes.yaml": file("c") });
await sync();
say(
  (await status()).active.git_sha === fixed && (await health()).status === "ok",
  "the next good commit is taken",
);
const attemptedBefore = JSON.stringify((await status()).attempted);
commit({ "README.md": "hello" });
await sync();
now = await status();
say(
  JSON.stringify(now.attempted) === attemptedBefore &&
    now.active.git_sha === fixed &&
    now.sync.state === "ok",
  "a commit that does not touch the file is a no-op",
  now,
);
const comment = commit({ "routes.yaml": `# a comment\n${file("c")}` });
const number = now.active.generation;
await sync();
now = await status();
say(
  now.active.git_sha === comment && now.active.generation === number,
  "new bytes of the same digest: same generation, new git_sha",
  now.active,
);
commit({
  "routes.yaml": `include: [more.yaml]\n${file("c")}`,
  "more.yaml": "aliases: { n: m }\n",
  "routes.test.yaml": "version: 1\ntests: [{ name: n, send: { model: n }, expect: { status: 500 } }]\n",
});
await sync();
now = await status();
say(
  now.attempted.state === "rejected" && now.attempted.stage === "tested",
  "include and tests are of the same commit, and have to pass",
  now.attempted,
);
commit({
  "routes.test.yaml": "version: 1\ntests: [{ name: n, send: { model: n }, expect: { status: 200 } }]\n",
});
await sync();
now = await status();
say(
  now.attempted.state === "active",
  "a commit that changes the tests alone is looked at anew",
  now.attempted,
);

title("Hostile commits");
for (const [what, changes] of [
  ["a link in place of the file", { "routes.yaml": { link: "/etc/passwd" } }],
  ["a submodule in place of the file", { "routes.yaml": { submodule: "a".repeat(40) } }],
  ["a file of 3 MiB", { "routes.yaml": `${file("d")}#${"x".repeat(3 * 1024 * 1024)}` }],
  ["no file", { "routes.yaml": null }],
  ["a NUL byte", { "routes.yaml": `${file("d")}\0` }],
  [
    "a YAML bomb",
    {
      "routes.yaml": `a: &a [1,1,1,1,1,1,1,1,1]\nb: &b [*a,*a,*a,*a,*a,*a,*a,*a,*a]\nc: &c [*b,*b,*b,*b,*b,*b,*b,*b,*b]\nd: &d [*c,*c,*c,*c,*c,*c,*c,*c,*c]\n${file("d")}`,
    },
  ],
  [
    "an include that leaves the repository",
    { "routes.yaml": `include: ["../../../etc/passwd"]\n${file("d")}` },
  ],
] as const) {
  const before = await generation();
  const sha = commit(changes);
  const startedAt = performance.now();
  await sync();
  now = await status();
  const seconds = (performance.now() - startedAt) / 1_000;
  say(
    now.attempted.state === "rejected" &&
      now.attempted.git_sha === sha &&
      now.active.generation === before &&
      (await answers()) &&
      seconds < 5,
    `${what}: rejected(${now.attempted.stage}), ${now.attempted.diagnostics[0]?.code}, in ${seconds.toFixed(1)} s`,
    now,
  );
}
good = commit({ "routes.yaml": file("e"), "routes.test.yaml": null });
await sync();
say((await status()).active.git_sha === good, "and then a good one is taken");
for (const [name, value] of [
  ["--git-sync-repo", "ext::sh -c touch% /tmp/pwned"],
  ["--git-sync-repo", "--upload-pack=touch /tmp/pwned"],
  ["--git-sync-repo", "http://git.example.com/x.git"],
  ["--git-sync-repo", `http://user:${token}@127.0.0.1/x.git`],
  ["--git-sync-repo", "ssh://-oProxyCommand=touch/x"],
  ["--git-sync-ref", "--upload-pack=touch /tmp/pwned"],
  ["--git-sync-ref", "a..b"],
  ["--git-sync-path", "../routes.yaml"],
  ["--git-sync-path", "/etc/passwd"],
  ["--git-sync-cron", "whenever"],
] as const) {
  const refused = await startChild(make(), { ...given, args: [...given.args, name, value] });
  const { code, errors } = isFailed(refused) ? refused : { code: 0, errors: "" };
  say(
    code === 64 && errors.trim().split("\n").length === 1 && !errors.includes(token),
    `${name} ${JSON.stringify(value).replace(token, "TOKEN")}: exit 64, one line`,
    { code, errors },
  );
  if (!isFailed(refused)) refused.signal("SIGKILL");
}
say(!existsSync("/tmp/pwned"), "no command was run");

title("History of the repository");
const base = (await status()).active.git_sha;
commit({ "routes.yaml": file("forced") }, { parent: null });
await sync();
now = await status();
say(
  now.sync.state === "refused" && /verify/.test(now.sync.reason) && now.active.git_sha === base,
  "a force-push is refused and shown in sync.reason",
  now.sync,
);
const probed = await cli("status");
say(probed.code === 1, "status: exit 1", probed);
const looked = await cli("sync");
say(looked.code === 1, "sync: exit 1", looked);
const later = commit({ "routes.yaml": file("later") }, { parent: base });
await sync();
now = await status();
say(now.active.git_sha === later && now.sync.state === "ok", "a later descendant is taken", now);

title("Network and credentials");
const failing = async (what: string, kind: string, does: () => void, undoes: () => void) => {
  does();
  await sync(true);
  now = await status();
  const inGauge = new RegExp(`switchyard_git_sync_failures_total\\{class="${kind}"\\} [1-9]`).test(
    await scrape(),
  );
  say(
    now.sync.state === "failing" && now.sync.reason.startsWith(`${kind}:`) && inGauge && (await answers()),
    `${what}: ${kind}, counted, and serves on`,
    now.sync,
  );
  undoes();
  await sync(true);
  say((await status()).sync.state === "ok", "  and is well afterwards", (await status()).sync);
};
const behave = (answer: (() => Response) | null) => () => {
  server.behave = answer;
};
await failing(
  "remote down",
  "network",
  behave(() => new Response("", { status: 503 })),
  behave(null),
);
await failing(
  "token rotated",
  "auth",
  () => {
    server.token = "rotated";
  },
  () => writeFileSync(of("token"), "rotated"),
);
await failing(
  "repository gone",
  "not_found",
  behave(() => new Response("", { status: 404 })),
  behave(null),
);
await failing(
  "branch gone",
  "not_found",
  () => void repository.git("update-ref", "-d", "refs/heads/main"),
  () => void repository.git("update-ref", "refs/heads/main", later),
);
let hanging = true;
server.behave = () => (hanging ? new Promise<Response | null>(() => {}) : null);
const startedAt = performance.now();
const hung = sync(true);
await Bun.sleep(1_000);
say(await answers(), "remote hangs: serves meanwhile");
const pinned = await api("pin", {});
say(pinned.code === 200 && performance.now() - startedAt < 5_000, "remote hangs: people do not wait");
await api("unpin", {});
await hung;
now = await status();
say(
  now.sync.state === "failing" && now.sync.reason.startsWith("timeout:"),
  `remote hangs: timeout after ${((performance.now() - startedAt) / 1_000).toFixed(0)} s`,
  now.sync,
);
await stop();
const ms = await boot();
now = await status();
say(
  ms < 8_000 && now.active.git_sha === later && now.boot.degraded !== null,
  `a start while the remote hangs: serves the last known good after ${(ms / 1_000).toFixed(1)} s, degraded`,
  now.boot,
);
hanging = false;
server.behave = null;
await stop();

title("Our own copy");
const den = of("data/git/repository.git");
await boot();
for (const lock of [
  "shallow.lock",
  "config.lock",
  "index.lock",
  "packed-refs.lock",
  "refs/switchyard/tip.lock",
]) {
  mkdirSync(join(den, "refs/switchyard"), { recursive: true });
  writeFileSync(join(den, lock), "");
}
good = commit({ "routes.yaml": file("f") });
await sync(true);
say(
  (await status()).active.git_sha === good,
  "stale locks: a new clone beside, swapped",
  (await status()).sync,
);
for (const name of readdirSync(join(den, "objects"))) rmSync(join(den, "objects", name), { recursive: true });
good = commit({ "routes.yaml": file("g") });
await sync(true);
say((await status()).active.git_sha === good, "objects gone: the same", (await status()).sync);
writeFileSync(join(den, "HEAD"), "garbage");
writeFileSync(join(den, "config"), "[core\nfsmonitor = touch /tmp/pwned");
good = commit({ "routes.yaml": file("h") });
await sync(true);
say(
  (await status()).active.git_sha === good && !existsSync("/tmp/pwned"),
  "HEAD and config are garbage: the same",
  (await status()).sync,
);
rmSync(of("data/git"), { recursive: true });
good = commit({ "routes.yaml": file("i") });
await sync(true);
now = await status();
say(
  now.active.git_sha === good || now.sync.state === "failing",
  `the directory is gone: ${now.sync.state}`,
  now.sync,
);
if (now.active.git_sha !== good) {
  await stop();
  await boot();
  say((await status()).active.git_sha === good, "  and a start makes it anew", (await status()).sync);
}

title("Processes");
const second = await startChild(directory, given);
say(
  isFailed(second) && second.code === 64 && /in use by process/.test(second.errors),
  "two gateways on one DATA_DIR: the second ends with 64",
  second,
);
good = commit({ "routes.yaml": file("j") });
gateway.signal("SIGHUP");
await until(async () => (await status()).active.git_sha === good, "the look of SIGHUP", 5_000).catch(
  () => {},
);
say((await status()).active.git_sha === good, "SIGHUP looks");
hanging = true;
server.behave = () => (hanging ? new Promise<Response | null>(() => {}) : null);
void sync(true).catch(() => {});
await Bun.sleep(300);
const stoppedAt = performance.now();
const code = await stop();
say(
  code === 0 && performance.now() - stoppedAt < 5_000,
  `SIGTERM during a fetch that hangs: exit 0 after ${((performance.now() - stoppedAt) / 1_000).toFixed(1)} s`,
  code,
);
const left = () => Bun.spawnSync(["pgrep", "-f", den]).stdout.toString().trim();
await until(() => left() === "", "no git left", 2_000).catch(() => {});
say(left() === "", "no git is left behind", left());
server.behave = null;

server.behave = null;
hanging = false;
await boot();
const tests = (status: number) =>
  `version: 1\ntests:\n${"  - { name: n, send: { model: m, repeat: 100 }, expect: { status: 200 } }\n".repeat(500)}  - { name: last, send: { model: m }, expect: { status: ${status} } }\n`;
commit({ "routes.yaml": file("tested"), "routes.test.yaml": tests(500) });
void sync(true).catch(() => {});
await Bun.sleep(500);
say((await stop()) === 0, "SIGTERM while a commit is tested: exit 0");
await boot();
now = await status();
say(now.active.git_sha === good && (await answers()), "  and the next start serves what was good", now);
await until(async () => (await status()).attempted?.state === "rejected", "the tests again", 10_000).catch(
  () => {},
);
say((await status()).attempted?.stage === "tested", "  and tests the commit again");
good = commit({ "routes.yaml": file("untested"), "routes.test.yaml": null });
await sync(true);
await stop();

title("Disk");
await boot();
writeFileSync(of("data/state.sqlite"), "this is no database, and never was one; it is longer than a header");
good = commit({ "routes.yaml": file("k") });
await sync(true);
await sync(true);
say(
  (await status()).active.git_sha === good && (await answers()),
  "state.sqlite overwritten while running: goes live all the same",
);
await api("disable", { kind: "model", name: "m", for: "1s", reason: "x" });
await Bun.sleep(1_100);
await sync(true);
now = await status();
say(
  now.boot.degraded === null && readdirSync(of("data")).some((name) => name.includes("corrupt")),
  "  is set aside, and written anew",
  now.boot,
);
await stop();
await boot();
say(
  (await status()).active.git_sha === good && (await status()).boot.degraded === null,
  "  and the next start knows what was good",
);
await stop("SIGKILL");
for (const name of readdirSync(of("data"))) if (name.startsWith("state.sqlite")) rmSync(of(`data/${name}`));
writeFileSync(of("data/state.sqlite"), "garbage ".repeat(1_000));
await boot();
say(
  (await status()).active.git_sha === good,
  "state.sqlite is garbage at a start: set aside, the source serves",
);
await stop();
const small = of("small");
mkdirSync(small);
const isMounted = Bun.spawnSync(["mount", "-t", "tmpfs", "-o", "size=3m", "tmpfs", small]).exitCode === 0;
if (isMounted) {
  const onSmall = { ...given, args: [...given.args, "--data-dir", join(small, "data")] };
  await boot(onSmall);
  const fill = (name: string) =>
    Bun.spawnSync(["dd", "if=/dev/zero", `of=${join(small, name)}`, "bs=1k", "count=4000"]);
  fill("filler");
  good = commit({ "routes.yaml": `${file("l")}# ${"x".repeat(200_000)}\n` });
  await sync(true);
  now = await status();
  say(
    await answers(),
    `disk full: requests are answered; sync ${now.sync.state} ${now.sync.reason ?? ""}, degraded: ${now.boot.degraded}`,
  );
  const served = now.active.git_sha;
  await stop();
  fill("more");
  await boot(onSmall);
  now = await status();
  say(
    (await answers()) && now.active.git_sha === served,
    "a start on a full disk: the last known good serves",
    now,
  );
  for (const name of ["filler", "more"]) rmSync(join(small, name));
  await until(
    async () => {
      await sync(true);
      now = await status();
      return now.active.git_sha === good && now.boot.degraded === null;
    },
    "room again",
    20_000,
  ).catch(() => {});
  say(
    now.active.git_sha === good && now.boot.degraded === null,
    "disk has room again: the commit is live and on disk",
    now,
  );
  await stop();
  Bun.spawnSync(["umount", small]);
} else console.log("  no tmpfs can be mounted here: a full disk is not tried");

title("People");
await boot();
good = commit({ "routes.yaml": file("n1") });
await sync();
const newer = commit({ "routes.yaml": file("n2") });
await sync();
say(
  (await cli("rollback", "--reason", "three in the morning")).code === 0 &&
    (await status()).active.git_sha === good,
  "rollback: exit 0, what was good before serves",
);
await sync();
now = await status();
say(
  now.active.git_sha === good && now.attempted.state === "quarantined" && now.quarantined.length === 1,
  "  the digest is quarantined, and syncing goes on",
  now.attempted,
);
say((await cli("sync")).code === 5, "sync of something quarantined: exit 5");
say(
  (await cli("sync", "--force")).code === 0 && (await status()).active.git_sha === newer,
  "sync --force lifts it",
);
say(
  (await cli("pin", "--reason", "x")).code === 0 && (await cli("rollback")).code === 5,
  "rollback while pinned: exit 5",
);
commit({ "routes.yaml": file("n3") });
await sync();
now = await status();
say(
  now.attempted.state === "held" &&
    now.active.git_sha === newer &&
    now.drift.some(({ kind }: Json) => kind === "pinned"),
  "a pin holds back what comes, and shows as drift",
  now,
);
await cli("unpin");
await until(async () => (await status()).attempted.state === "active", "the look after unpin", 5_000).catch(
  () => {},
);
say((await status()).attempted.state === "active", "unpin: the source is taken");
say(
  (await cli("suspend", "--for", "1h")).code === 0 && (await cli("sync")).code === 5,
  "sync while suspended: exit 5",
);
say(
  (await cli("resume")).code === 0 && (await cli("resume")).code === 5,
  "resume: exit 0, and 5 when nothing is suspended",
);
say(
  (await cli("disable", "model", "m", "--for", "8s", "--reason", "broken")).code === 0 && !(await answers()),
  "disable model: at once",
);
await stop("SIGKILL");
await boot();
const after = await cli("status");
say(!(await answers()) && /disabled model m .*broken/.test(after.text), "  survives kill -9");
await Bun.sleep(8_200);
say((await answers()) && (await status()).drift.length === 0, "  and expires by itself");
say((await cli("promote")).code === 5, "promote without a canary: exit 5");
say((await cli("rollback", "--to", "9999")).code === 64, "rollback --to what is not there: exit 64");
const history = await cli("history", "--json");
say(
  history.code === 0 &&
    JSON.parse(history.text).generations.every((each: Json) => each.git_sha !== null && each.author !== null),
  "history: sha and author of each generation",
);
const audit = await api("audit");
say(
  audit.entries.some((each: Json) => each.action === "rollback" && each.reason === "three in the morning"),
  "audit: who did what, and why",
);

title("Signatures");
await stop();
const key = (name: string) => {
  Bun.spawnSync(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", "", "-f", of(name)]);
  return of(name);
};
const [ada, eve] = [key("ada"), key("eve")];
const signers = of("signers");
const trust = (path: string) =>
  writeFileSync(signers, `ada@example.com ${readFileSync(`${path}.pub`, "utf8").trim()}\n`);
trust(ada);
const signedBy = (path: string): CommitOptions => ({
  sign: { configuration: ["gpg.format=ssh", `user.signingKey=${path}`] },
});
const signed = { ...given, args: [...given.args, "--git-sync-allowed-signers", signers] };
const byAda = commit({ "routes.yaml": file("s1") }, signedBy(ada));
await boot(signed);
say((await status()).active.git_sha === byAda, "signed by somebody known: live", await status());
for (const [who, options] of [
  ["nobody", {}],
  ["somebody unknown", signedBy(eve)],
] as const) {
  commit({ "routes.yaml": file(`s-${who.replace(" ", "-")}`) }, options);
  await sync(true);
  now = await status();
  say(
    now.attempted.state === "rejected" && now.attempted.stage === "verified" && now.active.git_sha === byAda,
    `signed by ${who}: rejected(verified)`,
    now.attempted,
  );
}
const byEve = now.attempted.git_sha;
trust(eve);
await sync(true);
now = await status();
say(now.active.git_sha === byEve, "the file of signers changes: verified again", now.attempted);
say((await api("history?limit=1")).generations[0].signer !== null, "history names the signer");
await stop();

title("Secrets");
const kept: string[] = [];
for (const entry of readdirSync(directory, { recursive: true, withFileTypes: true }))
  if (entry.isFile() && entry.name !== "token")
    kept.push(readFileSync(join(entry.parentPath, entry.name), "latin1"));
const all = [...everything, ...kept].join("\n");
say(
  ![token, adminKey].some((secret) => all.includes(secret)),
  "no secret in answers, logs, databases, messages or files",
);

server.stop();
remove();
console.log(failures === 0 ? "\nall of it holds" : `\n${failures} do not hold`);
process.exit(failures === 0 ? 0 : 1);
