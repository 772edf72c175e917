import type { TraceContext } from "../core/trace_context.ts";
import type { DurationMs, EpochMs, Share } from "../core/units.ts";
import type { Endpoint } from "../domain/endpoint.ts";
import type { Failure } from "../domain/failure.ts";
import type { AttemptRow, RequestOutcome, RequestRow } from "../domain/journal.ts";
import type { Refusal } from "../domain/refusal.ts";
import type { ClientKey, Model } from "../domain/snapshot.ts";
import { addUsage, noUsage } from "../domain/usage.ts";
import { costOfAttempt, type Tried } from "./failover.ts";
import type { Live } from "./live.ts";
import type { Arrival } from "./request/arrival.ts";
import type { Ask } from "./request/ask.ts";

/** Everything that happened to one request, gathered while it happens and told once, at its very end. */
export interface Story {
  readonly live: Live;
  readonly arrival: Arrival;
  readonly endpoint: Endpoint;
  readonly chance: Share;
  /** Where it stands in a trace; null where neither the caller nor we trace it. */
  readonly trace: TraceContext | null;
  key: ClientKey | null;
  ask: Ask | null;
  asked: Model | null;
  tried: readonly Tried[];
  warnings: readonly string[];
  /** When the answer's head was ready, after which the time is the client's and the provider's. */
  respondedAt: EpochMs | null;
  /** Time to the first output; null when there was none. */
  firstOutputMs: DurationMs | null;
  /** Whether it has been told. */
  isTold: boolean;
}

/** How it ended: an answer, complete or broken, or a refusal. */
export type Ending =
  | { readonly kind: "refused"; readonly refusal: Refusal }
  | { readonly kind: "answered"; readonly failure: Failure | null };

/** The journal's row of a request that has ended. */
export function rowOf(story: Story, ending: Ending, endedAt: EpochMs): RequestRow {
  const { live, arrival, ask, key } = story;
  const served = ending.kind === "answered" ? servedBy(story.tried) : null;
  const usage = story.tried.reduce((sum, { usage: more }) => addUsage(sum, more), noUsage);
  const attempts = story.tried.map((tried) => attemptRow(story, tried));
  return {
    request_id: arrival.id,
    arrived_at: Math.round(arrival.at),
    duration_ms: round(endedAt - arrival.at),
    ttft_ms: story.firstOutputMs === null ? null : round(story.firstOutputMs),
    overhead_ms: round(overheadOf(story, endedAt)),
    generation: live.generation,
    digest: live.snapshot.digest,
    arm: live.arm,
    chance: story.chance,
    key_id: key?.id ?? null,
    team: key?.team?.name ?? null,
    user_hash: ask?.userHash ?? null,
    labels: ask?.labels ?? {},
    asked: ask?.route.model ?? null,
    model: story.asked?.name ?? null,
    served_model: served?.serving.name ?? null,
    provider: served?.target.provider.name ?? null,
    upstream: served?.upstream ?? null,
    endpoint: ask?.route.endpoint ?? story.endpoint,
    stream: ask?.stream ?? false,
    tools: ask?.flags.tools ?? false,
    images: ask?.flags.images ?? false,
    json: ask?.flags.json ?? false,
    text_bytes: ask?.route.textBytes ?? 0,
    max_tokens: ask?.route.maxTokens ?? null,
    n: ask?.route.n ?? 1,
    ...resultOf(story, ending),
    usage,
    cost_usd: costOfAll(attempts),
    warnings: story.warnings,
    attempts,
  };
}

/** What the gateway itself took: everything before the answer's head but the attempts and the waits between them. */
export function overheadOf(story: Story, now: EpochMs): DurationMs {
  const end = story.respondedAt ?? now;
  return Math.max(0, end - story.arrival.at - upstreamOf(story, end));
}

/** What the providers took up to the answer's head, waits before retries included; attempts at the same time count once. */
export function upstreamOf({ tried }: Pick<Story, "tried">, until: EpochMs): DurationMs {
  let sum = 0;
  let countedTo = 0;
  for (const { startedAt, endedAt, decision } of tried) {
    const from = Math.max(countedTo, startedAt - decision.waitMs);
    countedTo = Math.max(from, Math.min(endedAt, until));
    sum += countedTo - from;
  }
  return sum;
}

/** The attempt that answered: the one without a failure, else the last, whose stream broke. */
const servedBy = (tried: readonly Tried[]): Tried["decision"] | null =>
  (tried.find(({ failure }) => failure === null) ?? tried.at(-1))?.decision ?? null;

function resultOf(story: Story, ending: Ending): Pick<RequestRow, "outcome" | "status" | "code" | "rule"> {
  if (ending.kind === "refused") {
    const { status, code, rule } = ending.refusal;
    return { outcome: outcomeOf(ending.refusal, story.tried.length > 0), status, code, rule };
  }
  const { failure } = ending;
  if (failure === null) return { outcome: "ok", status: 200, code: null, rule: null };
  const left = failure.kind === "cancelled";
  return { outcome: left ? "cancelled" : "error", status: left ? 499 : 200, code: failure.kind, rule: null };
}

/** A failed chain is an error of ours; what never reached a provider, and the caller's own faults, are refusals. */
function outcomeOf(refusal: Refusal, attempted: boolean): RequestOutcome {
  if (refusal.status === 499) return "cancelled";
  return attempted && refusal.status >= 500 ? "error" : "refused";
}

function attemptRow(story: Story, tried: Tried): AttemptRow {
  const { decision, startedAt, endedAt, firstOutputMs, failure, usage } = tried;
  return {
    provider: decision.target.provider.name,
    upstream: decision.upstream,
    served_model: decision.serving.name,
    endpoint_id: decision.endpointId,
    start_ms: round(startedAt - story.arrival.at),
    duration_ms: round(endedAt - startedAt),
    ttft_ms: firstOutputMs === null ? null : round(firstOutputMs),
    outcome: failure?.kind ?? "ok",
    status: failure === null ? 200 : failure.status,
    retry_after_ms: failure?.retryAfterMs ?? null,
    tokens_reserved: decision.estimatedTokens,
    usage,
    cost_usd: costOfAttempt(tried),
  };
}

/** What is known, summed; null when nothing is. */
function costOfAll(attempts: readonly AttemptRow[]): number | null {
  const known = attempts.flatMap(({ cost_usd }) => (cost_usd === null ? [] : [cost_usd]));
  return known.length === 0 ? null : known.reduce((sum, cost) => sum + cost, 0);
}

const round = (ms: DurationMs): DurationMs => Math.round(ms * 1_000) / 1_000;
