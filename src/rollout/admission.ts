import { redacted } from "../config/canonical/redacted.ts";
import { canonical, canonicalText } from "../config/canonical.ts";
import type { Diagnostic } from "../config/diagnostic.ts";
import type { Snapshot } from "../domain/snapshot.ts";
import type { Clock } from "../runtime/clock.ts";
import type { Chronicle } from "./chronicle.ts";
import type { Deployment, Serving } from "./deployment.ts";
import { attemptedOf, type Stage, type StoredGeneration, seen, shaOf } from "./generation.ts";
import type { Orders, Pin, Quarantined } from "./orders.ts";
import type { Candidate } from "./source.ts";
import type { Trial } from "./trial.ts";
import type { Turns } from "./turns.ts";

/** What compiles and passes its own tests. */
export interface Found {
  readonly candidate: Candidate;
  readonly snapshot: Snapshot;
  readonly warnings: readonly Diagnostic[];
}

/** What admission needs of the world. */
export interface AdmissionFacts {
  readonly orders: Orders;
  readonly clock: Clock;
  /** What the gates of what serves object to in a candidate; nothing when they are passed, or there are none. */
  readonly gate: (base: Serving, head: Candidate) => Promise<readonly Diagnostic[]>;
  readonly chronicle: Chronicle;
  readonly deployment: Deployment;
  readonly turns: Turns;
  /** A canary that the last process did not see to its end: it begins again, under its number. */
  readonly unfinished: StoredGeneration | null;
}

/** What is known of a digest already. */
type Standing =
  | { readonly kind: "active" }
  | { readonly kind: "canary"; readonly trial: Trial }
  | { readonly kind: "quarantined"; readonly entry: Quarantined }
  | { readonly kind: "held"; readonly pin: Pin };

/** Decides what becomes of a candidate: refused, held back, on trial, or what serves. */
export class Admission {
  readonly #facts: AdmissionFacts;
  #unfinished: StoredGeneration | null;

  constructor(facts: AdmissionFacts) {
    this.#facts = facts;
    this.#unfinished = facts.unfinished;
  }

  /**
   * Settles what becomes of a candidate that is good by itself. The gates take long, and people do not wait for them:
   * `overtaken` when something else serves, or people want something else, by the time they have answered.
   */
  async admit(found: Found, force: boolean): Promise<"settled" | "overtaken"> {
    const { deployment, gate, turns } = this.#facts;
    const base = deployment.active;
    const isJudged = base !== null && this.#standingOf(found, force) === null;
    const objections = isJudged ? await gate(base, found.candidate) : [];
    return turns.take(async () => {
      if (deployment.active !== base || this.isSuspended(force)) return "overtaken";
      await this.#settle(found, force, objections);
      return "settled";
    });
  }

  /** Whether people want nothing taken from the source now. Where nothing serves yet, they cannot. */
  isSuspended(force: boolean): boolean {
    const { orders, clock, deployment } = this.#facts;
    return !force && deployment.active !== null && orders.suspension(clock.now()) !== null;
  }

  /** Writes down that a candidate did not pass a stage. `snapshot` is null when it did not compile. */
  async reject(
    candidate: Candidate,
    snapshot: Snapshot | null,
    stage: Stage,
    diagnostics: readonly Diagnostic[],
  ): Promise<void> {
    await this.#reject({ ...this.#rowOf(candidate, snapshot), diagnostics }, stage);
  }

  /** Once the source has been heard, a canary that it does not speak of any more is over. */
  async endUnfinished(): Promise<void> {
    if (this.#facts.deployment.attempted !== null) await this.#endUnfinished();
  }

  async #endUnfinished(): Promise<void> {
    const { chronicle, clock } = this.#facts;
    const row = this.#unfinished;
    if (row === null) return;
    this.#unfinished = null;
    const [retiredAt, reason] = [clock.now(), "the gateway was restarted, and the source says another"];
    await chronicle.record([{ ...row, state: "retired", reason, isGood: false, retiredAt }], retiredAt);
  }

