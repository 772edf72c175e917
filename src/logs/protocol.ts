import type { PackedInteraction } from "./interaction.ts";
import type { LogBounds } from "./rotated_file.ts";

/** What the gateway's thread sends to the log's. */
export type ToLogWorker =
  | { readonly kind: "open"; readonly dir: string; readonly stdout: boolean }
  | { readonly kind: "bounds"; readonly bounds: LogBounds }
  | { readonly kind: "batch"; readonly batch: LogBatch }
  | { readonly kind: "close" };

/** Whole lines, each with its newline, by the file that they go to. */
export interface LogBatch {
  readonly system: string;
  readonly error: string;
  readonly interactions: readonly PackedInteraction[];
}

/** What the log's thread sends back. */
export type FromLogWorker =
  /** The batch before it has been dealt with; `failed` names the files that took none of it. */
  | { readonly kind: "batch"; readonly failed: readonly string[] }
  | { readonly kind: "closed" };
