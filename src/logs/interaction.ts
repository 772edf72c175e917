import type { DurationMs, EpochMs } from "../core/units.ts";
import type { AttemptRow, RequestOutcome } from "../domain/journal.ts";
import type { Logging } from "../domain/snapshot.ts";
import type { Usage } from "../domain/usage.ts";
import { attemptsText } from "./request_line.ts";
import { figure, named, quoted, rounded, timeText } from "./text.ts";

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
  readonly attempts: readonly AttemptRow[];
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

/** An interaction on its way to the log's thread: its line but for the last brace and the two documents, which are text. */
export interface PackedInteraction {
  readonly line: string;
  readonly request: string | null;
  readonly answer: string | null;
  readonly redact: readonly string[];
}

/** What the rules leave of an interaction: a line, its parts for `full`, or null when it is not to be logged at all. */
export function packInteraction(of: Interaction, rules: InteractionRules): string | PackedInteraction | null {
  if (rules.interactions === "off") return null;
  const line = lineOf(of);
  if (rules.interactions === "metadata") return `${line}}\n`;
  return { line, request: textOf(of.request), answer: textOf(of.answer), redact: rules.redact };
}

const lineOf = (of: Interaction): string =>
  `{"request_id":${quoted(of.request_id)},"at":"${timeText(of.at)}","model":${named(of.model)},` +
  `"provider":${named(of.provider)},"upstream":${named(of.upstream)},"status":${of.status},"outcome":"${of.outcome}",` +
  `"duration_ms":${rounded(of.duration_ms)},"attempts":[${attemptsText(of.attempts)}],"tokens":${tokensText(of.tokens)},` +
  `"error":${quoted(of.error)}`;

const tokensText = ({ prompt, completion, total, cached, cacheWrite, reasoning }: Usage): string =>
  `{"prompt":${figure(prompt)},"completion":${figure(completion)},"total":${figure(total)},"cached":${figure(cached)},"cacheWrite":${figure(cacheWrite)},` +
  `"reasoning":${figure(reasoning)}}`;

function textOf(document: unknown): string | null {
  if (document === null || document === undefined) return null;
  return typeof document === "string" ? document : (JSON.stringify(document) ?? null);
}
