import type { Endpoint } from "../domain/endpoint.ts";
import { lookUp } from "../routing/resolve.ts";
import { failover, type Outcome } from "./failover.ts";
import type { Gateway } from "./gateway.ts";
import { handle, identify, refused } from "./handle.ts";
import type { Arrival } from "./request/arrival.ts";
import { type Ask, readAsk } from "./request/ask.ts";
import { type Answered, sendStream, settleWhole } from "./response/answer.ts";
import { addAnswered, commonHeaders } from "./response/headers.ts";
import { overheadOf, type Story, upstreamOf } from "./story.ts";
import { attempt } from "./upstream/attempt.ts";
import type { Answer } from "./upstream/reply.ts";

/** One client request, from the door to the end of its answer. Reads top to bottom. */
export const serve = (gateway: Gateway, endpoint: Endpoint, arrival: Arrival): Promise<Response> =>
  handle(gateway, endpoint, arrival, admit);

async function admit(gateway: Gateway, story: Story): Promise<Response> {
  const { live, chance, arrival, endpoint } = story;

  const known = identify(gateway, story);
  if (!known.ok) return refused(gateway, story, known.error);
  const ask = await readAsk(endpoint, arrival, live.snapshot, known.value, chance);
  arrival.patient();
  if (!ask.ok) return refused(gateway, story, ask.error);
  const asked = story.trace === null ? ask.value : { ...ask.value, trace: story.trace };
  story.ask = asked;

  const outcome = await route(gateway, story, asked);
  story.tried = outcome.tried;
  if (outcome.ok) return answered(gateway, story, asked, outcome);
  story.asked = outcome.stop.asked;
  return refused(gateway, story, outcome.stop.refusal);
}

function route(
  { wire, state, books }: Gateway,
  { live, arrival }: Story,
  ask: Ask,
): Promise<Outcome<Answer>> {
  const { signal } = arrival.request;
  return failover<Answer>(live.snapshot, ask.route, {
    now: wire.clock.now,
    sleep: (ms) => wire.clock.sleep(ms, signal),
    isGone: () => signal.aborted,
    state,
    books,
    attempt: (decision) => attempt(wire, decision, ask, signal),
  });
}

function answered(gateway: Gateway, story: Story, ask: Ask, outcome: Answered): Response {
  const { answer, decision, firstOutputMs, startedAt, tried } = outcome;
  const { arrival, live, key } = story;
  const now = gateway.wire.clock.now();
  story.asked = decision.asked;
  story.warnings = answer.warnings;
  story.firstOutputMs = startedAt - arrival.at + firstOutputMs;
  const usage = answer.kind === "whole" ? answer.usage : answer.events.usage;
  story.tried = [...tried, { decision, startedAt, endedAt: now, firstOutputMs, failure: null, usage }];
  story.respondedAt = now;

  // Settled first, so that what remains of the limits is told as it is.
  if (answer.kind === "whole") settleWhole(gateway, story, outcome, answer);
  const headers = commonHeaders(arrival, live);
  const told = {
    key,
    decision,
    attempts: tried.length + 1,
    warnings: answer.warnings,
    deprecations: deprecationsOf(story, ask),
    gatewayMs: overheadOf(story, now),
    upstreamMs: upstreamOf(story, now),
  };
  addAnswered(headers, told, gateway.ledger, now);
  if (answer.kind === "stream") return sendStream(gateway, story, ask, outcome, answer, headers);
  headers["content-type"] = "application/json";
  return new Response(answer.text, { headers });
}

function deprecationsOf({ live }: Story, ask: Ask) {
  const name = ask.route.model ?? live.snapshot.defaultModel;
  return name === null ? [] : (lookUp(live.snapshot, name)?.deprecations ?? []);
}
