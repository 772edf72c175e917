import { err, type Result } from "../core/result.ts";
import type { EpochMs } from "../core/units.ts";
import type { RequestRow } from "../domain/journal.ts";
import { type Fate, type Outbox, openOutbox } from "../runtime/outbox.ts";
import { startThread, type Thread } from "../runtime/worker.ts";
import { Batch } from "./batch.ts";
import type { JournalProblem } from "./database.ts";
import type { ErrorsReport } from "./errors.ts";
import type { ErrorsQuery } from "./errors_query.ts";
import type { Keeping } from "./keeping.ts";
import type { ModelsQuery, ModelsReport } from "./models.ts";
import type { Tallies } from "./overview.ts";
import type { Answer, Answers, FromWorker, Question, ToWorker } from "./protocol.ts";
import { packRow } from "./rows.ts";
import type { Tally } from "./tally.ts";
import type { TrendsQuery } from "./trends_query.ts";
import type { UsageQuery, UsageReport } from "./usage.ts";
import type { BadQuery } from "./window.ts";

/** The record of all traffic. Writing costs a request nothing it could notice; reading sees all that was recorded before. */
export interface Journal {
  /** Queues one finished request. Never throws, never waits; without room the row is counted as dropped. */
  readonly record: (row: RequestRow) => void;
  /** Resolves once all that was recorded before is committed, or after 5 s when it cannot be. */
  readonly flush: () => Promise<void>;
  /** Flushes and releases the file. */
  readonly close: () => Promise<void>;
  /** Rows that will never be in the database. */
  readonly dropped: () => number;
  /** Takes over what a new configuration says. */
  readonly keep: (keeping: Keeping) => void;
  /** For `/metrics`; see `overviewOf`. */
  readonly tallies: (now: EpochMs) => Promise<Result<Tallies, BadQuery>>;
  /** Of the requests that arrived in [from, until). */
  readonly tally: (from: EpochMs, until: EpochMs) => Promise<Result<Tally, BadQuery>>;
  readonly models: (query: ModelsQuery) => Promise<Result<ModelsReport, BadQuery>>;
  readonly errors: (query: ErrorsQuery) => Promise<Result<ErrorsReport, BadQuery>>;
  /** The JSON of `Trends`. */
  readonly trends: (query: TrendsQuery) => Promise<Result<Uint8Array<ArrayBuffer>, BadQuery>>;
  readonly usage: (query: UsageQuery) => Promise<Result<UsageReport, BadQuery>>;
}

/** Where the journal is, what it keeps, and who hears of its troubles. */
export interface JournalOptions {
  /** `DATA_DIR/switchyard.sqlite`; the directory is made when it is missing. */
  readonly file: string;
  readonly keeping: Keeping;
  readonly onProblem: (problem: JournalProblem) => void;
}

/** Rows that may wait while the database does not take them: some 30 MB, most of it outside of the heap. */
const capacity = 50_000;
/** How long an answer may take before a query is given up. */
const patienceMs = 30_000;

/** Opens the journal; the file itself is opened by its thread, and trouble with it is reported, not thrown. */
export const openJournal = (options: JournalOptions): Journal => new ThreadJournal(options);

class ThreadJournal implements Journal {
  readonly #options: JournalOptions;
  readonly #outbox: Outbox<RequestRow>;
  readonly #asked = new Map<number, (answer: Result<Answer, BadQuery>) => void>();
  #keeping: Keeping;
  readonly #thread: Thread<ToWorker>;
  #settle: ((fate: Fate) => void) | null = null;
  #lastId = 0;
  #onClosed: (() => void) | null = null;

