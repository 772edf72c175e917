import type { Diagnostic } from "../config/diagnostic.ts";
import type { SourceFile } from "../config/source_file.ts";
import type { EpochMs } from "../core/units.ts";

/** Where bytes came from. */
export type Origin =
  | { readonly kind: "file"; readonly path: string }
  | {
      readonly kind: "git";
      /** Without credentials. */
      readonly repo: string;
      readonly ref: string;
      /** The commit, 40 or 64 hex digits. */
      readonly sha: string;
      /** `Name <address>` as the commit has it; the signer as the signature names it, null where none was asked for. */
      readonly author: string;
      readonly signer: string | null;
    };

/** What a source says: the root file first, then what it includes, and the tests beside it. */
export interface Candidate {
  readonly origin: Origin;
  readonly files: readonly SourceFile[];
  /** `<name>.test.yaml`; null where there is none. */
  readonly tests: SourceFile | null;
}

/** How one look at a source ended. */
export type Reading =
  | { readonly kind: "candidate"; readonly candidate: Candidate }
  /** It says something that cannot be used; `git_sha` is the commit at fault, where there is one. */
  | {
      readonly kind: "refused";
      readonly stage: "read" | "verified";
      readonly diagnostics: readonly Diagnostic[];
      readonly gitSha: string | null;
    }
  /** It could not be reached, or said nothing that counts; why is in its sync state. What serves goes on. */
  | { readonly kind: "nothing" };

/** How following the source goes, for `/admin/api/status`. */
export interface SyncState {
  /** `idle` for a file, which is simply looked at. */
  readonly state: "idle" | "ok" | "failing" | "refused";
  /** A failure class and a sentence; null while all is well. */
  readonly reason: string | null;
  readonly last_success: EpochMs | null;
}

/** Why a look at a repository can fail. `lock`: our own copy of it is at fault. */
export type SyncFailureClass = "auth" | "not_found" | "network" | "lock" | "host_key" | "verify" | "timeout";

/** Failed looks since the process began. */
export interface SyncFailures {
  /** Since the last one that did not fail. */
  readonly consecutive: number;
  readonly byClass: Readonly<Record<SyncFailureClass, number>>;
}

/** Where routes.yaml lives. Exactly one source, always. */
export interface Source {
  /** Looks at it now. Never rejects. `force` looks past what is only a precaution, as a back-off. */
  readonly read: (options: { readonly force: boolean }) => Promise<Reading>;
  /** Calls `hint` whenever a look may be worth it, until stopped. */
  readonly watch: (hint: () => void) => { readonly stop: () => void };
  readonly sync: () => SyncState;
  /** Of a source that can be out of reach. */
  readonly failures?: () => SyncFailures;
  /** The candidate is judged good and live: what comes later has to descend from it. */
  readonly accepted: (origin: Origin) => void;
}
