import { readdirSync, readFileSync } from "node:fs";
import { availableParallelism } from "node:os";

/** Ticks of `/proc/PID/stat` in a second; Linux reports 100 to user space on every platform. */
const ticksPerSecond = 100;

/** The gateway has the first core to itself; upstream and load generator share the others. */
export const cores = {
  gateway: "0",
  others: availableParallelism() > 2 ? `1-${availableParallelism() - 1}` : "1",
};

/** Whether this machine can keep the gateway apart from its load. */
export const canPin = Bun.which("taskset") !== null && availableParallelism() > 1;

/** A process under measurement, and whatever it starts. */
export interface Child {
  readonly pid: number;
  /** When it was started, on the clock of `performance.now()`. */
  readonly startedAt: number;
  /** The first line it printed, for those that print their port. */
  readonly firstLine: Promise<string>;
  /** The end of what it wrote to stderr, to say why it did not start. */
  readonly complaint: () => string;
  readonly exited: () => boolean;
  readonly stop: () => Promise<void>;
}

/** Starts a process on the given cores. Proxies in the environment would send loopback traffic elsewhere. */
export function start(command: readonly string[], where: string, env: Record<string, string> = {}): Child {
  const { HTTP_PROXY: _, HTTPS_PROXY: __, http_proxy: ___, https_proxy: ____, ...inherited } = process.env;
  const pinned = canPin ? ["taskset", "-c", where, ...command] : [...command];
  const startedAt = performance.now();
  const child = Bun.spawn(pinned, {
    stdin: "ignore",
    stdout: "pipe",
    stderr: "pipe",
    env: { ...inherited, BUN_CONFIG_MAX_HTTP_REQUESTS: "65535", ...env },
  });
  const { promise, resolve } = Promise.withResolvers<string>();
  let out = "";
  let err = "";
  void drain(child.stdout, (text) => {
    if (out.includes("\n")) return;
    out += text;
    if (out.includes("\n")) resolve(out.slice(0, out.indexOf("\n")).trim());
  }).then(() => resolve(out.trim()));
  void drain(child.stderr, (text) => {
    err = (err + text).slice(-2000);
  });
  return {
    pid: child.pid,
    startedAt,
    firstLine: promise,
    complaint: () => err.trim(),
    exited: () => child.exitCode !== null || child.signalCode !== null,
    stop: async () => {
      child.kill("SIGTERM");
      const late = setTimeout(() => child.kill("SIGKILL"), 3000);
      await child.exited;
      clearTimeout(late);
    },
  };
}

async function drain(stream: ReadableStream<Uint8Array>, take: (text: string) => void): Promise<void> {
  const decoder = new TextDecoder();
  for await (const piece of stream) take(decoder.decode(piece, { stream: true }));
}

/** Puts this process, the load generator, on the cores that the gateway does not have. */
export function pinSelf(): void {
  if (canPin) Bun.spawnSync(["taskset", "-a", "-c", "-p", cores.others, `${process.pid}`]);
}

/** CPU time that a process and all its children have used since they started, all threads, in µs. */
export function cpuMicros(pid: number): number {
  const ticks = family(pid).reduce((sum, member) => sum + member.ticks, 0);
  return (ticks * 1_000_000) / ticksPerSecond;
}

/** CPU time that the gateway's core has spent on processes since the machine started, whoever they are, in µs. */
export function coreMicros(): number {
  const line = readFileSync("/proc/stat", "latin1")
    .split("\n")
    .find((text) => text.startsWith(`cpu${cores.gateway} `));
  const [user = 0, nice = 0, system = 0] = (line ?? "").split(" ").slice(1).map(Number);
  return ((user + nice + system) * 1_000_000) / ticksPerSecond;
}

/** Resident memory of a process and all its children, in MB. */
export function residentMb(pid: number): number {
  const pages = family(pid).reduce((sum, member) => sum + member.pages, 0);
  return (pages * 4096) / 1_000_000;
}

interface Member {
  readonly pid: number;
  readonly parent: number;
  readonly ticks: number;
  readonly pages: number;
}

function family(pid: number): readonly Member[] {
  const all = readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .flatMap((name) => memberOf(Number(name)));
  const found = all.filter((member) => member.pid === pid);
  for (const elder of found) found.push(...all.filter((member) => member.parent === elder.pid));
  return found;
}

function memberOf(pid: number): Member[] {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "latin1");
    // The name in brackets may hold blanks; what follows it does not.
    const fields = stat
      .slice(stat.lastIndexOf(")") + 2)
      .split(" ")
      .map(Number);
    const [, parent = 0] = fields;
    return [{ pid, parent, ticks: (fields[11] ?? 0) + (fields[12] ?? 0), pages: fields[21] ?? 0 }];
  } catch {
    return []; // ended in the meantime
  }
}
