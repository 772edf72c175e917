import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openSqlite } from "../src/runtime/sqlite.ts";
import { recordingIn } from "../src/simulate/replay/database.ts";
import { replay } from "../src/simulate/replay/replay.ts";
import { recordTraffic, snapshotOf } from "../test/simulate/replay/traffic.ts";

/** Replays a million recorded requests and tells the time and the memory it took. `bun run test:replay [--requests N]` */
const at = process.argv.indexOf("--requests");
const requests = at === -1 ? 1_000_000 : Number(process.argv[at + 1]);
const yaml = (rpm: number, first: string) => `
auth:
  keys: [{ id: a, secret: env:A, limits: { rpm: ${rpm}, tpm: 10M } }, { id: b, secret: env:B }]
providers:
  p: { kind: openai, base_url: "http://127.0.0.1:1", limits: { rpm: 100k }, models: { "*": { price: { input: 1, output: 2 } } } }
  q: { kind: openai, base_url: "http://127.0.0.1:2", models: { "*": { price: { input: 2, output: 4 } } } }
models: { m: { targets: [${first}/x, ${first === "p" ? "q" : "p"}/x], fallbacks: [f] }, f: { targets: [q/y] } }
`;
const directory = mkdtempSync(join(tmpdir(), "switchyard-replay-"));
const file = join(directory, "switchyard.sqlite");
const base = snapshotOf(yaml(600, "p"));
console.log(`recording ${requests.toLocaleString("en-US")} requests`);
await recordTraffic(file, base, { requests, everyMs: 80 });

const sqlite = openSqlite(file, { readonly: true });
const recording = recordingIn(sqlite);
const before = process.memoryUsage.rss();
let peak = before;
const startedAt = performance.now();
const report = await replay(base, snapshotOf(yaml(300, "q")), recording, {
  sinceMs: 30 * 86_400_000,
  seed: 1,
  onProgress: () => {
    peak = Math.max(peak, process.memoryUsage.rss());
  },
});
const seconds = (performance.now() - startedAt) / 1_000;
sqlite.close();
rmSync(directory, { recursive: true, force: true });
console.log(
  `replayed in ${seconds.toFixed(1)} s, ${((seconds * 1e6) / requests).toFixed(1)} µs a request, ` +
    `memory ${(before / 2 ** 20).toFixed(0)} to ${(peak / 2 ** 20).toFixed(0)} MiB at most`,
);
console.log(JSON.stringify(report, null, 2));
