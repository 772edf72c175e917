import type { DurationMs, EpochMs } from "../core/units.ts";
import type { RequestOutcome } from "../domain/journal.ts";
import type { Logging } from "../domain/snapshot.ts";
import type { Usage } from "../domain/usage.ts";

/** One request and its answer, for `interactions.log`. */
export interface Interaction {
  readonly request_id: string;
  readonly at: EpochMs;
  /** The public model asked for; null when the name led to none. */
  readonly model: string | null;
  readonly provider: string | null;
  readonly upstream: string | null;
  readonly status: number;
  readonly outcome: RequestOutcome;
  readonly duration_ms: DurationMs;
  readonly attempts: number;
  readonly tokens: Usage;
  /** As it was sent upstream: JSON text, which costs least, or the object. Kept only for `interactions: full`. */
  readonly request: unknown;
  /** As it was sent to the client, likewise. */
  readonly answer: unknown;
  /** The sentence that the client was given; null on success. */
  readonly error: string | null;
}

/** What of an interaction is written: the section `logging` of the snapshot that its request was pinned to. */
export type InteractionRules = Pick<Logging, "interactions" | "redact">;

/** An interaction on its way to the log's thread: the two documents as text, the rest as it is. */
export interface PackedInteraction {
  readonly meta: Omit<Interaction, "request" | "answer">;
  readonly request: string | null;
  readonly answer: string | null;
  readonly redact: readonly string[];
}

/** What the rules leave of an interaction; null when it is not to be logged at all. */
export function packInteraction(of: Interaction, rules: InteractionRules): PackedInteraction | null {
  if (rules.interactions === "off") return null;
  const { request, answer, ...meta } = of;
  const full = rules.interactions === "full";
  return {
    meta,
    request: full ? textOf(request) : null,
    answer: full ? textOf(answer) : null,
    redact: full ? rules.redact : [],
  };
}

function textOf(document: unknown): string | null {
  if (document === null || document === undefined) return null;
  return typeof document === "string" ? document : (JSON.stringify(document) ?? null);
}