  constructor(options: JournalOptions) {
    this.#options = options;
    this.#keeping = options.keeping;
    this.#thread = startThread<ToWorker, FromWorker>(new URL("./worker.ts", import.meta.url), {
      greeting: () => [
        { kind: "open", file: options.file },
        { kind: "keep", keeping: this.#keeping },
      ],
      onMessage: (message) => this.#hear(message),
      onCrash: (message) => this.#crashed(message),
    });
    this.#outbox = openOutbox<RequestRow, Batch>({
      begin: () => new Batch(),
      add: (batch, row) => packRow(row, batch),
      capacity,
      batchWeight: 1_000,
      everyMs: 250,
      retryMs: 500,
      send: (batch, settle) => {
        this.#settle = settle;
        const packed = batch.pack();
        const isPosted = this.#thread.post({ kind: "rows", batch: packed }, [packed.cells.buffer]);
        if (!isPosted) this.#settled("retry");
      },
    });
  }

  readonly record = (row: RequestRow): void => this.#outbox.put(row, 1);

  readonly flush = async (): Promise<void> => void (await this.#outbox.flush(5_000));

  readonly dropped = (): number => this.#outbox.dropped();

  readonly keep = (keeping: Keeping): void => {
    this.#keeping = keeping;
    this.#thread.post({ kind: "keep", keeping });
  };

  readonly tallies = (now: EpochMs) => this.#ask({ ask: "tallies", now });
  readonly tally = (from: EpochMs, until: EpochMs) => this.#ask({ ask: "tally", from, until });
  readonly models = (query: ModelsQuery) => this.#ask({ ask: "models", query });
  readonly errors = (query: ErrorsQuery) => this.#ask({ ask: "errors", query });
  readonly trends = (query: TrendsQuery) => this.#ask({ ask: "trends", query });
  readonly usage = (query: UsageQuery) => this.#ask({ ask: "usage", query });

  readonly close = async (): Promise<void> => {
    await this.flush();
    this.#outbox.close();
    await new Promise<void>((resolve) => {
      const giveUp = setTimeout(resolve, 2_000);
      this.#onClosed = () => {
        clearTimeout(giveUp);
        resolve();
      };
      if (!this.#thread.post({ kind: "close" })) this.#onClosed();
    });
    this.#thread.stop();
    this.#abandon("the journal is closed");
  };

  /** Asks after what was recorded before is written, so that a client finds its own request. */
  async #ask<Q extends Question>(question: Q): Promise<Result<Answers[Q["ask"]], BadQuery>> {
    await this.#outbox.flush(1_000);
    const answer = await new Promise<Result<Answer, BadQuery>>((resolve) => {
      const id = ++this.#lastId;
      const settle = (answer: Result<Answer, BadQuery>): void => {
        clearTimeout(giveUp);
        this.#asked.delete(id);
        resolve(answer);
      };
      const giveUp = setTimeout(() => settle(err(silent("the journal took too long to answer"))), patienceMs);
      this.#asked.set(id, settle);
      if (!this.#thread.post({ kind: "ask", id, question }))
        settle(err(silent("the journal is being started again")));
    });
    // the protocol pairs each question with its answer
    return answer as Result<Answers[Q["ask"]], BadQuery>;
  }

  #hear(message: FromWorker): void {
    switch (message.kind) {
      case "rows":
        this.#settled(message.fate);
        break;
      case "answer":
        this.#asked.get(message.id)?.(message.answer);
        break;
      case "problem":
        this.#options.onProblem(message.problem);
        break;
      case "closed":
        this.#onClosed?.();
    }
  }

  /** A crash is a bug of ours: whatever batch it died of is given up, so that it cannot happen again at once. */
  #crashed(message: string): void {
    this.#options.onProblem({ code: "worker_crashed", message: `the journal's thread ended: ${message}` });
    this.#abandon("the journal's thread ended");
    this.#settled("lost");
  }

  #settled(fate: Fate): void {
    const settle = this.#settle;
    this.#settle = null;
    settle?.(fate);
  }

  #abandon(why: string): void {
    for (const settle of [...this.#asked.values()]) settle(err(silent(why)));
  }
}

const silent = (message: string): BadQuery => ({ param: null, message });
