import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { type Child, serving } from "../test/support/child.ts";
import { chat } from "../test/support/gateway.ts";
import { type ServedRepository, startGitServer } from "../test/support/git_server.ts";
import { until } from "../test/support/until.ts";
import { answer, chunks, sse, startUpstream } from "../test/support/upstream.ts";

/**
 * Changes the generation again and again under open streams and 200 requests a second, with a file and with a repository as
 * the source. Exits with 1 when a stream is cut, mixed or out of order, a request fails, a limit counts wrongly, or memory or
 * open files grow with the generations.
 *
 *   bun test-slow/reloads.ts [--generations 100] [--streams 300] [--source file|git]
 */
const { values } = parseArgs({
  options: {
    generations: { type: "string", default: "100" },
    streams: { type: "string", default: "300" },
    source: { type: "string" },
  },
});
const generations = Number(values.generations);
const streams = Number(values.streams);
const kinds = (["file", "git"] as const).filter((kind) => (values.source ?? kind) === kind);

const words = 20;
const everyMs = 200;
/** Besides what the streams ask, so that both come to 200 a second. */
const perSecond = Math.max(20, Math.round(200 - streams / ((words * everyMs) / 1_000)));
const perDay = 10_000_000;
/** A snapshot of so many models is large enough for a leak of a hundred to be seen. */
const models = 300;

/** Every word of an answer says of which version it is, and the how manyeth. */
const upstream = startUpstream(({ path, body }) => {
  const version = /\/version(\d+)\//.exec(path)?.[1];
  const text = Array.from({ length: words }, (_, n) => `${version}.${n} `).join("");
  return body["stream"] === true ? sse([...chunks(text), "[DONE]"], { everyMs }) : answer(body, text);
});

const textOf = (version: number): string => `version: 1
logging: { interactions: off }
auth: { keys: [{ id: k, secret: env:CLIENT_KEY, limits: { rpd: ${perDay} } }] }
providers: { up: { kind: openai, base_url: "${upstream.url}/version${version}" } }
models:
  m: { targets: [up/m] }
${Array.from({ length: models }, (_, n) => `  m${n}: { targets: [{ provider: up, model: m${n}, limits: { rpm: ${1_000 + version} } }] }\n`).join("")}`;

const key = "reload-client-key";
const admin = { authorization: "Bearer reload-admin-key" };
const headers = { "content-type": "application/json", authorization: `Bearer ${key}` };
const post = ({ url }: Child, body: object) =>
  fetch(`${url}/v1/chat/completions`, { method: "POST", headers, body: JSON.stringify(body) });

/** What the clients saw that they must not have seen. */
class Clients {
  readonly wrong = new Map<string, number>();
  asked = 0;
  open = 0;
  streamed = 0;
  isOver = false;
  /** The version that each generation was seen to serve. */
  readonly versionOf = new Map<string, string>();

  async stream(gateway: Child): Promise<void> {
    const response = await this.#ask(gateway, { stream: true });
    if (response === null) return;
    this.open += 1;
    const text = await response.text().catch((error) => `cut: ${error}`);
    this.open -= 1;
    this.streamed += 1;
    if (!text.endsWith("data: [DONE]\n\n")) this.#blame(`a stream ended with ${text.slice(-60)}`);
    this.#check(response, [...text.matchAll(/"content":"(\d+)\.(\d+) "/g)]);
  }

  async whole(gateway: Child): Promise<void> {
    const response = await this.#ask(gateway, {});
    if (response !== null) this.#check(response, [...(await response.text()).matchAll(/(\d+)\.(\d+) /g)]);
  }

  async #ask(gateway: Child, more: object): Promise<Response | null> {
    this.asked += 1;
    const response = await post(gateway, chat("m", more)).catch((error) => String(error));
    if (typeof response !== "string" && response.status === 200) return response;
    this.#blame(typeof response === "string" ? response : `${response.status} ${await response.text()}`);
    return null;
  }

  #check(response: Response, found: readonly RegExpMatchArray[]): void {
    const label = response.headers.get("x-gateway-config") ?? "";
    const version = found[0]?.[1] ?? "";
    const known = this.versionOf.get(label) ?? version;
    this.versionOf.set(label, known);
    const isWhole =
      found.length === words && found.every(([, of, n], at) => of === version && Number(n) === at);
    if (!isWhole) this.#blame(`${found.length} words, mixed or out of order`);
    if (known !== version) this.#blame(`generation ${label} was ${known}, and is ${version}`);
  }

  #blame(what: string): void {
    this.wrong.set(what, (this.wrong.get(what) ?? 0) + 1);
  }
}

const memoryMb = ({ pid }: Child) =>
  Number(/^VmRSS:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1]) / 1_024;
const openFiles = ({ pid }: Child) => readdirSync(`/proc/${pid}/fd`).length;
const json = async (gateway: Child, path: string, body?: object) =>
  (
    await fetch(`${gateway.url}/admin/api/${path}`, {
      headers: { ...headers, ...admin },
      ...(body === undefined ? {} : { method: "POST", body: JSON.stringify(body) }),
    })
  ).json();
const scrape = async (gateway: Child) =>
  (await fetch(`${gateway.url}/metrics`, { headers: { ...admin, accept: "text/plain" } })).text();

