import { err, ok, type Result } from "../core/result.ts";
import { type SqliteFault, sqliteFault } from "../runtime/sqlite.ts";
import { type Reply, serveThread } from "../runtime/worker.ts";
import type { PackedBatch } from "./batch.ts";
import { DatabaseFile, type JournalProblem } from "./database.ts";
import { queryErrors } from "./errors.ts";
import { queryModels } from "./models.ts";
import { queryTallies, queryTally } from "./overview.ts";
import type { Answer, FromWorker, Question, ToWorker } from "./protocol.ts";
import { prepareStore, type Store } from "./store.ts";
import { queryTrends } from "./trends.ts";
import { Upkeep } from "./upkeep.ts";
import { queryUsage } from "./usage.ts";
import type { BadQuery } from "./window.ts";

/** The thread that owns `switchyard.sqlite`: it alone writes, and it answers what is asked of it. */
class JournalWorker {
  readonly #file: DatabaseFile;
  readonly #reply: Reply<FromWorker>;
  readonly #upkeep: Upkeep;
  #store: Store | null = null;
  #failing: SqliteFault | null = null;
  #labels: readonly string[] = [];

  constructor(file: string, reply: Reply<FromWorker>) {
    const report = (problem: JournalProblem) => reply({ kind: "problem", problem });
    this.#file = new DatabaseFile(file, report);
    this.#reply = reply;
    this.#upkeep = new Upkeep({
      store: () => this.#current(),
      report,
      onError: (error) => this.#upkeepFailed(error),
    });
  }

  handle(message: Exclude<ToWorker, { kind: "open" }>): void {
    switch (message.kind) {
      case "rows":
        this.#reply({ kind: "rows", fate: this.#write(message.batch) });
        return;
      case "ask":
        void this.#answer(message.question).then((answer) => {
          const moved = answer.ok && answer.value instanceof Uint8Array ? [answer.value.buffer] : undefined;
          this.#reply({ kind: "answer", id: message.id, answer }, moved);
        });
        return;
      case "keep":
        this.#labels = message.keeping.labels;
        if (this.#store !== null) this.#store.rollup.pending.labels = this.#labels;
        this.#upkeep.keep(message.keeping.retention);
        return;
      case "close":
        this.#close();
        this.#reply({ kind: "closed" });
    }
  }

  #write(batch: PackedBatch): "taken" | "retry" | "lost" {
    try {
      this.#mended(() => this.#current().write(batch));
    } catch (error) {
      return this.#fateOf(error, batch.requests);
    }
    if (this.#failing !== null) this.#report({ code: "recovered", message: "the journal is written again" });
    this.#failing = null;
    if (this.#store !== null) this.#upkeep.noteBatch(this.#store);
    return "taken";
  }

  /** A full disk, a lock or a missing directory pass, and the rows wait for it; anything else would never be taken. */
  #fateOf(error: unknown, rows: number): "retry" | "lost" {
    const fault = faultOf(error);
    if (fault === "full" || fault === "busy" || fault === "unreachable") {
      if (this.#failing !== fault)
        this.#report({ code: fault, message: `the journal cannot be written: ${sentence(error)}` });
      this.#failing = fault;
      return "retry";
    }
    this.#report({ code: "rows_lost", message: `${rows} rows were refused: ${sentence(error)}` });
    return "lost";
  }

  /** Nothing is lost by it: what was not carried or deleted is, the next time. */
  #upkeepFailed(error: unknown): void {
    const fault = faultOf(error);
    if (fault === "corrupt") this.#file.setAside("cannot be written any further");
    else if (fault === null || fault === "other")
      this.#report({ code: "upkeep_failed", message: `the journal's upkeep failed: ${sentence(error)}` });
    else this.#fateOf(error, 0);
  }

  async #answer(question: Question): Promise<Result<Answer, BadQuery>> {
    const store = () => this.#current();
    try {
      switch (question.ask) {
        case "tallies":
          return ok(await queryTallies(store, question.now));
        case "tally":
          return ok(await queryTally(store, question.from, question.until));
        case "models":
          return ok(await queryModels(store, question.query));
        case "errors":
          return ok(await queryErrors(store, question.query));
        case "trends":
          return encoded(await queryTrends(store, question.query));
        case "usage":
          return ok(await queryUsage(store, question.query));
      }
    } catch (error) {
      if (sqliteFault(error) === "corrupt") this.#file.setAside("cannot be read any further");
      return err({ param: null, message: `the journal does not answer: ${sentence(error)}` });
    }
  }

  /** Runs `work`, once more on a new file when the one there turns out to be broken. */
  #mended(work: () => void): void {
    try {
      work();
    } catch (error) {
      if (sqliteFault(error) !== "corrupt") throw error;
      this.#file.setAside("cannot be written any further");
      work();
    }
  }

  #current(): Store {
    const sqlite = this.#file.current();
    if (this.#store?.sqlite !== sqlite) {
      this.#store = prepareStore(sqlite, this.#store?.totals() ?? null);
      this.#store.rollup.pending.labels = this.#labels;
      this.#store.rollup.onUnreadable = (message) => this.#report({ code: "page_unreadable", message });
    }
    return this.#store;
  }

  #close(): void {
    this.#upkeep.close();
    try {
      if (this.#store?.rollup.isLive === true) this.#store.rollup.carry();
    } catch (error) {
      this.#upkeepFailed(error);
    }
    this.#file.close();
  }

  #report(problem: JournalProblem): void {
    this.#reply({ kind: "problem", problem });
  }
}

const encoder = new TextEncoder();

const encoded = (json: Result<string, BadQuery>): Result<Uint8Array<ArrayBuffer>, BadQuery> =>
  json.ok ? ok(encoder.encode(json.value)) : json;

/** SQLite's own faults, and those of the directory around its file. */
function faultOf(error: unknown): SqliteFault | null {
  const code = error instanceof Error && "code" in error ? String(error.code) : "";
  if (code === "ENOSPC" || code === "EDQUOT") return "full";
  return /^E[A-Z]+$/.test(code) ? "unreachable" : sqliteFault(error);
}

const sentence = (error: unknown): string => (error instanceof Error ? error.message : String(error));

let worker: JournalWorker | null = null;
serveThread<ToWorker, FromWorker>((message, reply) => {
  if (message.kind === "open") worker = new JournalWorker(message.file, reply);
  else worker?.handle(message);
});
