import type { Diagnostic } from "../../config/diagnostic.ts";
import type { Change } from "../../config/diff/change.ts";
import type { HistoryEntry } from "../../rollout/history.ts";

/** GET /admin/api/generations/{n}. */
export interface Detail extends HistoryEntry {
  readonly steps: readonly { readonly stage: string; readonly at: string; readonly note: string | null }[];
  readonly diagnostics: readonly Diagnostic[];
  readonly files: readonly TextFile[];
  readonly tests: TextFile | null;
}

interface TextFile {
  readonly name: string;
  readonly text: string;
}

/** GET /admin/api/diff. `changes` is null where one of the two does not compile with this version. */
export interface Difference {
  readonly from: number;
  readonly to: number;
  readonly has_changes: boolean;
  readonly changes: readonly Change[] | null;
  /** Each with its two texts; null: it is not there. */
  readonly files: readonly {
    readonly name: string;
    readonly from: string | null;
    readonly to: string | null;
  }[];
}

/** One entry of GET /admin/api/audit; `says` is what it came to. */
export interface Audited {
  readonly at: string;
  readonly who: string;
  readonly action: string;
  readonly reason?: string;
  readonly outcome?: string;
  readonly says?: string;
}

/** What GET /admin/api/routes names. */
export interface Names {
  readonly models: readonly {
    readonly name: string;
    readonly targets: readonly { readonly provider: string; readonly model: string }[];
  }[];
  readonly providers: readonly { readonly provider: string }[];
  readonly keys?: readonly string[];
}
