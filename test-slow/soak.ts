import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { serving } from "../test/support/child.ts";
import { chat } from "../test/support/gateway.ts";
import { answer, chunks, json, sse, startUpstream } from "../test/support/upstream.ts";

/**
 * Mixed traffic against a gateway in a process of its own: whole and streamed, 10 % of clients leave, 5 % of requests meet
 * a fault, and routes.yaml is saved twice a second, every other time broken. Prints what memory, files and limits did;
 * exits with 1 when a request saw anything unexpected or anything was left behind.
 *
 *   bun test-slow/soak.ts [--requests 50000] [--parallel 64]
 */
const { values } = parseArgs({
  options: { requests: { type: "string", default: "50000" }, parallel: { type: "string", default: "64" } },
});
const requests = Number(values.requests);
const parallel = Number(values.parallel);

/** Of the slope, in MB per million requests; below this many requests it says nothing, and only growth is judged. */
const mostSlope = 5;
const fewestForSlope = 500_000;
const mostGrowthMb = 64;

const words = chunks("one two three four five six seven eight");
const upstream = startUpstream(({ body }) => {
  switch (body["model"]) {
    case "s500":
      return json({ error: { message: "broken" } }, 500);
    case "eof":
      return body["stream"] === true ? sse(words.slice(0, 4)) : json('{"choices":[');
    case "slow":
      return body["stream"] === true
        ? sse([...words, "[DONE]"], { everyMs: 5 })
        : Bun.sleep(40).then(() => answer(body));
    default:
      return answer(body, "one two three four five six seven eight");
  }
});

const limits = "limits: { concurrency: 1000, rpm: 100M, tpm: 100000M, rpd: 1000M }";
const file = (round: number) => `version: 1
logging: { interactions: metadata }
auth: { teams: { all: { ${limits} } }, keys: [{ id: soak, secret: env:SOAK, role: admin, team: all, ${limits} }] }
providers:
  up: { kind: openai, base_url: "${upstream.url}", ${limits}, defaults: { seed: ${round} } }
  bad: { kind: openai, base_url: "${upstream.url}/bad", ${limits} }
models:
  m: { targets: [{ provider: up, model: m, ${limits} }] }
  slow: { targets: [up/slow] }
  s500: { targets: [bad/s500, up/m] }
  eof: { targets: [bad/eof] }
failover: { default: { backoff: { base: 1ms, max: 2ms }, breaker: { failures: 100, within: 1s, open_for: 50ms } } }
`;

const directory = mkdtempSync(join(tmpdir(), "switchyard-soak-"));
const config = join(directory, "routes.yaml");
writeFileSync(config, file(0));
const gateway = await serving(directory, {
  env: { SOAK: "soak-key", BUN_CONFIG_MAX_HTTP_REQUESTS: "65536" },
});
const headers = { "content-type": "application/json", authorization: "Bearer soak-key" };

const unexpected = new Map<string, number>();
const outcomes = new Map<string, number>();
const count = (map: Map<string, number>, name: string) => void map.set(name, (map.get(name) ?? 0) + 1);

async function ask(model: string, stream: boolean, leavesAfterMs: number | null): Promise<void> {
  const controller = new AbortController();
  const leave = leavesAfterMs === null ? null : setTimeout(() => controller.abort(), leavesAfterMs);
  try {
    const response = await fetch(`${gateway.url}/v1/chat/completions`, {
      method: "POST",
      headers,
      body: JSON.stringify(chat(model, { stream })),
      signal: controller.signal,
    });
    const text = await response.text();
    const complete = stream ? text.endsWith("data: [DONE]\n\n") : text.includes('"finish_reason":"stop"');
    const seen =
      response.status !== 200
        ? String(response.status)
        : complete
          ? "ok"
          : text.includes('data: {"error"')
            ? "broken"
            : "cut";
    count(outcomes, `${model} ${seen}`);
    // A breaker of `bad` may be open, and its fallback answers; alone it is tried all the same.
    const wanted = model === "eof" ? (stream ? ["broken", "502"] : ["502"]) : ["ok"];
    if (!wanted.includes(seen))
      count(unexpected, `${model}${stream ? " streamed" : ""}: ${seen} ${text.slice(0, 120)}`);
  } catch (error) {
    if (controller.signal.aborted) return count(outcomes, "left");
    count(unexpected, `${model}: ${error instanceof Error ? error.message : error}`);
  } finally {
    if (leave !== null) clearTimeout(leave);
  }
}

/** 85 % answered, 10 % left, 5 % faulty; half of each streamed. By number, so that every run is alike. */
function one(n: number): Promise<void> {
  const stream = n % 2 === 0;
  const kind = (n >> 1) % 20;
  if (kind < 2) return ask("slow", stream, 5 + (n % 23));
  if (kind === 2) return ask(n % 80 < 40 ? "s500" : "eof", stream, null);
  return ask("m", stream, null);
}

