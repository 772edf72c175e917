import type { DurationMs, EpochMs, Usd } from "../core/units.ts";
import { type Failure, failure } from "../domain/failure.ts";
import type { FailedAttempt, RouteRequest, State, Stop, Try } from "../domain/route.ts";
import type { Snapshot } from "../domain/snapshot.ts";
import { noUsage, type Usage } from "../domain/usage.ts";
import { costOf, fact } from "../routing/facts.ts";
import { plan } from "../routing/plan.ts";
import type { Watch } from "../routing/watch.ts";
import { type Booking, type Books, type Spent, tokensOf } from "./books.ts";
import type { Reply } from "./upstream/reply.ts";

/** What the loop needs of the world: one effect, `attempt`; time; and the books that every attempt is entered in. */
export interface Effects<Answer> {
  readonly now: () => EpochMs;
  readonly sleep: (ms: DurationMs) => Promise<void>;
  /** True once the client has left: no further attempt is made. */
  readonly isGone: () => boolean;
  readonly state: State;
  readonly books: Books;
  readonly attempt: (decision: Try) => Promise<Reply<Answer>>;
  /** Told of every decision; null: nobody is. */
  readonly watch?: Watch | null;
}

/** One attempt as the journal will have it. */
export interface Tried {
  readonly decision: Try;
  readonly startedAt: EpochMs;
  readonly endedAt: EpochMs;
  readonly firstOutputMs: DurationMs | null;
  readonly failure: Failure | null;
  readonly usage: Usage;
}

/** How a request fared. An answer's bookings are still open: whoever sends the answer settles them. */
export type Outcome<Answer> =
  | {
      readonly ok: true;
      readonly answer: Answer;
      readonly decision: Try;
      readonly startedAt: EpochMs;
      readonly firstOutputMs: DurationMs;
      /** This attempt's, and that of the request as a whole. */
      readonly booking: Booking;
      readonly request: Booking;
      /** The attempts that failed before. */
      readonly tried: readonly Tried[];
    }
  | { readonly ok: false; readonly stop: Stop; readonly tried: readonly Tried[] };

/** Plans, reserves, attempts, until a target answers or the plan says stop. Needs no body: tests and replay run it too. */
export async function failover<Answer>(
  snapshot: Snapshot,
  request: RouteRequest,
  effects: Effects<Answer>,
): Promise<Outcome<Answer>> {
  const { now, state, books, watch = null } = effects;
  const history: FailedAttempt[] = [];
  const tried: Tried[] = [];
  let first: Booking | null = null;
  for (;;) {
    const decision = plan(snapshot, request, history, state, now(), watch);
    if (decision.kind === "stop") {
      first?.endRequest(spentIn(tried), now());
      return { ok: false, stop: decision, tried };
    }
    if (decision.waitMs > 0) await effects.sleep(decision.waitMs);
    const startedAt = now();
    if (effects.isGone()) {
      history.push({ try: decision, startedAt, endedAt: startedAt, failure: gone });
      continue;
    }
    const booking = books.open(request, decision, startedAt);
    // No room any more after the wait: plan again, which reads the same books.
    if (booking === null) continue;
    first ??= booking;

    const reply = await effects.attempt(decision);
    const endedAt = now();
    if (reply.ok) {
      const { answer, firstOutputMs } = reply;
      booking.output(firstOutputMs, endedAt);
      return { ok: true, answer, decision, startedAt, firstOutputMs, booking, request: first, tried };
    }
    booking.fail(reply.failure, 0, endedAt);
    history.push({ try: decision, startedAt, endedAt, failure: reply.failure });
    tried.push({ decision, startedAt, endedAt, firstOutputMs: null, failure: reply.failure, usage: noUsage });
  }
}

const gone = failure("cancelled", "the client left", { reached: false });

/** What all attempts together took. A failure that told no usage cost nothing; an answer that told none is not known. */
export function spentIn(tried: readonly Tried[]): Spent {
  const told = tried.filter(({ failure, usage }) => failure === null || tokensOf(usage) !== null);
  return {
    tokens: sumOf(told.map(({ usage }) => tokensOf(usage))),
    usd: sumOf(told.map(costOfAttempt)),
  };
}

/** What one attempt cost; null while price or usage are not known. */
export function costOfAttempt({ decision, usage }: Pick<Tried, "decision" | "usage">): Usd | null {
  const price = fact(decision.target.provider, decision.upstream, "price");
  return costOf(price?.value ?? null, usage);
}

/** Unknown as soon as one part is. */
const sumOf = (parts: readonly (number | null)[]): number | null =>
  parts.reduce<number | null>((sum, part) => (sum === null || part === null ? null : sum + part), 0);
