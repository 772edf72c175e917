import { isRecord } from "../../core/record.ts";
import { scrub } from "../../core/secret.ts";
import type { EpochMs } from "../../core/units.ts";
import { type Failure, failure } from "../../domain/failure.ts";
import type { Usage } from "../../domain/usage.ts";
import { replay } from "../../providers/replay.ts";
import type { TransportResponse } from "../../runtime/transport.ts";
import type { Ask } from "../request/ask.ts";
import { type Batch, Events } from "./events.ts";
import { type Call, finished, readText, secretsOf } from "./exchange.ts";
import { type Items, ready, streamed } from "./items.ts";
import type { Patience } from "./patience.ts";
import type { Streamed, Whole } from "./reply.ts";

/** At most this much is held back while a stream has shown no output yet; in characters. */
const maxHeld = 64 * 1024;

/** An answer as the client wants it, whole or streamed; or why it is none. */
export type Read =
  | { readonly ok: true; readonly answer: Whole | Streamed }
  | { readonly ok: false; readonly failure: Failure };

/** Reads a 200 until it is whole, or until the first output of its stream is there. */
export async function readAnswer(
  response: TransportResponse,
  call: Call,
  ask: Ask,
  patience: Patience,
  now: () => EpochMs,
): Promise<Read> {
  const complete = (why: Failure) => finished(why, response, call, now());
  const scrubbed = (text: string) => scrub(text, secretsOf(call));
  const begun = (items: Items) => begin(new Events(items, ask.route.n, complete), patience, scrubbed);
  const { adapter, upstream } = call;
  try {
    if (upstream.stream && isEventStream(response.headers))
      return await begun(streamed(response, adapter.stream(upstream)));
    const decoded = decodeWhole(call, await readText(response));
    if (!decoded.ok) return failed(complete(decoded.failure));
    const { body, text, usage } = decoded;
    if (upstream.stream)
      return failed(failure("malformed", "a stream was asked for, and the answer is none"));
    if (ask.stream) return await begun(ready(replay(upstream.endpoint, body, usage)));
    return { ok: true, answer: { kind: "whole", text, usage, loggable: () => scrubbed(text) } };
  } catch (error) {
    response.cancel();
    return failed(patience.failureOf(error));
  }
}

type Decoded =
  | {
      readonly ok: true;
      readonly body: Readonly<Record<string, unknown>>;
      readonly text: string;
      readonly usage: Usage;
    }
  | { readonly ok: false; readonly failure: Failure };

function decodeWhole(call: Call, text: string | null): Decoded {
  if (text === null) return failed(failure("malformed", "the answer is larger than 64 MiB"));
  let said: unknown;
  try {
    said = JSON.parse(text);
  } catch {
    return failed(failure("malformed", "the answer is not JSON"));
  }
  const decoded = call.adapter.decode(said, call.upstream);
  if (!decoded.ok) return decoded;
  const { body, usage } = decoded;
  return {
    ok: true,
    body: isRecord(body) ? body : {},
    text: body === said ? text : JSON.stringify(body),
    usage,
  };
}

/** Nothing is committed to the client before the first output, so that an error inside a 200 still fails over. */
async function begin(events: Events, patience: Patience, scrubbed: Streamed["scrubbed"]): Promise<Read> {
  const chunks: string[] = [];
  let size = 0;
  for (;;) {
    const batch: Batch = await events.next();
    chunks.push(...batch.chunks);
    size += batch.chunks.reduce((sum, chunk) => sum + chunk.length, 0);
    if (batch.output || batch.done || size > maxHeld) {
      patience.rest();
      return { ok: true, answer: { kind: "stream", held: { ...batch, chunks }, events, patience, scrubbed } };
    }
    if (batch.failure !== null) {
      events.cancel();
      return failed(batch.failure);
    }
  }
}

const isEventStream = (headers: Headers): boolean =>
  (headers.get("content-type") ?? "").includes("text/event-stream");

const failed = (why: Failure): { readonly ok: false; readonly failure: Failure } => ({
  ok: false,
  failure: why,
});
