import type { ExpectationName } from "../../config/schema/tests.ts";
import type { Spot } from "../../config/tree.ts";
import type { DurationMs, EpochMs, Usd } from "../../core/units.ts";
import type { FailureKind } from "../../domain/failure.ts";
import type { Disableable } from "../../domain/route.ts";
import type { Params } from "../../domain/snapshot.ts";
import type { Wish } from "./wish.ts";

/** One case of routes.test.yaml, read and checked. */
export interface Case {
  readonly name: string;
  readonly at: Spot;
  readonly given: Given;
  readonly send: Send;
  /** Null: the case is one world. */
  readonly forAll: ForAll | null;
  /** In the order of the file. */
  readonly expect: readonly Expectation[];
}

/** How things stand when a case begins. */
export interface Given {
  readonly at: EpochMs;
  readonly disabled: readonly Disableable[];
  /** What keys have spent, by id. */
  readonly spent: ReadonlyMap<string, Usd>;
  /** What becomes of the attempts at each provider, in order; then all are ok. */
  readonly providers: ReadonlyMap<string, readonly Outcome[]>;
}

/** How one attempt ends. Null: what the kind comes with. */
export interface Outcome {
  readonly kind: "ok" | FailureKind;
  readonly status: number | null;
  readonly retryAfterMs: DurationMs | null;
  readonly latencyMs: DurationMs;
  readonly ttftMs: DurationMs | null;
  readonly promptTokens: number | null;
  readonly completionTokens: number | null;
}

/** What is sent. */
export interface Send {
  /** Null: the request names none. */
  readonly model: string | null;
  /** Null: somebody whom no key rule restricts. */
  readonly key: string | null;
  readonly user: string | null;
  readonly tokens: number;
  readonly maxTokens: number | null;
  readonly stream: boolean;
  readonly tools: boolean;
  readonly images: boolean;
  readonly params: Params;
  readonly repeat: number;
  readonly everyMs: DurationMs;
  readonly seed: number;
}

/** The property form: the case holds for each of these. */
export interface ForAll {
  /** The names to ask for; null: `send.model` alone. */
  readonly names: readonly string[] | null;
  /** Whether each provider is down in turn; while none is, it has to hold as well. */
  readonly anyOutage: boolean;
}

/** One thing that a case expects, and where. */
export interface Expectation extends Wish {
  readonly what: ExpectationName;
  /** The value in the file. */
  readonly at: Spot;
}
