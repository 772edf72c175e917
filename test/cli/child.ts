import { join } from "node:path";
import { until } from "../support/until.ts";

const program = join(import.meta.dir, "../../src/index.ts");

/** A process of its own, as a user would start it. */
export interface Child {
  readonly pid: number;
  /** What it wrote so far. */
  readonly stderr: () => string;
  readonly stdout: () => string;
  readonly exited: Promise<number>;
  /** The address it says it serves on. */
  readonly serving: () => Promise<string>;
  readonly signal: (name: "SIGTERM" | "SIGHUP" | "SIGKILL") => void;
}

/** Runs `bun src/index.ts` in a directory, with this environment and no other. */
export function runChild(
  directory: string,
  args: readonly string[] = [],
  env: Readonly<Record<string, string>> = {},
): Child {
  const child = Bun.spawn([process.execPath, program, ...args], {
    cwd: directory,
    env: { PATH: process.env["PATH"] ?? "", HOME: directory, ...env },
    stdout: "pipe",
    stderr: "pipe",
  });
  const [stdout, stderr] = [collect(child.stdout), collect(child.stderr)];
  const address = () => /Switchyard serves on (http:\S+)/.exec(stderr())?.[1];
  return {
    pid: child.pid,
    stdout,
    stderr,
    exited: child.exited,
    serving: async () => {
      await until(() => address() !== undefined || child.exitCode !== null, "the gateway serves", 15_000);
      const found = address();
      if (found === undefined) throw new Error(`exit ${child.exitCode}: ${stderr()}`);
      return found;
    },
    signal: (name) => child.kill(name),
  };
}

function collect(stream: ReadableStream<Uint8Array>): () => string {
  let text = "";
  const decoder = new TextDecoder();
  void (async () => {
    for await (const piece of stream) text += decoder.decode(piece, { stream: true });
  })();
  return () => text;
}