/** One version after the other; resolves to a sample of memory and files after each. */
async function change(gateway: Child, say: (version: number) => void) {
  const samples: { readonly mb: number; readonly files: number }[] = [];
  for (let version = 2; version <= generations + 1; version++) {
    const startedAt = performance.now();
    say(version);
    const isLive = async () => (await json(gateway, "status")).active.generation === version;
    await until(isLive, `version ${version}`, 20_000);
    samples.push({ mb: memoryMb(gateway), files: openFiles(gateway) });
    await Bun.sleep(Math.max(0, 600 - (performance.now() - startedAt)));
  }
  return samples;
}

async function run(kind: (typeof kinds)[number], repository: ServedRepository | null): Promise<boolean> {
  const directory = mkdtempSync(join(tmpdir(), "switchyard-reloads-"));
  const files = (version: number) => ({ "routes.yaml": textOf(version) });
  const write = (version: number) => writeFileSync(join(directory, "routes.yaml"), textOf(version));
  if (repository === null) write(1);
  else repository.commit(files(1));
  const followed =
    repository === null ? [] : ["--git-sync-repo", repository.url, "--git-sync-cron", "0 0 1 1 *"];
  const env = { CLIENT_KEY: key, ADMIN_KEY: "reload-admin-key", BUN_CONFIG_MAX_HTTP_REQUESTS: "65536" };
  const gateway = await serving(directory, { args: followed, env });

  const clients = new Clients();
  const startedAt = performance.now();
  const streaming = Array.from({ length: streams }, async (_, index) => {
    await Bun.sleep((index * words * everyMs) / streams);
    while (!clients.isOver) await clients.stream(gateway);
  });
  const whole: Promise<void>[] = [];
  const timer = setInterval(() => whole.push(clients.whole(gateway)), 1_000 / perSecond);
  await until(() => clients.open >= streams * 0.8, "every stream open", 20_000);
  const samples = await change(gateway, (version) => {
    if (repository === null) return write(version);
    repository.commit(files(version));
    void json(gateway, "sync", {});
  });
  clearInterval(timer);
  clients.isOver = true;
  await Promise.all([...streaming, ...whole]);
  const seconds = (performance.now() - startedAt) / 1_000;
  await Bun.sleep(500);
  const isGood = await judge(kind, gateway, clients, samples, seconds);
  gateway.signal("SIGTERM");
  const code = await gateway.exited;
  rmSync(directory, { recursive: true });
  return isGood && code === 0;
}

const mean = (numbers: readonly number[]) => numbers.reduce((sum, each) => sum + each, 0) / numbers.length;

async function judge(
  kind: string,
  gateway: Child,
  clients: Clients,
  samples: readonly { readonly mb: number; readonly files: number }[],
  seconds: number,
): Promise<boolean> {
  const quarter = Math.ceil(samples.length / 4);
  const [first, last] = [samples.slice(0, quarter), samples.slice(-quarter)];
  const meanMb = (part: typeof samples) => mean(part.map(({ mb }) => mb));
  const meanFiles = (part: typeof samples) => mean(part.map(({ files }) => files));
  const [mbFirst, mbLast] = [meanMb(first), meanMb(last)];
  const [filesFirst, filesLast] = [meanFiles(first), meanFiles(last)];
  const text = await scrape(gateway);
  const ratio = Number(/^switchyard_limit_used_ratio\{[^}]*name="k"[^}]*\} (\S+)$/m.exec(text)?.[1]);
  const used = Math.round(ratio * perDay);
  const inFlight = [...text.matchAll(/^switchyard_config_inflight\{.*\} (\d+)$/gm)].map(([, n]) => n);
  const { generations: rows } = await json(gateway, "history?limit=200");
  const retired = rows.filter(({ state }: { readonly state: string }) => state === "retired").length;
  const lines: readonly (readonly [boolean, string, string])[] = [
    [
      true,
      "requests",
      `${clients.asked} in ${seconds.toFixed(0)} s, ${Math.round(clients.asked / seconds)} a second`,
    ],
    [clients.streamed > 0, "streams", `${clients.streamed}, ${streams} at any time`],
    [clients.versionOf.size > generations * 0.9, "generations", `${clients.versionOf.size} seen serving`],
    [
      clients.wrong.size === 0,
      "wrong",
      [...clients.wrong].map(([what, n]) => `${n} × ${what}`).join("\n") || "0",
    ],
    [used === clients.asked, "limit", `${used} counted`],
    [retired === rows.length - 1, "retired", `all but ${rows.length - retired} of the last ${rows.length}`],
    [inFlight.every((n) => n === "0"), "in flight", inFlight.join(", ") || "none"],
    [
      mbLast <= mbFirst * 1.25,
      "memory",
      `${mbFirst.toFixed(0)} MB in the first quarter, ${mbLast.toFixed(0)} MB in the last`,
    ],
    [
      filesLast <= filesFirst + 20,
      "files",
      `${filesFirst.toFixed(0)} in the first quarter, ${filesLast.toFixed(0)} in the last`,
    ],
  ];
  console.log(kind);
  for (const [isGood, name, says] of lines) console.log(`${isGood ? "  " : "✗ "}${name.padEnd(12)}${says}`);
  return lines.every(([isGood]) => isGood);
}

const server = startGitServer();
let isGood = true;
for (const kind of kinds)
  isGood = (await run(kind, kind === "git" ? server.repository("routes.git") : null)) && isGood;
server.stop();
await upstream.stop();
process.exit(isGood ? 0 : 1);
