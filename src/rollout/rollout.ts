import { canonical, canonicalText } from "../config/canonical.ts";
import type { Diagnostic } from "../config/diagnostic.ts";
import { err, ok, type Result } from "../core/result.ts";
import type { Snapshot } from "../domain/snapshot.ts";
import { Chronicle } from "./chronicle.ts";
import type { Control } from "./control.ts";
import { Deployment, type DeploymentFacts, type Serving } from "./deployment.ts";
import { type Examiner, examine } from "./examine.ts";
import { hashOf } from "./file_source.ts";
import {
  attemptedOf,
  type Generation,
  type Stage,
  type StoredGeneration,
  seen,
  shaOf,
} from "./generation.ts";
import type { Candidate, Reading, Source } from "./source.ts";
import { Turns } from "./turns.ts";

/** What rollout needs of the world. */
export interface RolloutFacts extends Examiner, Omit<DeploymentFacts, "chronicle"> {
  readonly source: Source;
  readonly control: Control;
  /** What the gates of what serves object to in a candidate; nothing when they are passed, or there are none. */
  readonly gate: (base: Serving, head: Candidate) => Promise<readonly Diagnostic[]>;
}

/** Where what serves came from when the process started. */
export type BootSource = "source" | "last_known_good" | "pin";

/**
 * Takes what the source says to what is served, stage by stage; whatever refuses leaves the running generation alone. One
 * thing happens at a time, the newest wins, and people outrank it.
 */
export class Rollout {
  readonly #facts: RolloutFacts;
  readonly chronicle: Chronicle;
  readonly deployment: Deployment;
  /** Whatever changes what serves, people and canaries too, waits for its turn here. */
  readonly turns = new Turns();
  /** What was last looked at, and whether the same may pass at another time. */
  #seen: { readonly hash: string; readonly mayPass: boolean } | null = null;
  #bootSource: BootSource = "source";
  #looking: Promise<void> | null = null;
  #again = false;

  constructor(facts: RolloutFacts) {
    this.#facts = facts;
    this.chronicle = new Chronicle(facts.control);
    this.deployment = new Deployment({ ...facts, chronicle: this.chronicle });
  }

  get active(): Generation | null {
    return this.deployment.active?.generation ?? null;
  }

  get bootSource(): BootSource {
    return this.#bootSource;
  }

  /** Why what serves is not what the source says, or is not on disk; null when all is well. */
  get degraded(): string | null {
    const { attempted } = this.deployment;
    if (attempted === null) return "the source cannot be reached; the last known good generation serves";
    if (attempted.state === "rejected")
      return "the source was refused; the last known good generation serves";
    if (attempted.state === "quarantined")
      return "the source is quarantined; the last known good generation serves";
    return this.chronicle.isBehind ? "not persisted: the control database cannot be written" : null;
  }

  /** What a pin or the last known good was serves first, so that nothing in the source can keep the gateway down. */
  async boot(): Promise<Result<Generation, readonly Diagnostic[]>> {
    const { orders, control } = this.#facts;
    const pinned = orders.pin === null ? null : this.chronicle.recall(orders.pin.generation);
    const { lastKnownGood } = control.remembered;
    if (pinned !== null && this.deployment.resume(pinned)) this.#bootSource = "pin";
    else if (lastKnownGood !== null && this.deployment.resume(lastKnownGood))
      this.#bootSource = "last_known_good";
    await this.look();
    return this.active === null ? err(this.deployment.attempted?.diagnostics ?? []) : ok(this.active);
  }

