import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { openSqlite } from "../src/runtime/sqlite.ts";
import { type Child, serving } from "../test/support/child.ts";
import { chat } from "../test/support/gateway.ts";

/**
 * Kills a busy gateway with SIGKILL, again and again on the same DATA_DIR, every third time just after a save of its file.
 * Exits with 1 when a database was corrupt, or an acknowledged row or a generation that had served was lost.
 *
 *   bun test-slow/kill.ts [--rounds 200]
 */
const { values } = parseArgs({ options: { rounds: { type: "string", default: "200" } } });
const rounds = Number(values.rounds);

const directory = mkdtempSync(join(tmpdir(), "switchyard-kill-"));
const save = (round: number) =>
  writeFileSync(
    join(directory, "routes.yaml"),
    `version: 1
logging: { interactions: full }
providers: { p: { kind: simulated, limits: { rpd: 100M }, defaults: { seed: ${round} } } }
models: { m: { targets: [p/x] } }
`,
  );

const ask = (url: string) =>
  fetch(`${url}/v1/chat/completions`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify(chat("m")),
  });
const metricsOf = async (url: string) => (await fetch(`${url}/metrics`)).json();

/** Sixteen clients that ask without end; resolves when every one of them has met the end. */
const traffic = (gateway: Child) =>
  Promise.all(
    Array.from({ length: 16 }, async () => {
      for (;;) {
        const answered = await ask(gateway.url).then(
          (response) => response.text().then(() => true),
          () => false,
        );
        if (!answered) return;
      }
    }).map((client) => client.catch(() => {})),
  );

function isWhole(name: string): boolean {
  const sqlite = openSqlite(join(directory, `data/${name}.sqlite`), { readonly: true });
  const [found] = sqlite.prepare("PRAGMA integrity_check").all();
  sqlite.close();
  return found?.["integrity_check"] === "ok";
}

const lost = { rows: 0, generations: 0, databases: 0 };
const starts: number[] = [];
let known = { rows: 0, generation: 0 };
save(0);
for (let round = 1; round <= rounds; round++) {
  const startedAt = performance.now();
  const gateway = await serving(directory);
  starts.push(performance.now() - startedAt);
  const { totals, generation } = await metricsOf(gateway.url);
  lost.rows += Math.max(0, known.rows - totals.requests);
  lost.generations += Math.max(0, known.generation - generation);

  const clients = traffic(gateway);
  await Bun.sleep(Math.random() * 300);
  const seen = await metricsOf(gateway.url);
  if (round % 3 === 0) {
    save(round);
    await Bun.sleep(Math.random() * 250);
  }
  const served = (await (await fetch(`${gateway.url}/health`)).json()).generation;
  known = { rows: seen.totals.requests, generation: served };
  gateway.signal("SIGKILL");
  await gateway.exited;
  await clients;
  lost.databases += ["state", "switchyard"].filter((name) => !isWhole(name)).length;
}
rmSync(directory, { recursive: true });

const sorted = starts.toSorted((a, b) => a - b);
console.log(`kills        ${rounds}, after ${known.rows} rows and ${known.generation} generations`);
console.log(
  `start        median ${sorted[rounds >> 1]?.toFixed(0)} ms, most ${sorted.at(-1)?.toFixed(0)} ms`,
);
console.log(
  `lost         ${lost.rows} acknowledged rows, ${lost.generations} generations, ${lost.databases} databases`,
);
process.exit(lost.rows + lost.generations + lost.databases === 0 ? 0 : 1);
