import type { Diagnostic } from "../../config/diagnostic.ts";
import type { Side } from "../../config/diff/change.ts";
import type { SourceFile } from "../../config/source_file.ts";

/** One of the two configurations, compiled. */
export interface Compared extends Side {
  /** The tests beside it; null: there are none; undefined: whoever told it does not know. */
  readonly tests: SourceFile | null | undefined;
  /** Where it comes from, for people. */
  readonly label: string;
  /** Its commit, where it comes from one. */
  readonly commit: string | null;
}

/** Why there is none: the mistakes of its files, or a sentence and the exit code that it means. */
export type Refused =
  | {
      readonly kind: "invalid";
      readonly diagnostics: readonly Diagnostic[];
      readonly files: readonly SourceFile[];
    }
  | { readonly kind: "missing"; readonly message: string; readonly code: number };

/** The texts of a configuration, before they are compiled. */
export interface Texts extends Omit<Compared, "snapshot"> {}
