import { type Child, residentMb } from "./child.ts";
import { Connection } from "./connection.ts";
import { type Launch, starters } from "./gateways.ts";
import type { Aim } from "./load.ts";
import type { Contender } from "./options.ts";
import { chatBody, getBytes, type Model, models, postBytes } from "./wire.ts";

/** A contender that is up and has given a right answer to both kinds of request. */
export interface Running {
  readonly contender: Contender;
  readonly launch: Launch;
  readonly startMs: number | null;
  readonly idleMb: number;
}

/** The mock upstream, once it listens. */
export interface Mock {
  readonly child: Child;
  readonly port: number;
  readonly base: string;
}

/** Starts a contender and sees that it answers as it should; a sentence when it does not. */
export async function bringUp(contender: Contender, mock: Mock, scratch: string): Promise<Running | string> {
  if (contender === "direct") {
    const url = new URL(`${mock.base}/v1/chat/completions`);
    const launch: Launch = { child: mock.child, url, ready: new URL(`${mock.base}/v1/models`), headers: {} };
    return { contender, launch, startMs: null, idleMb: residentMb(mock.child.pid) };
  }
  const launch = await starters[contender](mock.port, scratch);
  if (typeof launch === "string") return launch;
  const late = await neverReady(launch);
  const startMs = performance.now() - launch.child.startedAt;
  const problem = late ?? (await wrongAnswer(launch));
  if (problem !== null) {
    await launch.child.stop();
    return problem;
  }
  await Bun.sleep(500);
  return { contender, launch, startMs, idleMb: residentMb(launch.child.pid) };
}

async function neverReady({ child, ready, headers }: Launch): Promise<string | null> {
  const until = performance.now() + 15_000;
  while ((await ask(ready, getBytes(ready, headers))).status !== 200) {
    if (child.exited()) return `It ended at once: ${child.complaint()}`;
    if (performance.now() > until) return `No 200 from ${ready.pathname} within 15 s. ${child.complaint()}`;
    await Bun.sleep(2);
  }
  return null;
}

async function wrongAnswer(launch: Launch): Promise<string | null> {
  const expected = { [models.plain]: "Oblonskys", [models.burst]: "[DONE]" } as const;
  for (const model of [models.plain, models.burst]) {
    const { status, text } = await ask(launch.url, aimAt(launch, model, 1024).request);
    if (status !== 200 || !text.includes(expected[model]))
      return `A wrong answer to ${model}: ${text.slice(0, 600)}`;
  }
  return null;
}

/** One kind of request to a contender. */
export function aimAt(launch: Launch, model: Model, bodyBytes: number): Aim {
  const request = postBytes(launch.url, launch.headers, chatBody(model, bodyBytes));
  return { url: launch.url, request, pid: launch.child.pid };
}

/** One request on a connection of its own; status 0 when nobody answers. */
export async function ask(url: URL, request: Uint8Array): Promise<{ status: number; text: string }> {
  const { promise, resolve } = Promise.withResolvers<number>();
  const pieces: Buffer[] = [];
  const listener = { piece: (bytes: Buffer) => void pieces.push(Buffer.from(bytes)), done: resolve };
  const connection = await Connection.open(url, listener).catch(() => null);
  if (connection === null) return { status: 0, text: "" };
  connection.send(request);
  const late = setTimeout(() => resolve(0), 5000);
  const status = await promise;
  clearTimeout(late);
  connection.close();
  return { status, text: Buffer.concat(pieces).toString() };
}
