import { mkdirSync } from "node:fs";
import { dirname } from "node:path";
import { openSqlite, sqliteFault } from "../runtime/sqlite.ts";
import { startThread } from "../runtime/worker.ts";
import {
  type Checkpoint,
  prepareControl,
  type Remembered,
  remember,
  type StoredGeneration,
  setAside,
} from "./control_store.ts";
import type { ControlReply, ControlRequest } from "./control_worker.ts";

/** `state.sqlite`: what must survive a restart. Tiny, written by a thread of its own with every commit on disk. */
export interface Control {
  /** What the last process left behind. */
  readonly remembered: Remembered;
  /** Resolves when the generation is on disk; with the reason when it could not be written. */
  readonly activate: (generation: StoredGeneration) => Promise<string | null>;
  readonly checkpoint: (checkpoint: Checkpoint) => Promise<string | null>;
  readonly close: () => Promise<void>;
}

const nothing: Remembered = { lastKnownGood: null, newestNumber: 0, counters: [], lessons: [] };

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
    activate: (generation) => ask({ kind: "activate", generation }),
    checkpoint: (checkpoint) => ask({ kind: "checkpoint", checkpoint }),
    close: async () => {
      await ask({ kind: "close" });
      thread.stop();
    },
  };
}

/** Omit over each member of a union. */
type DistributiveOmit<T, K extends PropertyKey> = T extends unknown ? Omit<T, K> : never;

function recall(file: string, now: number, report: (problem: string) => void): Remembered {
  try {
    mkdirSync(dirname(file), { recursive: true });
    return read(file);
  } catch (error) {
    if (sqliteFault(error) !== "corrupt") {
      report(
        `${file} cannot be opened (${error instanceof Error ? error.message : "unknown"}); nothing is remembered`,
      );
      return nothing;
    }
    report(`${file} is no readable database; it is kept as ${setAside(file, now)} and a new one begun`);
    return nothing;
  }
}

function read(file: string): Remembered {
  const sqlite = openSqlite(file, { synchronous: "FULL", busyMs: 1_000 });
  try {
    prepareControl(sqlite);
    return remember(sqlite);
  } finally {
    sqlite.close();
  }
}
