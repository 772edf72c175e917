import type { Try } from "../../domain/route.ts";
import type { Ask } from "../request/ask.ts";
import { openAuthorized } from "./authorized.ts";
import { Patience } from "./patience.ts";
import { prepare } from "./prepare.ts";
import { readAnswer } from "./read.ts";
import type { Answer, Reply } from "./reply.ts";
import { simulatedTransport } from "./simulated.ts";
import type { Wire } from "./wire.ts";

/** Calls one target. Resolves when the answer is whole, or when the first output of a stream is there. */
export async function attempt(
  wire: Wire,
  decision: Try,
  ask: Ask,
  client: AbortSignal,
): Promise<Reply<Answer>> {
  const prepared = prepare(wire, decision, ask);
  if (!prepared.ok) return prepared;
  const { call, warnings } = prepared;
  const { upstream } = call;
  const patience = new Patience(client, decision.timeouts.total);
  patience.run(upstream.stream ? "first_byte" : "answer", decision.timeouts);

  const startedAt = wire.clock.now();
  const transport =
    upstream.provider.kind === "simulated" ? simulatedTransport(upstream, ask.route.chance) : wire.transport;
  const opened = await openAuthorized(call, wire, transport, patience);
  const read = opened.ok
    ? await readAnswer(opened.response, opened.call, ask, patience, wire.clock.now)
    : opened;
  if (!read.ok || read.answer.kind === "whole") patience.stop();
  if (!read.ok) return read;
  const sent = { warnings, sent: { model: upstream.model, ...call.encoded.body }, startedAt };
  return { ok: true, answer: { ...read.answer, ...sent }, firstOutputMs: wire.clock.now() - startedAt };
}
