import type { Sqlite, SqlStatement, SqlValue } from "../runtime/sqlite.ts";
import type { PackedBatch } from "./batch.ts";
import { textColumns } from "./rows.ts";

/** Rows per statement: starting one costs as much as binding a dozen values. */
const rowsAtOnce = 16;

/** Inserts the rows of a batch into one table, many with each statement. */
export class BulkInsert {
  readonly #isText: readonly boolean[];
  readonly #one: SqlStatement;
  readonly #many: SqlStatement;
  readonly #room: number;
  #values: SqlValue[] = [];

  /** `keys` are the columns that a batch does not hold. */
  constructor(sqlite: Sqlite, table: string, keys: readonly string[], columns: readonly string[]) {
    const all = [...keys, ...columns];
    const row = `(${all.map(() => "?").join(", ")})`;
    const insert = (rows: number) =>
      sqlite.prepare(
        `INSERT INTO ${table} (${all.join(", ")}) VALUES ${new Array(rows).fill(row).join(", ")}`,
      );
    this.#isText = columns.map((column) => textColumns.has(column));
    this.#one = insert(1);
    this.#many = insert(rowsAtOnce);
    this.#room = rowsAtOnce * all.length;
  }

  /** Adds the value of a key column; all of them come before `row`. */
  key(value: number): void {
    this.#values.push(value);
  }

  /** Adds the values that begin at `at`, and returns where they end. */
  row(cells: PackedBatch["cells"], texts: readonly string[], at: number): number {
    for (const isText of this.#isText) {
      this.#values.push(isText ? textOf(cells[at], texts) : numberOf(cells[at]));
      at += 1;
    }
    if (this.#values.length >= this.#room) {
      this.#many.runWith(this.#values);
      this.#values = [];
    }
    return at;
  }

  /** Inserts what is left. */
  finish(): void {
    const width = this.#room / rowsAtOnce;
    const values = this.#values;
    this.#values = [];
    for (let from = 0; from < values.length; from += width)
      this.#one.runWith(values.slice(from, from + width));
  }

  /** Forgets what is left, of a batch that failed. */
  clear(): void {
    this.#values = [];
  }
}

/** What was packed as a number. */
export const numberOf = (cell: number | undefined): number | null =>
  cell === undefined || Number.isNaN(cell) ? null : cell;

/** What was packed as a text. */
export const textOf = (cell: number | undefined, texts: readonly string[]): string | null =>
  cell === undefined || Number.isNaN(cell) ? null : (texts[cell] ?? null);
