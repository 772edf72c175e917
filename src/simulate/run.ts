import type { DurationMs, EpochMs, Usd } from "../core/units.ts";
import type { Failure } from "../domain/failure.ts";
import type { Refusal } from "../domain/refusal.ts";
import type { Objection, RouteRequest, Stop, Try } from "../domain/route.ts";
import type { Usage } from "../domain/usage.ts";
import { tokensOf } from "../gateway/books.ts";
import { costOfAttempt, failover, spentIn, type Tried } from "../gateway/failover.ts";
import type { Reply } from "../gateway/upstream/reply.ts";
import type { World } from "./world.ts";

/** What a provider is made to do with one attempt. */
export type Scripted =
  | {
      readonly kind: "ok";
      /** To the first output, and to the end of the answer. */
      readonly ttftMs: DurationMs;
      readonly latencyMs: DurationMs;
      readonly usage: Usage;
      /** What broke a stream after its first output; null when it came to its end. */
      readonly broken: Failure | null;
    }
  | { readonly kind: "failed"; readonly latencyMs: DurationMs; readonly failure: Failure };

/** Decides how each attempt ends, in the order in which attempts begin. */
export type Oracle = (decision: Try, request: RouteRequest, now: EpochMs) => Scripted;

/** What became of a request. */
export type Ran =
  | {
      readonly ok: true;
      /** The attempt that answered. */
      readonly decision: Try;
      readonly usage: Usage;
      readonly broken: Failure | null;
      readonly tried: readonly Tried[];
      readonly endedAt: EpochMs;
    }
  | {
      readonly ok: false;
      readonly refusal: Refusal;
      readonly objections: readonly Objection[];
      readonly stop: Stop;
      readonly tried: readonly Tried[];
      readonly endedAt: EpochMs;
    };

/**
 * Runs one request through the failover loop that serves live traffic, its attempts answered by the oracle. `atHead` is
 * called when the head of an answer would be written: when a whole one is settled, or a stream's first output is there.
 */
export async function run(
  world: World,
  request: RouteRequest,
  oracle: Oracle,
  atHead: (tried: readonly Tried[]) => void = () => {},
): Promise<Ran> {
  const { snapshot, clock, state, books, watch = null } = world;
  const outcome = await failover<Scripted & { readonly kind: "ok" }>(snapshot, request, {
    now: clock.now,
    sleep: clock.sleep,
    isGone: () => false,
    state,
    books,
    watch,
    attempt: async (decision): Promise<Reply<Scripted & { readonly kind: "ok" }>> => {
      const scripted = oracle(decision, request, clock.now());
      if (scripted.kind === "failed") {
        await clock.sleep(scripted.latencyMs);
        return { ok: false, failure: scripted.failure };
      }
      // A whole answer is there at once at its end; a stream's first output is what the loop waits for.
      const waitMs = request.stream ? scripted.ttftMs : scripted.latencyMs;
      await clock.sleep(waitMs);
      return { ok: true, answer: scripted, firstOutputMs: waitMs };
    },
  });
  if (!outcome.ok) {
    const { stop, tried } = outcome;
    return {
      ok: false,
      refusal: stop.refusal,
      objections: stop.objections,
      stop,
      tried,
      endedAt: clock.now(),
    };
  }
  const { answer, decision, startedAt, firstOutputMs, booking, tried } = outcome;
  const { usage, broken } = answer;
  if (request.stream) {
    atHead([...tried, { decision, startedAt, endedAt: clock.now(), firstOutputMs, failure: null, usage }]);
    await clock.sleep(answer.latencyMs - answer.ttftMs);
  }
  const endedAt = clock.now();
  if (broken === null) booking.succeed(usage, endedAt);
  else booking.fail(broken, tokensOf(usage) ?? decision.estimatedTokens, endedAt);
  const last: Tried = { decision, startedAt, endedAt, firstOutputMs, failure: broken, usage };
  const all = [...tried, last];
  outcome.request.endRequest(spentIn(all), endedAt);
  if (!request.stream) atHead(all);
  return { ok: true, decision, usage, broken, tried: all, endedAt };
}

/** As {@link run}, for a request that nothing else happens beside; the clock ends where the request does. */
export async function runAlone(world: World, request: RouteRequest, oracle: Oracle): Promise<Ran> {
  const ended: { ran: Ran | null } = { ran: null };
  world.clock.begin(async () => {
    ended.ran = await run(world, request, oracle);
  });
  await world.clock.finish();
  if (ended.ran === null) throw new Error("a request did not come to its end");
  return ended.ran;
}

/** What a request cost, all attempts together; null while no price or usage is known. */
export function costOfRun(ran: Ran): Usd | null {
  let sum: Usd | null = null;
  for (const tried of ran.tried) {
    const cost = costOfAttempt(tried);
    if (cost !== null) sum = (sum ?? 0) + cost;
  }
  return sum;
}
