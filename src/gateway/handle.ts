import { ok, type Result } from "../core/result.ts";
import { readTrace, type TraceContext } from "../core/trace_context.ts";
import type { Endpoint } from "../domain/endpoint.ts";
import { type Refusal, refuse } from "../domain/refusal.ts";
import type { ClientKey } from "../domain/snapshot.ts";
import type { Gateway } from "./gateway.ts";
import type { Live } from "./live.ts";
import { chooseLive } from "./request/arm.ts";
import type { Arrival } from "./request/arrival.ts";
import { notTaken, permit, recognise } from "./request/auth.ts";
import { close } from "./response/answer.ts";
import { addRefused, commonHeaders } from "./response/headers.ts";
import { refusalResponse } from "./response/respond.ts";
import { overheadOf, type Story, upstreamOf } from "./story.ts";

/** One client request: refused while none are welcome, counted while it is under way, told once whatever happens. */
export async function handle(
  gateway: Gateway,
  endpoint: Endpoint,
  arrival: Arrival,
  admit: (gateway: Gateway, story: Story) => Promise<Response>,
): Promise<Response> {
  const closed = closedBecause(gateway);
  gateway.traffic.begin();
  const { pointer } = gateway;
  const live = pointer.canary() === null ? pointer.current() : await chooseLive(pointer, arrival);
  gateway.traffic.joined(live.generation);
  const story = begin(gateway, live, endpoint, arrival);
  try {
    return closed === null ? await admit(gateway, story) : refused(gateway, story, closed);
  } catch (bug) {
    close(gateway, story, {
      kind: "refused",
      refusal: refuse("internal_error", "The gateway met an error of its own."),
    });
    throw bug;
  }
}

/** Notes who asks; refused where the key is none, or its role asks nothing of models. */
export function identify({ state }: Gateway, story: Story): Result<ClientKey | null, Refusal> {
  const { live, arrival } = story;
  const known = recognise(live.keyring, arrival.request.headers, arrival.at);
  if (!known.ok) return known;
  story.key = known.value;
  const free = notTaken(state, known.value, arrival.at);
  if (!free.ok) return free;
  const role = permit(known.value, ["client", "admin"]);
  return role.ok ? ok(known.value) : role;
}

/** Ends a request with a refusal. */
export function refused(gateway: Gateway, story: Story, refusal: Refusal): Response {
  const { arrival, live, key, tried } = story;
  const now = gateway.wire.clock.now();
  const headers = commonHeaders(arrival, live);
  const told = {
    key,
    last: tried.at(-1)?.decision ?? null,
    attempts: tried.length,
    gatewayMs: overheadOf(story, now),
    upstreamMs: upstreamOf(story, now),
  };
  addRefused(headers, told, gateway.ledger, now);
  close(gateway, story, { kind: "refused", refusal });
  return refusalResponse(refusal, headers);
}

/** The snapshot is pinned here: a reload while the request runs changes nothing for it. */
const begin = (gateway: Gateway, live: Live, endpoint: Endpoint, arrival: Arrival): Story => ({
  live,
  arrival,
  endpoint,
  chance: gateway.chance(),
  trace: traceOf(gateway, arrival),
  key: null,
  ask: null,
  asked: null,
  tried: [],
  warnings: [],
  respondedAt: null,
  firstOutputMs: null,
  isTold: false,
});

/** Most callers do not trace, and then nothing is made of it. */
function traceOf({ beginSpan }: Gateway, { request: { headers } }: Arrival): TraceContext | null {
  const traceparent = headers.get("traceparent");
  const caller = traceparent === null ? null : readTrace(traceparent, headers.get("tracestate"));
  return beginSpan === undefined ? caller : beginSpan(caller);
}

function closedBecause({ traffic }: Gateway): Refusal | null {
  if (traffic.isDraining) {
    return refuse("draining", "The gateway is shutting down. Try again: another one answers.", {
      retryAfterMs: 1_000,
    });
  }
  const message = "The gateway has as many requests under way as it can hold open.";
  return traffic.isFull ? refuse("no_target_available", message, { retryAfterMs: 1_000 }) : null;
}
