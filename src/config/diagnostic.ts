import type { Spot } from "./tree.ts";

/** Every code that a diagnostic of the file can bear; those of `warningCodes` never stop a compile. */
export const errorCodes = [
  "yaml_syntax",
  "multiple_documents",
  "empty_file",
  "file_too_large",
  "invalid_utf8",
  "nul_byte",
  "byte_order_mark",
  "duplicate_key",
  "merge_key",
  "custom_tag",
  "alias_bomb",
  "unknown_key",
  "missing_key",
  "wrong_type",
  "out_of_range",
  "unsupported_version",
  "engine_mismatch",
  "unknown_provider",
  "unknown_model",
  "unknown_policy",
  "unknown_team",
  "unknown_kind",
  "alias_cycle",
  "alias_shadows_model",
  "fallback_cycle",
  "duplicate_id",
  "tpr_over_tpm",
  "zero_weights",
  "literal_secret",
  "unset_reference",
  "unreadable_secret",
  "forbidden_reference",
  "invalid_url",
  "forbidden_address",
  "bad_include",
  "assert_failed",
  "test_failed",
  // Of the commit that brought the file, so of git sync alone: no compile yields it.
  "unverified_commit",
] as const;

/** Codes of what works and is probably not meant. `no_price` and `unset_reference` are errors elsewhere. */
export const warningCodes = [
  "single_target",
  "same_provider_fallback",
  "smaller_context",
  "unreachable_limit",
  "no_price",
  "unused",
  "deprecated_model",
  "unset_reference",
] as const;

/** One of {@link errorCodes} or {@link warningCodes}. */
export type DiagnosticCode = (typeof errorCodes)[number] | (typeof warningCodes)[number];

/** `error` refuses the file; `warning` fails only `--strict`. */
export type Severity = "error" | "warning";

/** One mistake. Lines and columns count from 1, columns in UTF-16 units; the end is the first column after it. */
export interface Diagnostic {
  readonly code: DiagnosticCode;
  readonly severity: Severity;
  readonly file: string;
  readonly line: number;
  readonly column: number;
  readonly end_line: number;
  readonly end_column: number;
  /** JSON pointer into the file; empty for the file as a whole. */
  readonly path: string;
  /** What was found and what would be right, without any value of a secret. */
  readonly message: string;
  /** What was probably meant. */
  readonly suggestion?: string;
  readonly related?: readonly Related[];
}

/** Another place that belongs to the mistake. */
export interface Related {
  readonly file: string;
  readonly line: number;
  readonly column: number;
  readonly message: string;
}

/** What may be added to a diagnostic. */
export interface DiagnosticExtras {
  readonly severity?: Severity;
  readonly suggestion?: string | null | undefined;
  readonly related?: readonly Related[] | undefined;
}

/** A diagnostic at a place; an error unless said otherwise. */
export function diagnostic(
  code: DiagnosticCode,
  at: Spot,
  message: string,
  extras: DiagnosticExtras = {},
): Diagnostic {
  const { severity = "error", suggestion, related } = extras;
  const { file, line, column, end_line, end_column, path } = at;
  return {
    code,
    severity,
    file,
    line,
    column,
    end_line,
    end_column,
    path,
    message,
    ...(suggestion === undefined || suggestion === null ? {} : { suggestion }),
    ...(related === undefined ? {} : { related }),
  };
}

/** Takes diagnostics while a file is read; the road goes on after each. */
export type Report = (code: DiagnosticCode, at: Spot, message: string, extras?: DiagnosticExtras) => void;

/** Sorts into file order, the order of `files` first. */
export function inFileOrder(
  diagnostics: readonly Diagnostic[],
  files: readonly string[],
): readonly Diagnostic[] {
  return diagnostics.toSorted(
    (a, b) => files.indexOf(a.file) - files.indexOf(b.file) || a.line - b.line || a.column - b.column,
  );
}