  /** What is decided about a digest before any gate is asked; null: nothing. */
  #standingOf({ snapshot: { digest } }: Found, force: boolean): Standing | null {
    const { orders, deployment } = this.#facts;
    const { active, trial } = deployment;
    if (active?.generation.snapshot.digest === digest) return { kind: "active" };
    if (trial?.generation.snapshot.digest === digest) return { kind: "canary", trial };
    const entry = force ? null : orders.quarantineOf(digest);
    if (entry !== null) return { kind: "quarantined", entry };
    // Better what the source says than nothing at all.
    return orders.pin === null || active === null ? null : { kind: "held", pin: orders.pin };
  }

  async #settle(found: Found, force: boolean, objections: readonly Diagnostic[]): Promise<void> {
    const { deployment, orders } = this.#facts;
    const { candidate, snapshot, warnings } = found;
    const { digest } = snapshot;
    const gitSha = shaOf(candidate.origin);
    const standing = this.#standingOf(found, force);
    switch (standing?.kind) {
      case "active":
        return deployment.refresh(candidate, snapshot, warnings);
      case "canary":
        return deployment.note({ ...attemptedOf(standing.trial.row, "canary"), gitSha });
      case "quarantined": {
        const { generation, reason } = standing.entry;
        const about = { generation, state: "quarantined", stage: "compiled", digest, reason } as const;
        return deployment.note({ ...about, gitSha, diagnostics: [] });
      }
      case "held":
        orders.liftQuarantine(digest);
        return this.#hold(found, `generation ${standing.pin.generation} is pinned`);
      case undefined:
        orders.liftQuarantine(digest);
        return this.#promote(found, objections);
    }
  }

  /** Found good, and kept waiting. */
  async #hold({ candidate, snapshot, warnings }: Found, reason: string): Promise<void> {
    const { chronicle, clock, deployment } = this.#facts;
    const row = { ...this.#rowOf(candidate, snapshot), diagnostics: warnings };
    const held: StoredGeneration = { ...row, state: "held", stage: "tested", reason };
    await chronicle.record([held], clock.now());
    deployment.note(attemptedOf(held, "held"));
  }

  /** Into traffic, as far as the gates and the rules of what serves let it. */
  async #promote({ candidate, snapshot, warnings }: Found, objections: readonly Diagnostic[]): Promise<void> {
    const { chronicle, deployment } = this.#facts;
    const row = { ...this.#rowOf(candidate, snapshot), diagnostics: warnings };
    if (objections.length > 0) return this.#reject({ ...row, diagnostics: objections }, "gated");
    await this.#endUnfinished();
    await deployment.dropTrial(`generation ${row.number} is newer`);
    const rules = deployment.active?.generation.snapshot.rollout ?? null;
    if (rules !== null && rules.canary > 0 && !chronicle.isGood(snapshot.digest))
      return deployment.try(row, snapshot, rules);
    deployment.note(attemptedOf(await deployment.activate(row, snapshot), "active"));
  }

  async #reject(row: StoredGeneration, stage: Stage): Promise<void> {
    const { chronicle, clock, deployment } = this.#facts;
    // What does not compile may bear a secret where none should be: its bytes are kept nowhere.
    const kept = row.digest === null ? { files: [], tests: null } : {};
    const rejected: StoredGeneration = { ...row, ...kept, state: "rejected", stage };
    await chronicle.record([rejected], clock.now());
    deployment.note(attemptedOf(rejected, "rejected"));
  }

  /** A canary that the last process did not see to its end keeps its number. */
  #rowOf(candidate: Candidate, snapshot: Snapshot | null): StoredGeneration {
    const { chronicle, clock } = this.#facts;
    const digest = snapshot?.digest ?? null;
    const unfinished = digest !== null && this.#unfinished?.digest === digest ? this.#unfinished : null;
    if (unfinished !== null) this.#unfinished = null;
    const row = seen(unfinished?.number ?? chronicle.next(), candidate, clock.now());
    const compiled = snapshot === null ? null : canonicalText(redacted(canonical(snapshot)));
    return { ...row, digest, compiled, stage: "compiled" };
  }
}
