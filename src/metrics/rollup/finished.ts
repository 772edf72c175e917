import type { RequestOutcome } from "../../domain/journal.ts";
import type { Sqlite, SqlRow, SqlStatement } from "../../runtime/sqlite.ts";
import { attemptCounted, type Ended } from "../attempt.ts";
import type { Finished, Tried } from "./pending.ts";

const counted = `outcome, served_model, duration_ms, ttft_ms, prompt_tokens, cached_tokens, completion_tokens,
  reasoning_tokens, total_tokens, cost_usd, provider`;

/** Reads requests in the order in which they were written down. */
export class FinishedAfter {
  readonly #requests: SqlStatement;
  readonly #attempts: SqlStatement;

  constructor(sqlite: Sqlite) {
    this.#requests = sqlite.prepare(
      `SELECT id, arrived_at, model, upstream, key_id, team, user_hash, generation, arm, labels, ${counted}
       FROM requests WHERE id > ? ORDER BY id LIMIT ?`,
    );
    this.#attempts = sqlite.prepare(
      `SELECT request, ${counted} FROM attempts WHERE request > ? AND request <= ? ORDER BY request, seq`,
    );
  }

  /** At most `most` of them, and the id of the last. */
  read(after: number, most: number): { readonly rows: readonly Finished[]; readonly last: number } {
    const found = this.#requests.all(after, most);
    const last = Number(found[found.length - 1]?.id ?? after);
    const tried = Map.groupBy(this.#attempts.all(after, last), (row) => Number(row.request));
    const rows = found.map((row) => finishedOf(row, tried.get(Number(row.id)) ?? []));
    return { rows, last };
  }
}

/** Nobody but `packRow` filled these columns. */
const finishedOf = (row: SqlRow, attempts: readonly SqlRow[]): Finished => ({
  ...(row as unknown as Finished),
  outcome: row.outcome as RequestOutcome,
  attempts: attempts.map((attempt) => triedOf({ ...attempt, model: row.model ?? null })),
});

const triedOf = (attempt: SqlRow): Tried => ({
  by: String(attempt.provider),
  counted: attemptCounted(attempt as unknown as Ended),
});