  /** Looks at the source now, or once more after the look under way. `force` looks past quarantine and suspension. Never rejects. */
  look({ force = false }: { readonly force?: boolean } = {}): Promise<void> {
    if (this.#looking !== null && !force) {
      this.#again = true;
      return this.#looking;
    }
    const looking = this.turns
      .take(async () => {
        do {
          this.#again = false;
          await this.#lookOnce(force);
        } while (this.#again);
        // What could not be written before is tried again with every look.
        await this.chronicle.write([]);
      })
      .finally(() => {
        if (this.#looking === looking) this.#looking = null;
      });
    this.#looking = looking;
    return looking;
  }

  /** Forgets what was seen, so that the next look judges it again. */
  forget(): void {
    this.#seen = null;
  }

  /** Looks at a canary that runs, and acts on the verdict. */
  async checkTrial(): Promise<void> {
    const { trial } = this.deployment;
    if (trial === null) return;
    const verdict = trial.judge(this.#facts.clock.now());
    const isOver = verdict.kind === "inconclusive" ? verdict.then !== "hold" : verdict.kind !== "go_on";
    if (!isOver) return;
    await this.turns.take(async () => {
      // A person, or a newer commit, may have been quicker.
      if (this.deployment.trial !== trial || verdict.kind === "go_on") return;
      const isGood =
        verdict.kind === "inconclusive" ? verdict.then === "promote" : verdict.kind === "promote";
      const reason = verdict.kind === "inconclusive" ? `inconclusive(${verdict.why})` : verdict.reason;
      if (isGood) await this.deployment.promote(reason);
      else await this.deployment.withdraw("canary", reason);
    });
  }

  async #lookOnce(force: boolean): Promise<void> {
    const { source, orders, clock } = this.#facts;
    if (orders.suspension(clock.now()) !== null && !force && this.active !== null) return;
    const reading = await source.read({ force });
    if (reading.kind === "nothing") return;
    const hash = hashOf(reading);
    const before = this.#seen;
    if (hash === before?.hash && !before.mayPass && !force) return;
    this.#seen = { hash, mayPass: false };
    if (reading.kind === "refused") this.#refuse(reading);
    else await this.#consider(reading.candidate, hash, { force, isKnown: hash === before?.hash });
  }

  #refuse({ stage, diagnostics, gitSha }: Extract<Reading, { readonly kind: "refused" }>): void {
    const state = { generation: null, state: "rejected", digest: null, reason: null } as const;
    this.deployment.note({ ...state, stage, gitSha, diagnostics });
  }

  async #consider(
    candidate: Candidate,
    hash: string,
    { force, isKnown }: { readonly force: boolean; readonly isKnown: boolean },
  ): Promise<void> {
    const examined = await examine(candidate, this.#facts);
    if (examined.ok) return this.#admit(candidate, examined.snapshot, examined.warnings, force);
    this.#seen = { hash, mayPass: examined.mayPass };
    const { snapshot, stage, diagnostics } = examined;
    // What only waits for a secret is told once.
    if (!isKnown) await this.#reject(this.#rowOf(candidate, snapshot, diagnostics), stage);
  }

  async #admit(
    candidate: Candidate,
    snapshot: Snapshot,
    warnings: readonly Diagnostic[],
    force: boolean,
  ): Promise<void> {
    const { deployment } = this;
    const { orders, gate } = this.#facts;
    const { digest } = snapshot;
    const base = this.active?.snapshot ?? null;
    if (base?.digest === digest) return deployment.refresh(candidate, snapshot, warnings);
    if (deployment.trial?.generation.snapshot.digest === digest) return;
    const quarantined = orders.quarantineOf(digest);
    if (quarantined !== null && !force) {
      const { generation, reason } = quarantined;
      const about = { generation, state: "quarantined", stage: "compiled", digest, reason } as const;
      return deployment.note({ ...about, gitSha: shaOf(candidate.origin), diagnostics: [] });
    }
    orders.liftQuarantine(digest);
    const row = this.#rowOf(candidate, snapshot, warnings);
    if (orders.pin !== null) return this.#hold(row, `generation ${orders.pin.generation} is pinned`);
    const objections = deployment.active === null ? [] : await gate(deployment.active, candidate);
    if (objections.length > 0) return this.#reject({ ...row, diagnostics: objections }, "gated");
    await deployment.dropTrial(`generation ${row.number} is newer`);
    const rules = base?.rollout ?? null;
    const needsTrial = rules !== null && rules.canary > 0 && !this.chronicle.isGood(digest);
    await (needsTrial ? deployment.try(row, snapshot, rules) : deployment.activate(row, snapshot));
  }

  /** Found good, and kept waiting. */
  async #hold(row: StoredGeneration, reason: string): Promise<void> {
    const held: StoredGeneration = { ...row, state: "held", stage: "tested", reason };
    await this.chronicle.record([held], this.#facts.clock.now());
    this.deployment.note(attemptedOf(held, "held"));
  }

  /** A bad test of the very configuration that serves rejects its commit, and not what serves. */
  async #reject(row: StoredGeneration, stage: Stage): Promise<void> {
    // What does not compile may bear a secret where none should be: its bytes are kept nowhere.
    const kept = row.digest === null ? { files: [], tests: null } : {};
    const rejected: StoredGeneration = { ...row, ...kept, state: "rejected", stage };
    const isServing = row.digest !== null && row.digest === this.active?.snapshot.digest;
    if (!isServing) await this.chronicle.record([rejected], this.#facts.clock.now());
    this.deployment.note(attemptedOf(rejected, "rejected"));
  }

  /** A canary that the last process did not see to its end keeps its number. */
  #rowOf(
    candidate: Candidate,
    snapshot: Snapshot | null,
    diagnostics: readonly Diagnostic[],
  ): StoredGeneration {
    const digest = snapshot?.digest ?? null;
    const { unfinished } = this.#facts.control.remembered;
    const number =
      digest !== null && unfinished?.digest === digest ? unfinished.number : this.chronicle.next();
    const compiled = snapshot === null ? null : canonicalText(canonical(snapshot));
    const row = seen(number, candidate, this.#facts.clock.now());
    return { ...row, digest, compiled, stage: "compiled", diagnostics };
  }
}
