import type { Diagnostic } from "../config/diagnostic.ts";
import type { EpochMs } from "../core/units.ts";
import type { RequestRow } from "../domain/journal.ts";
import type { Rollout as Rules, Snapshot } from "../domain/snapshot.ts";
import type { Clock } from "../runtime/clock.ts";
import { type Judge, judge } from "./candidate.ts";
import type { Chronicle } from "./chronicle.ts";
import {
  type Attempted,
  attemptedOf,
  type Generation,
  generationOf,
  type StoredGeneration,
} from "./generation.ts";
import type { Orders } from "./orders.ts";
import type { Candidate, Source } from "./source.ts";
import { Trial } from "./trial.ts";

/** What serves everybody, with its bytes. */
export interface Serving {
  readonly generation: Generation;
  readonly row: StoredGeneration;
}

/** What a deployment needs of the world. */
export interface DeploymentFacts {
  readonly chronicle: Chronicle;
  readonly orders: Orders;
  readonly source: Pick<Source, "accepted">;
  readonly judge: Judge;
  readonly clock: Clock;
  /** Moves the pointer. Nothing can refuse any more. */
  readonly serve: (stable: Generation, trial: Trial | null) => void;
  readonly tell: (attempted: Attempted, active: Generation | null) => void;
}

/** What becomes of the generation before. */
interface Leaving {
  readonly state: "retired" | "quarantined";
  readonly reason: string;
}

/**
 * What serves, a canary beside it, and the few ways in which that changes. Every change is on disk before the pointer
 * moves; where the disk fails, traffic goes on all the same. Changes are made one at a time, in turns.
 */
export class Deployment {
  readonly #facts: DeploymentFacts;
  #active: Serving | null = null;
  #trial: Trial | null = null;
  #attempted: Attempted | null = null;
  #succeededAt: EpochMs = 0;

  constructor(facts: DeploymentFacts) {
    this.#facts = facts;
  }

  get active(): Serving | null {
    return this.#active;
  }

  get trial(): Trial | null {
    return this.#trial;
  }

  /** What the last look at the source came to; null before the first that came to anything. */
  get attempted(): Attempted | null {
    return this.#attempted;
  }

  /** When a look last found something that may serve; 0: never. */
  get succeededAt(): EpochMs {
    return this.#succeededAt;
  }

  /** Takes in a request that has ended. */
  observe(row: RequestRow): void {
    this.#trial?.observe(row);
  }

  /** Serves a stored generation again, as a start does; false when this version refuses it. */
  resume(row: StoredGeneration): boolean {
    const snapshot = this.compileAgain(row);
    if (snapshot === null) return false;
    this.#point({ generation: generationOf(row, snapshot, row.activeAt ?? this.#now()), row }, null);
    return true;
  }

  /** Makes a generation the one that serves everybody; returns its row. */
  async activate(
    row: StoredGeneration,
    snapshot: Snapshot,
    { reason = null, leaving }: { readonly reason?: string | null; readonly leaving?: Leaving } = {},
  ): Promise<StoredGeneration> {
    const now = this.#now();
    const end = { state: "active", stage: "active", isGood: true } as const;
    const next: StoredGeneration = { ...row, ...end, activeAt: now, retiredAt: null, reason };
    const before = this.#active?.row ?? null;
    const gone = before === null || before.number === row.number ? [] : [left(before, now, leaving)];
    await this.#facts.chronicle.record([...gone, next], now);
    this.#facts.source.accepted(next.origin);
    this.#point({ generation: generationOf(next, snapshot, now), row: next }, null);
    return next;
  }

  /** The same meaning in new bytes: the generation stays what it is, and its places and commit are the new ones. */
  async refresh(candidate: Candidate, snapshot: Snapshot, diagnostics: readonly Diagnostic[]): Promise<void> {
    if (this.#active === null) return;
    const { generation, row } = this.#active;
    const next: StoredGeneration = { ...row, ...candidate, diagnostics };
    await this.dropTrial("the source went back to what is active");
    await this.#facts.chronicle.record([next], this.#now());
    this.#facts.source.accepted(candidate.origin);
    this.#point({ generation: { ...generation, snapshot, origin: candidate.origin }, row: next }, null);
    this.note(attemptedOf(next, "active"));
  }

  /** Puts a generation on its slice of the traffic, by the rules of the one that serves. */
  async try(row: StoredGeneration, snapshot: Snapshot, rules: Rules): Promise<void> {
    if (this.#active === null) return;
    const now = this.#now();
    const next: StoredGeneration = { ...row, state: "canary", stage: "canary", activeAt: now };
    await this.#facts.chronicle.record([next], now);
    const trial = new Trial(generationOf(next, snapshot, now), next, this.#active.generation, rules);
    this.#point(this.#active, trial);
    this.note(attemptedOf(next, "canary"));
  }

  /** Ends the canary as good. */
  async promote(reason: string): Promise<void> {
    if (this.#trial === null) return;
    const { row, generation } = this.#trial;
    this.note(attemptedOf(await this.activate(row, generation.snapshot, { reason }), "active"));
  }

  /** Ends the canary as bad: its digest is not to be tried again. */
  async withdraw(who: string, reason: string): Promise<void> {
    if (this.#trial === null) return;
    const { generation, row } = this.#trial;
    const { digest } = generation.snapshot;
    this.#facts.orders.quarantine({ digest, generation: row.number, reason, at: this.#now(), who });
    await this.#endTrial("quarantined", reason);
    this.note({ ...attemptedOf(row, "quarantined"), reason });
  }

  /** Ends the canary without a verdict. */
  async dropTrial(reason: string): Promise<void> {
    if (this.#trial !== null) await this.#endTrial("retired", reason);
  }

  /** People have changed what becomes of a generation: so has what the last look came to, where it was that one. */
  revise(number: number | undefined, state: "active" | "held" | "quarantined", reason: string): void {
    const last = this.#attempted;
    if (last === null || last.generation !== number) return;
    this.note({ ...last, state, reason, stage: state === "active" ? state : last.stage });
  }

  /** A stored generation compiled anew from its own bytes; null when this version refuses it. */
  compileAgain(row: StoredGeneration): Snapshot | null {
    const judged = judge(row.files, this.#facts.judge);
    return judged.ok ? judged.snapshot : null;
  }

  /** Not before the pointer has moved: whoever reads that it is live finds it so. */
  note(attempted: Omit<Attempted, "at">): void {
    const at = this.#now();
    this.#attempted = { ...attempted, at };
    if (attempted.state !== "rejected" && attempted.state !== "quarantined") this.#succeededAt = at;
    this.#facts.tell(this.#attempted, this.#active?.generation ?? null);
  }

  async #endTrial(state: "retired" | "quarantined", reason: string): Promise<void> {
    if (this.#trial === null || this.#active === null) return;
    const now = this.#now();
    const row: StoredGeneration = { ...this.#trial.row, state, reason, isGood: false, retiredAt: now };
    this.#point(this.#active, null);
    await this.#facts.chronicle.record([row], now);
  }

  /** The one place where what serves changes. */
  #point(active: Serving, trial: Trial | null): void {
    this.#active = active;
    this.#trial = trial;
    this.#facts.serve(active.generation, trial);
  }

  #now(): EpochMs {
    return this.#facts.clock.now();
  }
}

const left = (row: StoredGeneration, at: EpochMs, leaving?: Leaving): StoredGeneration => ({
  ...row,
  stage: "retired",
  state: leaving?.state ?? "retired",
  reason: leaving?.reason ?? null,
  isGood: leaving?.state !== "quarantined",
  retiredAt: at,
});
