import { scrub } from "../../core/secret.ts";
import { type Failure, failure } from "../../domain/failure.ts";
import type { Try } from "../../domain/route.ts";
import type { Usage } from "../../domain/usage.ts";
import type { Clock } from "../../runtime/clock.ts";
import type { Transport } from "../../runtime/transport.ts";
import type { Ask } from "../request/ask.ts";
import { type Batch, Events } from "./events.ts";
import { type Call, finished, open, readText, secretsOf } from "./exchange.ts";
import { Patience } from "./patience.ts";
import { prepare } from "./prepare.ts";
import type { Answer, Reply } from "./reply.ts";
import { simulatedTransport } from "./simulated.ts";
import type { Vault } from "./vault.ts";

/** At most this much is held back while a stream has shown no output yet; in characters. */
const maxHeld = 64 * 1024;

/** What an attempt needs of the world. */
export interface Wire {
  readonly transport: Transport;
  readonly vault: Vault;
  readonly clock: Clock;
}

/** Calls one target. Resolves when the answer is whole, or when the first output of a stream is there. */
export async function attempt(
  wire: Wire,
  decision: Try,
  ask: Ask,
  client: AbortSignal,
): Promise<Reply<Answer>> {
  const prepared = prepare(wire, decision, ask);
  if (!prepared.ok) return failed(prepared.failure);
  const { call, warnings } = prepared;
  const patience = new Patience(client, decision.timeouts.total);
  patience.run(ask.stream ? "first_byte" : "answer", decision.timeouts);

  const startedAt = wire.clock.now();
  const { provider } = decision.target;
  const transport =
    provider.kind === "simulated" ? simulatedTransport(call.upstream, ask.route.chance) : wire.transport;
  const opened = await open(call, transport, patience, wire.clock.now);
  if (!opened.ok) {
    patience.stop();
    return failed(opened.failure);
  }
  const sent = { warnings, sent: { model: call.upstream.model, ...call.encoded.body }, startedAt };
  const since = () => wire.clock.now() - startedAt;
  try {
    if (!ask.stream || !isEventStream(opened.response.headers)) {
      const whole = decodeWhole(call, await readText(opened.response), ask.stream);
      patience.stop();
      if (!whole.ok) return failed(finished(whole.failure, opened.response, call, wire.clock.now()));
      return {
        ok: true,
        answer: {
          kind: "whole",
          text: whole.text,
          usage: whole.usage,
          loggable: () => scrub(whole.text, secretsOf(call)),
          ...sent,
        },
        firstOutputMs: since(),
      };
    }
    const { response } = opened;
    const events = new Events(response, call.adapter.stream(call.upstream), ask.route.n, (why) =>
      finished(why, response, call, wire.clock.now()),
    );
    const held = await hold(events);
    if (!held.ok) {
      patience.stop();
      events.cancel();
      return failed(held.failure);
    }
    patience.rest();
    return {
      ok: true,
      answer: { kind: "stream", held: held.batch, events, patience, ...sent },
      firstOutputMs: since(),
    };
  } catch (error) {
    patience.stop();
    opened.response.cancel();
    return failed(patience.failureOf(error));
  }
}

type Whole =
  | { readonly ok: true; readonly text: string; readonly usage: Usage }
  | { readonly ok: false; readonly failure: Failure };

function decodeWhole(call: Call, text: string | null, wantedStream: boolean): Whole {
  if (text === null) return { ok: false, failure: failure("malformed", "the answer is larger than 64 MiB") };
  let body: unknown;
  try {
    body = JSON.parse(text);
  } catch {
    return { ok: false, failure: failure("malformed", "the answer is not JSON") };
  }
  const decoded = call.adapter.decode(body, call.upstream);
  if (!decoded.ok) return decoded;
  if (wantedStream)
    return { ok: false, failure: failure("malformed", "a stream was asked for, and the answer is none") };
  return {
    ok: true,
    text: decoded.body === body ? text : JSON.stringify(decoded.body),
    usage: decoded.usage,
  };
}

type Held = { readonly ok: true; readonly batch: Batch } | { readonly ok: false; readonly failure: Failure };

/** Nothing is committed to the client before the first output, so that an error inside a 200 still fails over. */
async function hold(events: Events): Promise<Held> {
  const chunks: string[] = [];
  let size = 0;
  for (;;) {
    const batch = await events.next();
    chunks.push(...batch.chunks);
    size += batch.chunks.reduce((sum, chunk) => sum + chunk.length, 0);
    if (batch.output || batch.done || size > maxHeld) return { ok: true, batch: { ...batch, chunks } };
    if (batch.failure !== null) return { ok: false, failure: batch.failure };
  }
}

const isEventStream = (headers: Headers): boolean =>
  (headers.get("content-type") ?? "").includes("text/event-stream");

const failed = (why: Failure): { readonly ok: false; readonly failure: Failure } => ({
  ok: false,
  failure: why,
});
