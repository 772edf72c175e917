import type { PackedInteraction } from "./interaction.ts";
import type { LogBounds } from "./rotated_file.ts";

/** What the gateway's thread sends to the log's. */
export type ToLogWorker =
  | { readonly kind: "open"; readonly dir: string; readonly stdout: boolean }
  | { readonly kind: "bounds"; readonly bounds: LogBounds }
  | { readonly kind: "batch"; readonly batch: LogBatch }
  | { readonly kind: "close" };

/** What goes to each file, in order: whole lines, each with its newline. */
export interface LogBatch {
  readonly system: string;
  readonly error: string;
  /** Lines that are ready, and interactions whose documents are still to be redacted. */
  readonly interactions: readonly (string | PackedInteraction)[];
}

/** What the log's thread sends back. */
export type FromLogWorker =
  /** The batch before it has been dealt with; `failed` names the files that took none of it. */
  { readonly kind: "batch"; readonly failed: readonly string[] } | { readonly kind: "closed" };
