import type { Diagnostic } from "../config/diagnostic.ts";
import type { SourceFile } from "../config/source_file.ts";
import type { EpochMs } from "../core/units.ts";
import type { Snapshot } from "../domain/snapshot.ts";
import type { Candidate, Origin } from "./source.ts";

/** The way of a configuration from its source into traffic, and out of it. */
export const stages = [
  ...(["seen", "read", "verified", "compiled", "tested", "gated"] as const),
  ...(["canary", "active", "retired"] as const),
] as const;
export type Stage = (typeof stages)[number];

/** Where a generation stands. `held`: it was found good, and people keep another one in its place. */
export type GenerationState = "rejected" | "quarantined" | "held" | "canary" | "active" | "retired";

/** A generation as the control database keeps it: with its bytes, so that it can be served again without its source. */
export interface StoredGeneration extends GenerationSummary {
  readonly files: readonly SourceFile[];
  readonly tests: SourceFile | null;
  /** The canonical compiled form, references by name and headers without their values; null when it did not compile. */
  readonly compiled: string | null;
}

/** What is kept of a generation besides its bytes. */
export interface GenerationSummary {
  readonly number: number;
  /** Null when it did not compile. */
  readonly digest: string | null;
  readonly origin: Origin;
  readonly state: GenerationState;
  /** The last stage that it reached, or the one that refused it. */
  readonly stage: Stage;
  /** Why it is no longer, or not yet, what serves; null when that needs no words. */
  readonly reason: string | null;
  readonly diagnostics: readonly Diagnostic[];
  /** Whether it once served everybody and was not taken back: it needs no canary any more. */
  readonly isGood: boolean;
  readonly seenAt: EpochMs;
  readonly activeAt: EpochMs | null;
  readonly retiredAt: EpochMs | null;
  /** Requests that it has served. */
  readonly requests: number;
}

/** A generation that serves, or tries to. */
export interface Generation {
  readonly number: number;
  readonly snapshot: Snapshot;
  readonly origin: Origin;
  readonly since: EpochMs;
}

/** What the last look at the source came to. */
export interface Attempted {
  /** Null when it was refused before it had a number. */
  readonly generation: number | null;
  readonly state: GenerationState;
  readonly stage: Stage;
  readonly digest: string | null;
  readonly gitSha: string | null;
  readonly reason: string | null;
  readonly at: EpochMs;
  readonly diagnostics: readonly Diagnostic[];
}

/** The commit that an origin is of; null for a file. */
export const shaOf = (origin: Origin): string | null => (origin.kind === "git" ? origin.sha : null);

/** What a candidate is stored as before anything is known of it. */
export const seen = (number: number, { origin, files, tests }: Candidate, at: EpochMs): StoredGeneration => ({
  number,
  digest: null,
  origin,
  files,
  tests,
  compiled: null,
  state: "held",
  stage: "seen",
  reason: null,
  diagnostics: [],
  isGood: false,
  seenAt: at,
  activeAt: null,
  retiredAt: null,
  requests: 0,
});

/** A stored generation, ready to serve since `since`. */
export const generationOf = (row: StoredGeneration, snapshot: Snapshot, since: EpochMs): Generation => ({
  number: row.number,
  snapshot,
  origin: row.origin,
  since,
});

/** What an attempt came to, from the row that it left. */
export const attemptedOf = (row: StoredGeneration, state: GenerationState): Omit<Attempted, "at"> => ({
  generation: row.number,
  state,
  stage: row.stage,
  digest: row.digest,
  gitSha: shaOf(row.origin),
  reason: row.reason,
  diagnostics: row.diagnostics,
});
