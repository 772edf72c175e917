import type { DurationMs, EpochMs } from "../../core/units.ts";
import type { Failure } from "../../domain/failure.ts";
import type { Usage } from "../../domain/usage.ts";
import type { Batch, Events } from "./events.ts";
import type { Patience } from "./patience.ts";

/** How one attempt ended, as far as the failover loop is concerned. */
export type Reply<Answer> =
  | { readonly ok: true; readonly answer: Answer; readonly firstOutputMs: DurationMs }
  | { readonly ok: false; readonly failure: Failure };

/** What a provider answered: the whole, or a stream whose first output is there. */
export type Answer = WholeAnswer | StreamedAnswer;
export type WholeAnswer = Whole & Sent;
export type StreamedAnswer = Streamed & Sent;

export interface Whole {
  readonly kind: "whole";
  /** JSON in OpenAI's shape; the provider's own bytes where nothing had to be changed. */
  readonly text: string;
  /** The same without our own secrets, should the provider repeat them. */
  readonly loggable: () => string;
  readonly usage: Usage;
}

export interface Streamed {
  readonly kind: "stream";
  /** What was held back until the first output came. */
  readonly held: Batch;
  readonly events: Events;
  readonly patience: Patience;
  /** A text of the provider without our own secrets, should it repeat them. */
  readonly scrubbed: (text: string) => string;
}

/** What was asked of the provider. */
export interface Sent {
  readonly warnings: readonly string[];
  /** The request as sent, for the interaction log. */
  readonly sent: unknown;
  readonly startedAt: EpochMs;
}
