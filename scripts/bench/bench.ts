/** `bun run bench`: Switchyard with everything on beside nginx, a bare Bun proxy and Portkey, in one run on this machine. */
import { mkdtempSync, rmSync } from "node:fs";
import { cpus, tmpdir } from "node:os";
import path from "node:path";
import { bringUp, type Mock, type Running } from "./bring_up.ts";
import { type Child, canPin, cores, pinSelf, residentMb, start } from "./child.ts";
import { type Findings, ratios } from "./figures.ts";
import { type Options, parseOptions, usage } from "./options.ts";
import { report } from "./report.ts";
import { measureAll } from "./run.ts";
import { paceMs } from "./wire.ts";

const options = parseOptions(process.argv.slice(2));
if (typeof options === "string") {
  console.error(options);
  process.exit(options === usage ? 0 : 64);
}
const scratch = mkdtempSync(path.join(tmpdir(), "switchyard-bench-"));
const children: Child[] = [];
for (const signal of ["SIGINT", "SIGTERM"] as const)
  process.once(signal, () => void cleanUp().then(() => process.exit(1)));
try {
  await main(options);
} finally {
  await cleanUp();
}

async function main(asked: Options): Promise<void> {
  say(`${cpus()[0]?.model ?? "unknown processor"}, ${cpus().length} cores, bun ${Bun.version}`);
  say(
    canPin
      ? `gateway on core ${cores.gateway}, load on ${cores.others}`
      : "NOT PINNED: no taskset, or one core only",
  );
  pinSelf();
  const mock = await startMock(asked);
  const running: Running[] = [];
  for (const contender of asked.only) {
    const found = await bringUp(contender, mock, scratch);
    if (typeof found === "string") {
      say(`${contender}: left out. ${found}`);
      continue;
    }
    say(`${contender}: up`);
    running.push(found);
    children.push(found.launch.child);
  }
  const samples = await measureAll(running, asked, mock);
  const findings = running.map(({ contender, launch, startMs, idleMb }): Findings => {
    const own = samples.get(contender) ?? {};
    return { contender, samples: own, startMs, idleMb, afterMb: residentMb(launch.child.pid) };
  });
  console.log(`\n${report(findings)}`);
  if (asked.json !== null) await writeJson(asked.json, asked, findings);
}

async function startMock({ measureMs, warmMs }: Options): Promise<Mock> {
  // Twice the measurement: no stream may end inside it, nor outlive it by much where aborts are not passed on.
  const events = Math.ceil((measureMs * 2 + warmMs + 1500) / paceMs);
  const child = start(
    [process.execPath, path.join(import.meta.dir, "upstream.ts"), `${events}`],
    cores.others,
  );
  children.push(child);
  const port = Number(await child.firstLine);
  return { child, port, base: `http://127.0.0.1:${port}` };
}

async function writeJson(file: string, asked: Options, findings: readonly Findings[]): Promise<void> {
  const machine = { cpu: cpus()[0]?.model, cores: cpus().length, bun: Bun.version, pinned: canPin };
  const all = { at: new Date().toISOString(), machine, options: asked, findings, ratios: ratios(findings) };
  await Bun.write(file, `${JSON.stringify(all, null, 2)}\n`);
}

async function cleanUp(): Promise<void> {
  await Promise.all(children.map((child) => child.stop()));
  rmSync(scratch, { recursive: true, force: true });
}

function say(line: string): void {
  console.error(line);
}
