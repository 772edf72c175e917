import { mkdirSync, renameSync, rmSync, statSync } from "node:fs";
import { dirname } from "node:path";
import { openSqlite, type Sqlite, sqliteFault } from "../runtime/sqlite.ts";
import { migrate } from "./migrations.ts";

/** Something that happened to the journal while the gateway went on. */
export interface JournalProblem {
  readonly code:
    | "set_aside"
    | "vanished"
    | "full"
    | "busy"
    | "unreachable"
    | "rows_lost"
    | "worker_crashed"
    | "page_unreadable"
    | "upkeep_failed"
    | "rolling_up"
    | "rolled_up"
    | "recovered";
  readonly message: string;
}

/** Whether it is nothing to worry about. */
export const isGoodNews = (code: JournalProblem["code"]): boolean =>
  code === "rolling_up" || code === "rolled_up" || code === "recovered";

const busyMs = 250;

/**
 * The file of one database, through whatever happens to it. Nothing is opened before `current` is called, so that a
 * missing directory can turn up later.
 */
export class DatabaseFile {
  readonly #file: string;
  readonly #report: (problem: JournalProblem) => void;
  #open: { readonly sqlite: Sqlite; readonly inode: bigint | null } | null = null;

  constructor(file: string, report: (problem: JournalProblem) => void) {
    this.#file = file;
    this.#report = report;
  }

  /** The open database, opened again when the file was replaced or taken away. Throws what `sqliteFault` can name. */
  current(): Sqlite {
    // SQLite goes on writing into an unlinked file and calls it a success
    if (this.#open !== null && this.#open.inode !== inodeOf(this.#file)) {
      this.#report({
        code: "vanished",
        message: `${this.#file} was removed or replaced; it is opened again`,
      });
      this.close();
    }
    if (this.#open === null) {
      const sqlite = this.#openOrReplace();
      this.#open = { sqlite, inode: inodeOf(this.#file) };
    }
    return this.#open.sqlite;
  }

  /** Moves a file that is no longer of use out of the way; the next `current` begins a new one. */
  setAside(why: string): void {
    this.close();
    const aside = `${this.#file}.corrupt-${Date.now()}`;
    for (const suffix of suffixes) moveIfThere(this.#file + suffix, aside + suffix);
    this.#report({
      code: "set_aside",
      message: `${this.#file} ${why}; it is kept as ${aside} and a new one begun`,
    });
  }

  close(): void {
    this.#open?.sqlite.close();
    this.#open = null;
  }

  #openOrReplace(): Sqlite {
    try {
      return this.#openFile();
    } catch (error) {
      if (sqliteFault(error) !== "corrupt") throw error;
      this.setAside("is not a readable database");
      return this.#openFile();
    }
  }

  #openFile(): Sqlite {
    mkdirSync(dirname(this.#file), { recursive: true });
    // without its database a journal file is of no use, and SQLite would replay it into the new one
    if (inodeOf(this.#file) === null) {
      for (const suffix of suffixes) rmSync(this.#file + suffix, { force: true });
    }
    const sqlite = openSqlite(this.#file, { synchronous: "NORMAL", busyMs });
    try {
      if (migrate(sqlite)) return sqlite;
    } catch (error) {
      sqlite.close();
      throw error;
    }
    sqlite.close();
    this.setAside("was written by a newer version of the gateway");
    return this.#openFile();
  }
}

/** A database in WAL mode is three files. */
const suffixes = ["", "-wal", "-shm"];

function inodeOf(file: string): bigint | null {
  return statSync(file, { bigint: true, throwIfNoEntry: false })?.ino ?? null;
}

function moveIfThere(from: string, to: string): void {
  if (inodeOf(from) !== null) renameSync(from, to);
}
