import type { Diagnostic } from "../../config/diagnostic.ts";
import type { SourceFile } from "../../config/source_file.ts";
import type { DurationMs } from "../../core/units.ts";
import type { PlanReport } from "../../simulate/plan.ts";
import type { GateVerdict } from "../../simulate/replay/gate.ts";
import type { ReplayReport } from "../../simulate/replay/tally.ts";

/** A configuration as texts: what serves, or an edit of it that nobody has committed. */
export interface Texts {
  /** The root file first. */
  readonly files: readonly SourceFile[];
  readonly tests: SourceFile | null;
}

/** What is to be found out of a draft. */
export type Wanted =
  /** Its diagnostics, the plan of the change, and how its tests go. */
  | { readonly kind: "check" }
  /** The recorded traffic of the last `sinceMs` under both. */
  | { readonly kind: "replay"; readonly sinceMs: DurationMs };

/** What every draft is looked into with: the journal, and what a file's meaning depends on besides its text. */
export interface Drafting {
  /** Path of the journal. */
  readonly database: string;
  /** Version of this program. */
  readonly engine: string;
  readonly variables: Readonly<Record<string, string | undefined>>;
  /** The setting SECRETS_DIR. */
  readonly secretsDir: string;
}

/** A draft, and what it would replace. */
export interface DraftQuestion extends Drafting {
  readonly wanted: Wanted;
  readonly serving: Texts;
  readonly draft: Texts;
}

/** How the tests of a draft went. */
export interface DraftTests {
  readonly passed: number;
  readonly failed: number;
}

/** What comes back, one after the other; all but `progress` are the last. */
export type DraftReply =
  | { readonly kind: "progress"; readonly done: number; readonly of: number }
  | {
      readonly kind: "checked";
      /** Errors and warnings of the files and of their tests. */
      readonly diagnostics: readonly Diagnostic[];
      /** Null when the draft does not compile. */
      readonly plan: PlanReport | null;
      readonly tests: DraftTests | null;
    }
  | { readonly kind: "replayed"; readonly report: ReplayReport; readonly gate: GateVerdict }
  | { readonly kind: "unable"; readonly why: string };
