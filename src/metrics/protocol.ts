import type { Result } from "../core/result.ts";
import type { EpochMs } from "../core/units.ts";
import type { PackedBatch } from "./batch.ts";
import type { JournalProblem } from "./database.ts";
import type { ErrorsReport } from "./errors.ts";
import type { ErrorsQuery } from "./errors_query.ts";
import type { Keeping } from "./keeping.ts";
import type { ModelsQuery, ModelsReport } from "./models.ts";
import type { Tallies } from "./overview.ts";
import type { Tally } from "./tally.ts";
import type { TrendsQuery } from "./trends_query.ts";
import type { UsageQuery, UsageReport } from "./usage.ts";
import type { BadQuery } from "./window.ts";

/** What the gateway's thread sends to the journal's. */
export type ToWorker =
  | { readonly kind: "open"; readonly file: string }
  | { readonly kind: "rows"; readonly batch: PackedBatch }
  | { readonly kind: "ask"; readonly id: number; readonly question: Question }
  | { readonly kind: "keep"; readonly keeping: Keeping }
  | { readonly kind: "close" };

/** What the journal's thread sends back. */
export type FromWorker =
  /** The fate of the `rows` before it: on disk, to be sent again later, or beyond saving. */
  | { readonly kind: "rows"; readonly fate: "taken" | "retry" | "lost" }
  | { readonly kind: "answer"; readonly id: number; readonly answer: Result<Answer, BadQuery> }
  | { readonly kind: "problem"; readonly problem: JournalProblem }
  | { readonly kind: "closed" };

/** What can be asked; each is answered by the type of the same name in {@link Answers}. */
export type Question =
  | { readonly ask: "tallies"; readonly now: EpochMs }
  | { readonly ask: "tally"; readonly from: EpochMs; readonly until: EpochMs }
  | { readonly ask: "models"; readonly query: ModelsQuery }
  | { readonly ask: "errors"; readonly query: ErrorsQuery }
  | { readonly ask: "trends"; readonly query: TrendsQuery }
  | { readonly ask: "usage"; readonly query: UsageQuery };

/** The answers by question. */
export interface Answers {
  readonly tallies: Tallies;
  readonly tally: Tally;
  readonly models: ModelsReport;
  readonly errors: ErrorsReport;
  /** JSON, which may be long: it is handed over, not copied. */
  readonly trends: Uint8Array<ArrayBuffer>;
  readonly usage: UsageReport;
}
export type Answer = Answers[keyof Answers];
