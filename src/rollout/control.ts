import { mkdirSync } from "node:fs";
import { dirname } from "node:path";
import { openSqlite, type Sqlite, sqliteFault } from "../runtime/sqlite.ts";
import { startThread } from "../runtime/worker.ts";
import {
  type Change,
  type Checkpoint,
  prepareControl,
  type Remembered,
  remember,
  setAside,
} from "./control_store.ts";
import type { ControlReply, ControlRequest } from "./control_worker.ts";

/** `state.sqlite`: what must survive a restart. Tiny, written by a thread of its own with every commit on disk. */
export interface Control {
  /** What the last process left behind. */
  readonly remembered: Remembered;
  /** Resolves when all of it is on disk; with the reason when none of it could be written. */
  readonly commit: (changes: readonly Change[]) => Promise<string | null>;
  readonly checkpoint: (checkpoint: Checkpoint) => Promise<string | null>;
  /** Reads what is on disk now; null when it cannot be read. */
  readonly read: <T>(reader: (sqlite: Sqlite) => T) => T | null;
  readonly close: () => Promise<void>;
}

const nothing: Remembered = {
  lastKnownGood: null,
  unfinished: null,
  newestNumber: 0,
  goodDigests: [],
  facts: {},
  counters: [],
  lessons: [],
};

/** Opens the control database; a corrupt one is set aside and reported. */
export function openControl(file: string, now: number, report: (problem: string) => void): Control {
  const remembered = recall(file, now, report);
  const waiting = new Map<number, (problem: string | null) => void>();
  const answer = (id: number, problem: string | null) => {
    waiting.get(id)?.(problem);
    waiting.delete(id);
  };
  const thread = startThread<ControlRequest, ControlReply>(new URL("./control_worker.ts", import.meta.url), {
    onMessage: ({ id, problem }) => answer(id, problem),
    greeting: () => [],
    onCrash: (message) => {
      for (const id of waiting.keys()) answer(id, message);
    },
  });
  let last = 0;
  const ask = (request: DistributiveOmit<ControlRequest, "id" | "file">): Promise<string | null> => {
    const id = ++last;
    return new Promise((resolve) => {
      waiting.set(id, resolve);
      if (!thread.post({ ...request, id, file })) answer(id, "its thread is being started again");
    });
  };
  return {
    remembered,
    commit: (changes) => ask({ kind: "commit", changes }),
    checkpoint: (checkpoint) => ask({ kind: "checkpoint", checkpoint }),
    read: (reader) => readFrom(file, reader),
    close: async () => {
      await ask({ kind: "close" });
      thread.stop();
    },
  };
}

/** Omit over each member of a union. */
type DistributiveOmit<T, K extends PropertyKey> = T extends unknown ? Omit<T, K> : never;

function readFrom<T>(file: string, reader: (sqlite: Sqlite) => T): T | null {
  try {
    const sqlite = openSqlite(file, { readonly: true, busyMs: 1_000 });
    try {
      return reader(sqlite);
    } finally {
      sqlite.close();
    }
  } catch (error) {
    if (sqliteFault(error) === null) throw error;
    return null;
  }
}

function recall(file: string, now: number, report: (problem: string) => void): Remembered {
  try {
    mkdirSync(dirname(file), { recursive: true });
    return read(file);
  } catch (error) {
    if (sqliteFault(error) !== "corrupt") {
      const found = readAlone(file);
      const why = error instanceof Error ? error.message : "unknown";
      const what = found === null ? "nothing is remembered" : "it is only read";
      report(`${file} cannot be opened (${why}); ${what}`);
      return found ?? nothing;
    }
    report(`${file} is no readable database; it is kept as ${setAside(file, now)} and a new one begun`);
    return nothing;
  }
}

/** What people said counts on a full disk too. */
function readAlone(file: string): Remembered | null {
  try {
    return read(file, true);
  } catch {
    return null;
  }
}

function read(file: string, alone = false): Remembered {
  const sqlite = openSqlite(file, { synchronous: "FULL", busyMs: 1_000, alone });
  try {
    prepareControl(sqlite);
    return remember(sqlite);
  } finally {
    sqlite.close();
  }
}