const memoryMb = () =>
  Number(/^VmRSS:\s+(\d+)/m.exec(readFileSync(`/proc/${gateway.pid}/status`, "utf8"))?.[1]) / 1_024;
const openFiles = () => readdirSync(`/proc/${gateway.pid}/fd`).length;
const health = async () => (await fetch(`${gateway.url}/health`)).json();

interface Sample {
  readonly done: number;
  readonly mb: number;
  readonly files: number;
}
const samples: Sample[] = [];
let round = 0;
const saving = setInterval(() => {
  round += 1;
  writeFileSync(config, round % 2 === 0 ? file(round) : "models: [");
}, 500);

const startedAt = performance.now();
let next = 0;
let done = 0;
const every = Math.max(1, Math.floor(requests / 20));
console.log("   requests      rss  files  generation");
await Promise.all(
  Array.from({ length: parallel }, async () => {
    while (next < requests) {
      await one(next++);
      done += 1;
      if (done % every !== 0) continue;
      const sample = { done, mb: memoryMb(), files: openFiles() };
      samples.push(sample);
      const { generation } = await health();
      console.log(
        `${String(done).padStart(11)} ${sample.mb.toFixed(1).padStart(8)} ${String(sample.files).padStart(6)} ${String(generation).padStart(11)}`,
      );
    }
  }),
);
clearInterval(saving);
const seconds = (performance.now() - startedAt) / 1_000;

/** Least squares over all but the first fifth, which warms up. */
function slopePerMillion(all: readonly Sample[]): number {
  const kept = all.filter(({ done: at }) => at > requests / 5);
  const mean = (of: (sample: Sample) => number) =>
    kept.reduce((sum, sample) => sum + of(sample), 0) / kept.length;
  const [x, y] = [mean((one) => one.done), mean((one) => one.mb)];
  const over = kept.reduce((sum, sample) => sum + (sample.done - x) * (sample.mb - y), 0);
  const under = kept.reduce((sum, sample) => sum + (sample.done - x) ** 2, 0);
  return under === 0 ? 0 : (over / under) * 1e6;
}

/** What may still be under way when the last client has gone has a second to end. */
async function settled(): Promise<{ readonly inFlight: number; readonly reserved: number }> {
  const until = performance.now() + 1_000;
  for (;;) {
    const { in_flight: inFlight } = await health();
    const scraped = await fetch(`${gateway.url}/metrics`, { headers: { ...headers, accept: "text/plain" } });
    const lines = (await scraped.text()).split("\n").filter((line) => line.includes('limit="concurrency"'));
    const reserved = lines.length === 0 ? -1 : lines.filter((line) => !line.endsWith(" 0")).length;
    if ((inFlight === 0 && reserved === 0) || performance.now() > until) return { inFlight, reserved };
    await Bun.sleep(20);
  }
}

writeFileSync(config, file(round + 1));
const { inFlight, reserved } = await settled();
const slope = slopePerMillion(samples);
const warm = samples.filter(({ done: at }) => at > requests / 5);
const growth = Math.max(...warm.map(({ mb }) => mb)) - (warm[0]?.mb ?? 0);
const filesAtFirst = warm[0]?.files ?? 0;
const filesAtLast = warm.at(-1)?.files ?? 0;
const totals = (await (await fetch(`${gateway.url}/metrics`, { headers })).json()).totals;
gateway.signal("SIGTERM");
const code = await gateway.exited;
await upstream.stop();
rmSync(directory, { recursive: true });

const steep = requests >= fewestForSlope ? slope > mostSlope : growth > mostGrowthMb;
const missing = requests - totals.requests;
const rows: readonly (readonly [string, string, boolean])[] = [
  ["requests", `${requests} in ${seconds.toFixed(1)} s, ${Math.round(requests / seconds)} a second`, true],
  [
    "outcomes",
    [...outcomes]
      .map(([name, times]) => `${name} ${times}`)
      .toSorted()
      .join(", "),
    true,
  ],
  [
    "unexpected",
    [...unexpected].map(([name, times]) => `${times} × ${name}`).join("\n             ") || "0",
    unexpected.size === 0,
  ],
  ["reloads", `${round} saves, every other one broken`, true],
  [
    "rss",
    `slope ${slope.toFixed(1)} MB per million, growth ${growth.toFixed(1)} MB after warming up`,
    !steep,
  ],
  [
    "files",
    `${filesAtFirst} after warming up, ${filesAtLast} in the end`,
    filesAtLast <= filesAtFirst + parallel,
  ],
  ["in flight", String(inFlight), inFlight === 0],
  ["reserved", String(reserved), reserved === 0],
  // A client that leaves before its request has come is nobody's request.
  ["journal", `${totals.requests} rows`, missing >= 0 && missing <= (outcomes.get("left") ?? 0)],
  ["exit", String(code), code === 0],
];
for (const [name, said, good] of rows) console.log(`${good ? "  " : "✗ "}${name.padEnd(11)}${said}`);
process.exit(rows.every(([, , good]) => good) ? 0 : 1);
