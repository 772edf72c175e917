import type { DurationMs, EpochMs, Usd } from "../core/units.ts";
import type { Failure } from "../domain/failure.ts";
import type { RouteRequest, Try } from "../domain/route.ts";
import type { Usage } from "../domain/usage.ts";
import type { Lessons } from "../limits/learn.ts";
import type { Ledger } from "../limits/ledger.ts";
import type { Health, Started } from "../resilience/health.ts";
import { upstreamName } from "../routing/identity.ts";

/** Where every attempt is entered when it begins and settled when it ends: limits, health, and what is learned. */
export class Books {
  readonly #ledger: Ledger;
  readonly #health: Health;
  readonly #lessons: Lessons;
  readonly #fingerprintOf: (decision: Try) => string | null;

  /** `fingerprintOf` stands for a credential's value without telling it. */
  constructor(
    ledger: Ledger,
    health: Health,
    lessons: Lessons,
    fingerprintOf: (decision: Try) => string | null,
  ) {
    this.#ledger = ledger;
    this.#health = health;
    this.#lessons = lessons;
    this.#fingerprintOf = fingerprintOf;
  }

  /** Takes everything that an attempt claims, in one synchronous step; null when there is no room any more. */
  open(request: RouteRequest, decision: Try, now: EpochMs): Booking | null {
    const permit = this.#ledger.reserve(decision.claims, now);
    if ("refused" in permit) return null;
    const { endpointId, credentialId, upstream, isRetry, target } = decision;
    const started = this.#health.begin(
      {
        endpointId,
        credentialId,
        provider: target.provider.name,
        upstream,
        isKeyed: decision.member !== null,
        isRetry,
        breaker: decision.asked.failover.breaker,
        fingerprint: this.#fingerprintOf(decision),
      },
      now,
    );
    const health = this.#health;
    return {
      output: (ttftMs, at) => health.output(started, ttftMs, at),
      succeed: (usage, at) => {
        permit.endAttempt(tokensOf(usage), { reached: true }, at);
        health.succeed(started, at);
        this.#learn(request, decision, usage);
      },
      fail: (failure, tokens, at) => {
        permit.endAttempt(tokens, { reached: failure.reached }, at);
        tell(health, started, failure, at);
      },
      endRequest: ({ tokens, usd }, at) => permit.endRequest(tokens, at, usd),
    };
  }

  #learn(request: RouteRequest, { target, upstream, asked }: Try, usage: Usage): void {
    const bound = request.maxTokens ?? asked.defaults["max_tokens"];
    this.#lessons.observe(upstreamName(target.provider, upstream), {
      textBytes: request.textBytes,
      maxTokens: typeof bound === "number" ? bound : null,
      n: request.n,
      promptTokens: usage.prompt,
      completionTokens: request.endpoint === "embeddings" ? null : usage.completion,
    });
  }
}

/** One attempt in the books, until it is settled; settling again changes nothing. */
export interface Booking {
  /** The first output is there, `ttftMs` after the start. */
  readonly output: (ttftMs: DurationMs, now: EpochMs) => void;
  /** A complete answer. Without known tokens the reservation stays as booked. */
  readonly succeed: (usage: Usage, now: EpochMs) => void;
  /** A failure that cost `tokens`. */
  readonly fail: (failure: Failure, tokens: number, now: EpochMs) => void;
  /** The client's request is over, and took this in all its attempts. */
  readonly endRequest: (spent: Spent, now: EpochMs) => void;
}

/** What a request really took; null keeps the reservation. */
export interface Spent {
  readonly tokens: number | null;
  readonly usd: Usd | null;
}

/** What limits count: prompt and answer together. */
export const tokensOf = (usage: Usage): number | null =>
  usage.total ?? (usage.prompt === null ? null : usage.prompt + (usage.completion ?? 0));

function tell(health: Health, started: Started, failure: Failure, now: EpochMs): void {
  if (failure.kind === "cancelled") health.cancel(started, now);
  else health.fail(started, failure, now);
}
