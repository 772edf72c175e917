import type { Sqlite, SqlStatement } from "../../runtime/sqlite.ts";

/** The place of `other` in every dictionary; 0 is no name. */
export const otherCode = 1;
/** Names that are kept at hand; beyond that they are asked for again. */
const mostAtHand = 20_000;

/** The names that buckets speak of, each written down once. */
export class Names {
  readonly #codes = new Map<string, number>();
  readonly #texts = new Map<number, string>();
  readonly #byText: SqlStatement;
  readonly #byCode: SqlStatement;
  readonly #insert: SqlStatement;

  constructor(sqlite: Sqlite) {
    this.#byText = sqlite.prepare("SELECT id FROM rollup_names WHERE name = ?");
    this.#byCode = sqlite.prepare("SELECT name FROM rollup_names WHERE id = ?");
    this.#insert = sqlite.prepare("INSERT INTO rollup_names (name) VALUES (?)");
  }

  /** The code of a name; null when it was never seen. */
  find(name: string | null): number | null {
    if (name === null) return 0;
    const known = this.#codes.get(name);
    if (known !== undefined) return known;
    const found = this.#byText.get(name)?.id;
    if (typeof found !== "number") return null;
    if (this.#codes.size >= mostAtHand) this.#codes.clear();
    this.#codes.set(name, found);
    return found;
  }

  /** The code of a name, which is written down when it is new. */
  codeOf(name: string | null): number {
    const known = this.find(name);
    if (known !== null) return known;
    this.#insert.run(name);
    return this.find(name) ?? otherCode;
  }

  /** The name of a code. */
  nameOf(code: number): string | null {
    if (code === 0) return null;
    const known = this.#texts.get(code);
    if (known !== undefined) return known;
    const found = this.#byCode.get(code)?.name;
    if (this.#texts.size >= mostAtHand) this.#texts.clear();
    this.#texts.set(code, String(found));
    return String(found);
  }

  /** Forgets what is at hand, after a transaction that was undone. */
  forget(): void {
    this.#codes.clear();
    this.#texts.clear();
  }
}
