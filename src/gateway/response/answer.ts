import type { Usage } from "../../domain/usage.ts";
import { upstreamName } from "../../routing/identity.ts";
import { tokensOf } from "../books.ts";
import { type Outcome, spentIn } from "../failover.ts";
import type { Gateway } from "../gateway.ts";
import type { Ask } from "../request/ask.ts";
import { type Ending, rowOf, type Story } from "../story.ts";
import type { Answer, StreamedAnswer, WholeAnswer } from "../upstream/reply.ts";
import type { HeaderFields } from "./headers.ts";
import { clientStream, type StreamEnd } from "./stream.ts";
import { Transcript } from "./transcript.ts";

/** An outcome that is an answer. */
export type Answered = Extract<Outcome<Answer>, { readonly ok: true }>;

/** Ends a request: the journal and the logs hear of it, and its place is free. Only the first ending counts. */
export function close(
  gateway: Gateway,
  story: Story,
  ending: Ending,
  sent: unknown = null,
  answer: string | null = null,
): void {
  if (story.isTold) return;
  story.isTold = true;
  const row = rowOf(story, ending, gateway.wire.clock.now());
  gateway.traffic.end(row.generation);
  gateway.onEnd(row, story.trace);
  const { logging } = story.live.snapshot;
  gateway.onInteraction({ row, sent, answer, error: messageOf(ending), logging });
}

function messageOf(ending: Ending): string | null {
  if (ending.kind === "refused") return ending.refusal.message;
  return ending.failure?.message ?? null;
}

/** Settles a whole answer before it is sent, because everything about it is known. */
export function settleWhole(gateway: Gateway, story: Story, outcome: Answered, answer: WholeAnswer): void {
  const now = gateway.wire.clock.now();
  outcome.booking.succeed(answer.usage, now);
  enter(story, outcome, answer.usage, null, now);
  outcome.request.endRequest(spentIn(story.tried), now);
  const isLogged = story.live.snapshot.logging.interactions === "full";
  const logged = isLogged ? answer.loggable() : null;
  close(gateway, story, { kind: "answered", failure: null }, answer.sent, logged);
}

/** A streamed answer: settled when it ends, whoever ends it. */
export function sendStream(
  gateway: Gateway,
  story: Story,
  ask: Ask,
  outcome: Answered,
  answer: StreamedAnswer,
  headers: HeaderFields,
): Response {
  const { decision } = outcome;
  const options = {
    timeouts: decision.timeouts,
    includeUsage: ask.includeUsage,
    signal: story.arrival.request.signal,
    traffic: gateway.traffic,
    transcript: story.live.snapshot.logging.interactions === "full" ? new Transcript() : null,
  };
  const { transcript } = options;
  const said = () => transcript?.whole(answer.events.usageJson) ?? null;
  const body = clientStream(answer, options, (end) =>
    settle(gateway, story, ask, outcome, answer, end, said),
  );
  headers["content-type"] = "text/event-stream; charset=utf-8";
  headers["cache-control"] = "no-cache";
  // Proxies that buffer would hold the stream back.
  headers["x-accel-buffering"] = "no";
  return new Response(body, { headers });
}

function settle(
  gateway: Gateway,
  story: Story,
  ask: Ask,
  outcome: Answered,
  answer: StreamedAnswer,
  end: StreamEnd,
  said: () => string | null,
): void {
  const now = gateway.wire.clock.now();
  const { booking, request, decision } = outcome;
  const usage = end.failure === null ? answer.events.usage : partial(gateway, ask, outcome, answer);
  if (end.failure === null) booking.succeed(usage, now);
  else booking.fail(end.failure, tokensOf(usage) ?? decision.estimatedTokens, now);
  enter(story, outcome, usage, end.failure, now);
  request.endRequest(spentIn(story.tried), now);
  const whole = said();
  const logged = whole === null ? null : answer.scrubbed(whole);
  close(gateway, story, { kind: "answered", failure: end.failure }, answer.sent, logged);
}

/** Partial output is billed: what the provider told, else the prompt as estimated and the output that went through. */
function partial({ state }: Gateway, ask: Ask, { decision }: Answered, { events }: StreamedAnswer): Usage {
  if (events.usage.total !== null) return events.usage;
  const upstream = upstreamName(decision.target.provider, decision.upstream);
  const prompt = events.usage.prompt ?? Math.ceil(ask.route.textBytes * state.tokensPerByte(upstream));
  const completion = Math.ceil(events.characters / 4);
  return { ...events.usage, prompt, completion, total: prompt + completion };
}

function enter(story: Story, outcome: Answered, usage: Usage, why: StreamEnd["failure"], now: number): void {
  const { decision, startedAt, firstOutputMs } = outcome;
  const entry = { decision, startedAt, endedAt: now, firstOutputMs, failure: why, usage };
  story.tried = [...outcome.tried, entry];
}
