import { mkdirSync, rmSync, statSync } from "node:fs";
import { dirname } from "node:path";
import { openSqlite, type Sqlite, sqliteFault } from "../runtime/sqlite.ts";
import { serveThread } from "../runtime/worker.ts";
import {
  type Change,
  type Checkpoint,
  commit,
  prepareControl,
  remember,
  saveCheckpoint,
  setAside,
} from "./control_store.ts";

/** What the owner asks for. Each is answered by its `id`. */
export type ControlRequest = { readonly id: number; readonly file: string } & (
  | { readonly kind: "commit"; readonly changes: readonly Change[] }
  | { readonly kind: "checkpoint"; readonly checkpoint: Checkpoint }
  | { readonly kind: "close" }
);

/** `problem`: nothing was written, and why. */
export interface ControlReply {
  readonly id: number;
  readonly problem: string | null;
}

let open: { readonly sqlite: Sqlite; readonly inode: bigint | null } | null = null;
/** What a new file begins with when the old one was lost under us: the active generation, and all facts. */
const kept = new Map<string, Change>();

serveThread<ControlRequest, ControlReply>((request, reply) => {
  try {
    perform(request);
    reply({ id: request.id, problem: null });
  } catch (error) {
    // Opened anew at the next request: the disk may have room again, the directory may be back.
    close();
    const problem = error instanceof Error ? error.message : String(error);
    if (sqliteFault(error) !== "corrupt") return reply({ id: request.id, problem });
    reply({
      id: request.id,
      problem: `${problem}; the file is kept as ${setAside(request.file, Date.now())}`,
    });
  }
});

function perform(request: ControlRequest): void {
  if (request.kind === "close") {
    close();
    return;
  }
  if (request.kind === "commit") for (const change of request.changes) keep(change);
  const sqlite = current(request.file);
  if (request.kind === "commit") commit(sqlite, request.changes);
  else saveCheckpoint(sqlite, request.checkpoint);
}

function keep(change: Change): void {
  const isActive = change.kind === "generation" && change.generation.state === "active";
  if (isActive || change.kind === "fact") kept.set(nameOf(change), change);
}

const nameOf = (change: Change): string => (change.kind === "fact" ? `fact ${change.name}` : "active");

/** What an earlier process has left in the file. */
function lasting(sqlite: Sqlite): readonly Change[] {
  const { lastKnownGood, facts } = remember(sqlite);
  return [
    ...(lastKnownGood === null ? [] : [{ kind: "generation", generation: lastKnownGood } as const]),
    ...Object.entries(facts).map(([name, value]) => ({ kind: "fact", name, value }) as const),
  ];
}

function current(file: string): Sqlite {
  // SQLite goes on writing into an unlinked file and calls it a success.
  if (open !== null && open.inode === inodeOf(file)) return open.sqlite;
  close();
  mkdirSync(dirname(file), { recursive: true });
  const isNew = inodeOf(file) === null;
  // Without its database a journal file is of no use, and SQLite would replay it into the new one.
  if (isNew) for (const suffix of ["-wal", "-shm"]) rmSync(file + suffix, { force: true });
  const sqlite = openSqlite(file, { synchronous: "FULL", busyMs: 1_000 });
  open = { sqlite, inode: inodeOf(file) };
  prepareControl(sqlite);
  if (isNew) commit(sqlite, [...kept.values()]);
  else for (const change of lasting(sqlite)) if (!kept.has(nameOf(change))) keep(change);
  return sqlite;
}

function close(): void {
  open?.sqlite.close();
  open = null;
}

const inodeOf = (file: string): bigint | null =>
  statSync(file, { bigint: true, throwIfNoEntry: false })?.ino ?? null;
