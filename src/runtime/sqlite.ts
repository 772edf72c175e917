import { Database, SQLiteError, type Statement } from "bun:sqlite";
import type { DurationMs } from "../core/units.ts";

/** What a column may hold. Whole numbers are read back as `number`: none of ours passes 2^53. */
export type SqlValue = string | number | Uint8Array | null;
/** One row by column name. */
export type SqlRow = Readonly<Record<string, SqlValue>>;

/** A prepared statement; values are bound by position. Every method throws what {@link sqliteFault} can name. */
export interface SqlStatement {
  /** Runs it and says how many rows it changed. */
  readonly run: (...values: readonly SqlValue[]) => number;
  /** Runs it with the values in one list, of which there may be thousands. */
  readonly runWith: (values: readonly SqlValue[]) => void;
  readonly all: (...values: readonly SqlValue[]) => readonly SqlRow[];
  readonly get: (...values: readonly SqlValue[]) => SqlRow | null;
}

/** One open database. node:sqlite can fill the same hole on Deno. */
export interface Sqlite {
  /** Runs any number of statements that take no values. */
  readonly exec: (sql: string) => void;
  /** Compiles a statement, once per text: the same text gives the same statement. */
  readonly prepare: (sql: string) => SqlStatement;
  /** Runs `work` in an immediate transaction: all of it, or, when it throws, nothing. */
  readonly transaction: <T>(work: () => T) => T;
  /** Releases the file; a second call does nothing. */
  readonly close: () => void;
}

/** How a database is opened. */
export interface SqliteOptions {
  /** NORMAL: commits survive kill -9; FULL: power loss too. Default NORMAL. */
  readonly synchronous?: "NORMAL" | "FULL";
  /** How long a lock is waited for, *blocking this thread*. Default 0. */
  readonly busyMs?: DurationMs;
  /** The file must exist and is not written. Default false. */
  readonly readonly?: boolean;
  /** Nobody else has it open. It can be read even where the disk has no room for what readers share. Default false. */
  readonly alone?: boolean;
}

/** Opens `file`, in WAL mode unless it is read only; the directory must exist. Throws what {@link sqliteFault} can name. */
export function openSqlite(file: string, options: SqliteOptions = {}): Sqlite {
  const database = new Database(
    file,
    options.readonly === true ? { readonly: true } : { create: true, readwrite: true },
  );
  try {
    database.run(`PRAGMA busy_timeout = ${options.busyMs ?? 0}`);
    if (options.alone === true) database.run("PRAGMA locking_mode = EXCLUSIVE");
    if (options.readonly !== true) {
      database.run("PRAGMA journal_mode = WAL");
      database.run(`PRAGMA synchronous = ${options.synchronous ?? "NORMAL"}`);
      database.run("PRAGMA foreign_keys = ON");
    }
    // reads the header, so that a file that is no database shows here and not at its first use
    database.run("SELECT count(*) FROM sqlite_schema");
  } catch (error) {
    database.close();
    throw error;
  }
  const statements = new Map<string, Statement<SqlRow, SqlValue[]>>();
  return {
    exec: (sql) => void database.run(sql),
    prepare: (sql) => {
      const prepared = statements.get(sql) ?? database.prepare<SqlRow, SqlValue[]>(sql);
      statements.set(sql, prepared);
      return statement(prepared);
    },
    transaction: (work) => database.transaction(work).immediate(),
    close: () => {
      // a statement left open would keep the file open behind our back
      for (const prepared of statements.values()) prepared.finalize();
      statements.clear();
      database.close();
    },
  };
}

/** Why SQLite refused: `full` and `busy` pass by themselves, `corrupt` never does. */
export type SqliteFault = "full" | "busy" | "corrupt" | "unreachable" | "other";

const faults: Readonly<Record<string, SqliteFault>> = {
  SQLITE_FULL: "full",
  SQLITE_BUSY: "busy",
  SQLITE_LOCKED: "busy",
  SQLITE_CORRUPT: "corrupt",
  SQLITE_NOTADB: "corrupt",
  SQLITE_CANTOPEN: "unreachable",
  SQLITE_READONLY: "unreachable",
  SQLITE_IOERR: "unreachable",
  SQLITE_PERM: "unreachable",
};

/** The kind of an error that a method above threw; `null` when it did not come from SQLite, which is a bug. */
export function sqliteFault(error: unknown): SqliteFault | null {
  if (!(error instanceof SQLiteError)) return null;
  // extended codes are longer: SQLITE_IOERR_WRITE, SQLITE_CORRUPT_VTAB
  const code = (error.code ?? "").split("_").slice(0, 2).join("_");
  return faults[code] ?? "other";
}

const statement = (prepared: Statement<SqlRow, SqlValue[]>): SqlStatement => ({
  run: (...values) => prepared.run(...values).changes,
  runWith: (values) => {
    // a list is taken as it is, which the types do not say
    prepared.run(values as unknown as SqlValue);
  },
  all: (...values) => prepared.all(...values),
  get: (...values) => prepared.get(...values),
});
