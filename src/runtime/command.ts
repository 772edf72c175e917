import { type ChildProcess, spawn } from "node:child_process";
import { accessSync, constants, statSync } from "node:fs";
import { delimiter, join } from "node:path";
import type { DurationMs } from "../core/units.ts";

/** A program to run, and all that it gets to see. No shell reads any of it. */
export interface Command {
  /** The program, by its path or by a name that the environment's PATH has, and its arguments. */
  readonly argv: readonly [program: string, ...args: readonly string[]];
  /** The whole environment: nothing of our own is handed down. */
  readonly environment: Readonly<Record<string, string>>;
  /** After it the program and all that it started are killed. */
  readonly deadlineMs: DurationMs;
  /** The most that stdout may be; more is a reason to kill it. Of stderr the last {@link maxErrorBytes} are kept. */
  readonly maxBytes: number;
}

/** How a program ended. */
export interface Ran {
  readonly ended: "exited" | "timed_out" | "said_too_much" | "not_started";
  /** Null when it did not exit by itself. */
  readonly code: number | null;
  readonly stdout: Uint8Array;
  readonly stderr: string;
}

/** What is kept of stderr, the last of it. */
export const maxErrorBytes = 64 * 1024;

/** How long the pipes of a program that is gone may stay open: whoever has left its group may hold them. */
const lingerMs: DurationMs = 200;

/** Every group that runs: what we started ends with us. */
const running = new Set<number>();
process.once("exit", () => running.forEach(killGroup));

/** Runs a program in a group of its own, its stdin closed, until it or its deadline ends. Never rejects. */
export function run({ argv, environment, deadlineMs, maxBytes }: Command): Promise<Ran> {
  const [program, ...args] = argv;
  const child = spawn(program, args, {
    env: { ...environment },
    detached: true,
    stdio: ["ignore", "pipe", "pipe"],
  });
  const out = new Tail(maxBytes + 1);
  const errors = new Tail(maxErrorBytes);
  let cut: Ran["ended"] | null = null;
  const kill = (why: Ran["ended"]) => {
    cut ??= why;
    if (child.pid !== undefined) killGroup(child.pid);
  };
  const timer = setTimeout(() => kill("timed_out"), deadlineMs);
  child.stdout.on("data", (bytes: Uint8Array) => {
    if (cut === null) out.add(bytes);
    if (out.size > maxBytes) kill("said_too_much");
  });
  child.stderr.on("data", (bytes: Uint8Array) => errors.add(bytes));
  if (child.pid !== undefined) running.add(child.pid);
  return ending(child).then((code) => {
    clearTimeout(timer);
    if (child.pid !== undefined) running.delete(child.pid);
    const ended = cut ?? (child.pid === undefined ? "not_started" : "exited");
    const stderr = new TextDecoder().decode(errors.bytes());
    return { ended, code: cut === null ? code : null, stdout: out.bytes(), stderr };
  });
}

/** Resolves to the exit code once the program has ended and its pipes are read. What it left behind is killed. */
function ending(child: ChildProcess): Promise<number | null> {
  return new Promise((resolve) => {
    child.once("error", () => resolve(null));
    child.once("exit", () => {
      if (child.pid !== undefined) killGroup(child.pid);
      const timer = setTimeout(() => {
        child.stdout?.destroy();
        child.stderr?.destroy();
        resolve(child.exitCode);
      }, lingerMs);
      child.once("close", () => clearTimeout(timer));
    });
    child.once("close", (code) => resolve(code));
  });
}

/** Where a program is on a PATH; null where it is not. */
export function programAt(name: string, path: string): string | null {
  const candidates = path.split(delimiter).map((directory) => join(directory, name));
  return candidates.find(isProgram) ?? null;
}

function isProgram(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return statSync(path).isFile();
  } catch {
    return false;
  }
}

function killGroup(leader: number): void {
  try {
    process.kill(-leader, "SIGKILL");
  } catch {
    // nobody is left of it
  }
}

/** The last `most` bytes of what was added. */
class Tail {
  readonly #most: number;
  readonly #pieces: Uint8Array[] = [];
  size = 0;

  constructor(most: number) {
    this.#most = most;
  }

  add(piece: Uint8Array): void {
    this.#pieces.push(piece);
    this.size += piece.byteLength;
    for (let first = this.#pieces[0]; first !== undefined; first = this.#pieces[0]) {
      if (this.size - first.byteLength < this.#most) return;
      this.#pieces.shift();
      this.size -= first.byteLength;
    }
  }

  bytes(): Uint8Array {
    const all = Buffer.concat(this.#pieces);
    return new Uint8Array(all.subarray(Math.max(0, all.length - this.#most)));
  }
}
