import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import OpenAI from "openai";
import { type Server, start } from "../../src/server.ts";
import { readSettings } from "../../src/settings.ts";

/** A gateway in this process, on a free port, with directories of its own. */
export interface Running {
  readonly url: string;
  readonly directory: string;
  readonly server: Server;
  /** Replaces routes.yaml, as a user would, and waits until it was looked at. */
  readonly write: (yaml: string) => Promise<void>;
  readonly client: (options?: { readonly key?: string; readonly maxRetries?: number }) => OpenAI;
  readonly post: (path: string, body: unknown, headers?: Record<string, string>) => Promise<Response>;
  readonly stop: (drainMs?: number) => Promise<void>;
}

export interface Options {
  readonly env?: Readonly<Record<string, string>>;
  readonly args?: readonly string[];
  /** Reused between two starts of one test. */
  readonly directory?: string;
}

const withVersion = (yaml: string): string => (/^version:/m.test(yaml) ? yaml : `version: 1\n${yaml}`);

/** Starts a gateway on a routes.yaml given as text. */
export async function startGateway(
  yaml: string,
  { env = {}, args = [], directory: given }: Options = {},
): Promise<Running> {
  const directory = given ?? mkdtempSync(join(tmpdir(), "switchyard-"));
  const config = join(directory, "routes.yaml");
  writeFileSync(config, withVersion(yaml));
  const flags = [
    "--config",
    config,
    "--port",
    "0",
    "--data-dir",
    join(directory, "data"),
    "--log-dir",
    join(directory, "logs"),
    "--log-level",
    "silent",
  ];
  const settings = readSettings([...flags, ...args], env);
  if (!settings.ok) throw new Error(settings.error);
  const started = await start(settings.value, env);
  if (!started.ok)
    throw new Error(started.error.map((d) => `${d.line}:${d.column} ${d.code} ${d.message}`).join("\n"));
  const server = started.value;
  const url = `http://127.0.0.1:${server.port}`;
  return {
    url,
    directory,
    server,
    write: async (text) => {
      writeFileSync(config, withVersion(text));
      await server.rollout.look();
    },
    client: ({ key = "none", maxRetries = 0 } = {}) =>
      new OpenAI({ baseURL: `${url}/v1`, apiKey: key, maxRetries }),
    post: (path, body, headers = {}) =>
      fetch(url + path, {
        method: "POST",
        headers: { "content-type": "application/json", ...headers },
        body: typeof body === "string" ? body : JSON.stringify(body),
      }),
    stop: async (drainMs = 0) => {
      await server.stop(drainMs);
      if (given === undefined) rmSync(directory, { recursive: true, force: true });
    },
  };
}

/** A chat request, as small as they come. */
export const chat = (model: string, more: object = {}) => ({
  model,
  messages: [{ role: "user", content: "Hi" }],
  ...more,
});
