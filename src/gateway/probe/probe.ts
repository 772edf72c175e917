import type { DurationMs } from "../../core/units.ts";
import type { FailureKind } from "../../domain/failure.ts";
import type { Objection, Try } from "../../domain/route.ts";
import type { Snapshot } from "../../domain/snapshot.ts";
import { noUsage } from "../../domain/usage.ts";
import { type Aim, aimed, alreadyCounted, type Miss } from "../../routing/aims.ts";
import type { Booking } from "../books.ts";
import { spentIn, type Tried } from "../failover.ts";
import type { Gateway } from "../gateway.ts";
import type { Ask } from "../request/ask.ts";
import { replyOf } from "../response/reply_text.ts";
import { attempt } from "../upstream/attempt.ts";
import type { Answer, Reply } from "../upstream/reply.ts";

/** A target and what it is asked. */
export interface Question {
  readonly aim: Aim;
  readonly ask: Ask;
}

/** How one target did, in the shape that clients and commands are shown. */
export interface TargetResult {
  readonly provider: string;
  /** The upstream model. */
  readonly model: string;
  readonly ok: boolean;
  /** To the whole answer, or to the failure; null: nothing was sent. */
  readonly latency_ms: DurationMs | null;
  /** A kind of failure with the provider's status, or the code of what kept us from asking; null: it answered. */
  readonly error: {
    readonly kind: FailureKind | Objection["code"];
    readonly status: number | null;
    readonly message: string;
  } | null;
  /** The beginning of the answer; null where there is none in words. */
  readonly reply: string | null;
  /** What was dropped or lowered on the way. */
  readonly warnings: readonly string[];
}

/** What came of a question. */
export interface Probed extends Question {
  readonly result: TargetResult;
  /** The attempt; null where none was made, for the reasons in `miss`. */
  readonly tried: Tried | null;
  readonly miss: Miss | null;
}

/** How to go about it. */
export interface Manner {
  readonly signal: AbortSignal;
  /** So many targets at the same time. */
  readonly atOnce: number;
  /** Bounds each attempt besides the timeouts of the file. */
  readonly longestMs?: DurationMs;
  /** Told of each target as soon as it is done. */
  readonly onResult?: (probed: Probed) => void;
}

type Means = Pick<Gateway, "wire" | "state" | "books"> & { readonly snapshot: Snapshot };

/**
 * Asks each target by itself, once, by the wire and in the books of every other attempt: limits hold, and what it shows
 * of health counts. Together they are one client request: key and team are charged once, with the first attempt.
 */
export async function probe(
  means: Means,
  questions: readonly Question[],
  manner: Manner,
): Promise<readonly Probed[]> {
  const shared: Shared = { request: null };
  const first = await mapAtOnce(questions, manner.atOnce, async (question) => {
    const probed = await ask(means, question, manner, shared);
    if (!isCrowdedOut(probed)) manner.onResult?.(probed);
    return probed;
  });
  // Those that were only in each other's way are asked one by one.
  const all = await mapAtOnce(first, 1, async (probed) => {
    if (!isCrowdedOut(probed)) return probed;
    const again = await ask(means, probed, manner, shared);
    manner.onResult?.(again);
    return again;
  });
  const tried = all.flatMap((probed) => probed.tried ?? []);
  shared.request?.endRequest(spentIn(tried), means.wire.clock.now());
  return all;
}

/** The booking of the first attempt, which bears what key and team are charged. */
interface Shared {
  request: Booking | null;
}

async function ask(means: Means, question: Question, manner: Manner, shared: Shared): Promise<Probed> {
  const { snapshot, state, books, wire } = means;
  const route = shared.request === null ? question.ask.route : alreadyCounted(question.ask.route);
  const startedAt = wire.clock.now();
  const decision = aimed(snapshot, route, question.aim, state, startedAt);
  if (decision.kind === "miss") return missed(question, decision);
  const booking = books.open(route, decision, startedAt);
  if (booking === null) return missed(question, { kind: "miss", objections: [] });
  shared.request ??= booking;

  const reply = await attempt(wire, within(decision, manner.longestMs), question.ask, manner.signal);
  const endedAt = wire.clock.now();
  if (!reply.ok) {
    booking.fail(reply.failure, 0, endedAt);
  } else {
    booking.output(reply.firstOutputMs, endedAt);
    booking.succeed(usageOf(reply.answer), endedAt);
  }
  return told(question, decision, reply, { startedAt, endedAt });
}

/** Whether nothing but the number of requests under way was against it. */
const isCrowdedOut = ({ miss }: Probed): boolean =>
  miss?.objections.every(({ claim }) => claim?.rule.limit === "concurrency") ?? false;

const within = (decision: Try, longestMs = Number.POSITIVE_INFINITY): Try => ({
  ...decision,
  timeouts: { ...decision.timeouts, total: Math.min(decision.timeouts.total, longestMs) },
});

const usageOf = (answer: Answer) => (answer.kind === "whole" ? answer.usage : noUsage);

function told(
  question: Question,
  decision: Try,
  reply: Reply<Answer>,
  times: Pick<Tried, "startedAt" | "endedAt">,
): Probed {
  const failure = reply.ok ? null : reply.failure;
  const answer = reply.ok ? reply.answer : null;
  const { endpoint } = question.ask.route;
  return {
    ...question,
    result: {
      ...nameOf(question),
      ok: reply.ok,
      latency_ms: Math.round((times.endedAt - times.startedAt) * 10) / 10,
      error: failure && { kind: failure.kind, status: failure.status, message: failure.message },
      reply: answer?.kind === "whole" ? replyOf(endpoint, answer.loggable()) : null,
      warnings: answer?.warnings ?? [],
    },
    tried: {
      decision,
      ...times,
      firstOutputMs: reply.ok ? reply.firstOutputMs : null,
      failure,
      usage: answer === null ? noUsage : usageOf(answer),
    },
    miss: null,
  };
}

function missed(question: Question, miss: Miss): Probed {
  const says = [...new Set(miss.objections.map((objection) => objection.says))];
  const error = {
    kind: miss.objections[0]?.code ?? "limit",
    status: null,
    message: says.join("; "),
  } as const;
  const result = { ...nameOf(question), ok: false, latency_ms: null, error, reply: null, warnings: [] };
  return { ...question, result, tried: null, miss };
}

const nameOf = ({ aim }: Question) => ({ provider: aim.target.provider.name, model: aim.upstream });

/** As `map`, with at most `most` under way. */
async function mapAtOnce<T, R>(
  items: readonly T[],
  most: number,
  run: (item: T) => Promise<R>,
): Promise<readonly R[]> {
  const results: R[] = [];
  const left = items.entries();
  const work = async () => {
    for (const [index, item] of left) results[index] = await run(item);
  };
  await Promise.all(Array.from({ length: Math.min(most, items.length) }, work));
  return results;
}
