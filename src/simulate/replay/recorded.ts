import type { DurationMs, EpochMs, Share, Usd } from "../../core/units.ts";
import type { Endpoint } from "../../domain/endpoint.ts";
import type { FailureKind } from "../../domain/failure.ts";
import type { RequestOutcome } from "../../domain/journal.ts";
import type { Usage } from "../../domain/usage.ts";

/** One request of the past, as much of it as a replay needs. No prompt, no address. */
export interface Recorded {
  readonly arrivedAt: EpochMs;
  /** The key's id; null when the file had none. In a trace it is a pseudonym until it is matched with a file's keys. */
  readonly keyId: string | null;
  /** The chance that was drawn for it, and the one of its user, which few strategies ask for. */
  readonly chance: Share;
  readonly userChance: () => Share;
  /** The name asked for; null when none was named. */
  readonly asked: string | null;
  readonly endpoint: Endpoint;
  readonly stream: boolean;
  readonly textBytes: number;
  readonly maxTokens: number | null;
  readonly n: number;
  readonly outcome: RequestOutcome;
  /** Of the error sent; null on success. */
  readonly code: string | null;
  /** Who answered; null when nobody did. */
  readonly provider: string | null;
  readonly upstream: string | null;
  readonly costUsd: Usd | null;
  readonly attempts: readonly RecordedAttempt[];
}

/** One attempt of it. */
export interface RecordedAttempt {
  readonly provider: string;
  readonly upstream: string;
  /** `ok`, or the failure's kind; with a time to the first output, the failure broke a stream. */
  readonly outcome: "ok" | FailureKind;
  readonly status: number | null;
  readonly retryAfterMs: DurationMs | null;
  readonly ttftMs: DurationMs | null;
  readonly durationMs: DurationMs;
  readonly usage: Usage;
}

/** Recorded requests, oldest first, that can be read more than once. */
export interface Recording {
  /** When the newest arrived; null when there are none. */
  readonly newest: EpochMs | null;
  /** About how many there are from a moment on, to show progress by. */
  readonly count: (from: EpochMs) => number;
  /** In slices, so that memory stays flat and other work gets its turn in between. */
  readonly slices: (from: EpochMs) => AsyncIterable<readonly Recorded[]>;
  /** Their attempts alone, in the same order. */
  readonly attempts: (from: EpochMs) => AsyncIterable<readonly RecordedAttempt[]>;
}

/** Never routed: refused at the door, before anyone knew what was asked for. */
export const wasRouted = ({ asked, attempts, code }: Recorded): boolean =>
  attempts.length > 0 || asked !== null || code === null || !atTheDoor.has(code);

const atTheDoor: ReadonlySet<string> = new Set([
  ...["invalid_json", "invalid_request", "invalid_api_key", "role_not_allowed", "body_too_large"],
  ...["draining", "no_target_available", "internal_error"],
]);
