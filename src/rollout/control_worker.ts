import { openSqlite, type Sqlite } from "../runtime/sqlite.ts";
import { serveThread } from "../runtime/worker.ts";
import {
  activate,
  type Checkpoint,
  prepareControl,
  type StoredGeneration,
  saveCheckpoint,
} from "./control_store.ts";

/** What the owner asks for. Each is answered by its `id`. */
export type ControlRequest = { readonly id: number; readonly file: string } & (
  | { readonly kind: "activate"; readonly generation: StoredGeneration }
  | { readonly kind: "checkpoint"; readonly checkpoint: Checkpoint }
  | { readonly kind: "close" }
);

/** `problem`: nothing was written, and why. */
export interface ControlReply {
  readonly id: number;
  readonly problem: string | null;
}

let open: Sqlite | null = null;

serveThread<ControlRequest, ControlReply>((request, reply) => {
  try {
    perform(request);
    reply({ id: request.id, problem: null });
  } catch (error) {
    // Opened anew at the next request: the disk may have room again, the directory may be back.
    open?.close();
    open = null;
    reply({ id: request.id, problem: error instanceof Error ? error.message : String(error) });
  }
});

function perform(request: ControlRequest): void {
  if (request.kind === "close") {
    open?.close();
    open = null;
    return;
  }
  if (open === null) {
    open = openSqlite(request.file, { synchronous: "FULL", busyMs: 1_000 });
    prepareControl(open);
  }
  if (request.kind === "activate") activate(open, request.generation);
  else saveCheckpoint(open, request.checkpoint);
}
