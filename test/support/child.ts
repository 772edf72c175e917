import { join } from "node:path";

/** A gateway in a process of its own, as a user starts it. */
export interface Child {
  readonly url: string;
  readonly pid: number;
  /** Sends a signal, and does not wait. */
  readonly signal: (name: NodeJS.Signals) => void;
  /** Its exit code, once it has ended; null when a signal ended it. */
  readonly exited: Promise<number | null>;
  /** What it has written to stderr so far. */
  readonly errors: () => string;
}

const root = join(import.meta.dir, "../..");

/** What it ended with, when it never came to serve. */
export interface Failed {
  readonly code: number;
  readonly errors: string;
}

/** Starts it on DIRECTORY/routes.yaml, its data and logs beside it; resolves when it serves or has ended. */
export async function startChild(
  directory: string,
  { args = [], env = {} }: { readonly args?: readonly string[]; readonly env?: Record<string, string> } = {},
): Promise<Child | Failed> {
  const of = (name: string) => join(directory, name);
  const flags = ["--config", of("routes.yaml"), "--data-dir", of("data"), "--log-dir", of("logs")];
  const child = Bun.spawn(
    [process.execPath, join(root, "src/index.ts"), ...flags, "--port", "0", "--log-level", "silent", ...args],
    { cwd: directory, env: { PATH: process.env["PATH"] ?? "", ...env }, stdout: "ignore", stderr: "pipe" },
  );
  const exited = child.exited.then((code) => (child.signalCode === null ? code : null));
  const { promise: serving, resolve } = Promise.withResolvers<string>();
  let errors = "";
  const reading = (async () => {
    const decoder = new TextDecoder();
    for await (const bytes of child.stderr) {
      errors += decoder.decode(bytes, { stream: true });
      const url = /serves on (http:\/\/\S+)/.exec(errors)?.[1];
      if (url !== undefined) resolve(url);
    }
  })();
  const ended = exited.then(async (code) => {
    await reading;
    return { code: code ?? -1, errors };
  });
  const first = await Promise.race([serving, ended]);
  if (typeof first !== "string") return first;
  return {
    url: first,
    pid: child.pid,
    signal: (name) => child.kill(name),
    exited,
    errors: () => errors,
  };
}

/** The same, where it has to serve. */
export async function serving(...args: Parameters<typeof startChild>): Promise<Child> {
  const child = await startChild(...args);
  if ("code" in child) throw new Error(`exit ${child.code}: ${child.errors}`);
  return child;
}
