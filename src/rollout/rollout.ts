import type { Diagnostic } from "../config/diagnostic.ts";
import { err, ok, type Result } from "../core/result.ts";
import type { DurationMs } from "../core/units.ts";
import { Admission, type AdmissionFacts } from "./admission.ts";
import type { Verdict } from "./canary/verdict.ts";
import { Chronicle } from "./chronicle.ts";
import type { Control } from "./control.ts";
import { Deployment, type DeploymentFacts } from "./deployment.ts";
import { type Examiner, examine } from "./examine.ts";
import { hashOf } from "./file_source.ts";
import type { Generation, GenerationState } from "./generation.ts";
import type { Candidate, Reading, Source } from "./source.ts";
import { Turns } from "./turns.ts";

/** What rollout needs of the world. */
export interface RolloutFacts
  extends Examiner,
    Omit<DeploymentFacts, "chronicle">,
    Pick<AdmissionFacts, "gate"> {
  readonly source: Source;
  readonly control: Control;
  /** Told of a candidate that was not seen before, when it begins to be examined. */
  readonly onSeen: (candidate: Candidate) => void;
  /** Told of each verdict on a canary, also of one that it outlives. */
  readonly onVerdict: (generation: number, verdict: Verdict) => void;
}

/** Ends of a look after which something else serves than what the source says, without anybody having said so. */
const troubles: Readonly<Partial<Record<GenerationState | "unheard" | "unreachable", string>>> = {
  unheard: "the source has not been judged yet",
  unreachable: "the source cannot be reached",
  rejected: "the source was refused",
  quarantined: "the source is quarantined",
};

/** What served once the process had started: what the source says, or in its place what was good before, or a pin. */
export type BootSource = "source" | "last_known_good" | "pin";

/** What can serve already does not wait longer for the source: a remote that hangs keeps nobody from being answered. */
const patienceMs: DurationMs = 3_000;

/**
 * Takes what the source says to what is served, stage by stage; whatever refuses leaves the running generation alone. One
 * thing happens at a time, the newest wins, and people outrank it.
 */
export class Rollout {
  readonly #facts: RolloutFacts;
  readonly chronicle: Chronicle;
  readonly deployment: Deployment;
  readonly #admission: Admission;
  /** Whatever changes what serves, people and canaries too, waits for its turn here. */
  readonly turns = new Turns();
  /** One look after the other. What is slow in one, reading, tests and gates, keeps nobody from a turn. */
  readonly #looks = new Turns();
  /** What was last looked at, and whether the same may pass at another time. */
  #seen: { readonly hash: string; readonly mayPass: boolean } | null = null;
  #bootSource: BootSource = "source";
  #looking: Promise<void> | null = null;
  #again = false;
  #hasLooked = false;

  constructor(facts: RolloutFacts) {
    this.#facts = facts;
    this.chronicle = new Chronicle(facts.control);
    this.deployment = new Deployment({ ...facts, chronicle: this.chronicle });
    const { chronicle, deployment, turns } = this;
    const { unfinished } = facts.control.remembered;
    this.#admission = new Admission({ ...facts, chronicle, deployment, turns, unfinished });
  }

  get active(): Generation | null {
    return this.deployment.active?.generation ?? null;
  }

  get bootSource(): BootSource {
    return this.#bootSource;
  }

  /** Why what serves is not what the source says, or is not on disk; null when all is well. */
  get degraded(): string | null {
    const { orders, clock } = this.#facts;
    const { attempted } = this.deployment;
    const isLooking = attempted !== null || orders.suspension(clock.now()) === null;
    const unknown = this.#hasLooked ? "unreachable" : "unheard";
    const source = isLooking ? troubles[attempted?.state ?? unknown] : undefined;
    const found = [
      ...(source === undefined ? [] : [`${source}; the last known good generation serves`]),
      ...(this.chronicle.isBehind ? ["not persisted: the control database cannot be written"] : []),
    ];
    return found.length === 0 ? null : found.join("; ");
  }

  /**
   * What a pin or the last known good was serves first, so that nothing in the source can keep the gateway down; what the
   * source says later than in {@link patienceMs} is taken when it comes.
   */
  async boot(): Promise<Result<Generation, readonly Diagnostic[]>> {
    const { orders, control } = this.#facts;
    const pinned = orders.pin === null ? null : this.chronicle.recall(orders.pin.generation);
    const { lastKnownGood } = control.remembered;
    if (pinned !== null && this.deployment.resume(pinned)) this.#bootSource = "pin";
    else if (lastKnownGood !== null && this.deployment.resume(lastKnownGood))
      this.#bootSource = "last_known_good";
    const looked = this.look();
    if (this.active === null) await looked;
    else await this.#within(patienceMs, looked);
    const { attempted } = this.deployment;
    if (this.#bootSource === "last_known_good" && attempted?.state === "active") this.#bootSource = "source";
    return this.active === null ? err(attempted?.diagnostics ?? []) : ok(this.active);
  }

  /** Looks at the source now, or once more after the look under way. `force` looks past quarantine and suspension. Never rejects. */
  look({ force = false }: { readonly force?: boolean } = {}): Promise<void> {
    if (this.#looking !== null && !force) {
      this.#again = true;
      return this.#looking;
    }
    const looking = this.#looks
      .take(async () => {
        let forced = force;
        do {
          this.#again = false;
          const isDone = await this.#lookOnce(forced);
          if (isDone) forced = false;
          else this.#again = true;
        } while (this.#again);
        this.#hasLooked = true;
        await this.#admission.endUnfinished();
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
    if (verdict.kind !== "go_on") this.#facts.onVerdict(trial.generation.number, verdict);
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

  async #within(ms: DurationMs, work: Promise<void>): Promise<void> {
    const done = new AbortController();
    await Promise.race([work, this.#facts.clock.sleep(ms, done.signal)]);
    done.abort();
  }

  /** False: what serves has changed meanwhile, and all is to be done again. */
  async #lookOnce(force: boolean): Promise<boolean> {
    const { source } = this.#facts;
    if (this.#admission.isSuspended(force)) return true;
    const reading = await source.read({ force });
    if (reading.kind === "nothing") return true;
    const hash = hashOf(reading);
    const before = this.#seen;
    if (hash === before?.hash && !before.mayPass && !force) return true;
    this.#seen = { hash, mayPass: false };
    if (reading.kind === "candidate")
      return this.#consider(reading.candidate, hash, { force, isKnown: hash === before?.hash });
    this.#refuse(reading);
    return true;
  }

  #refuse({ stage, diagnostics, gitSha }: Extract<Reading, { readonly kind: "refused" }>): void {
    const state = { generation: null, state: "rejected", digest: null, reason: null } as const;
    this.deployment.note({ ...state, stage, gitSha, diagnostics });
  }

  async #consider(
    candidate: Candidate,
    hash: string,
    { force, isKnown }: { readonly force: boolean; readonly isKnown: boolean },
  ): Promise<boolean> {
    if (!isKnown) this.#facts.onSeen(candidate);
    const examined = await examine(candidate, this.#facts);
    if (examined.ok) {
      const { snapshot, warnings } = examined;
      const end = await this.#admission.admit({ candidate, snapshot, warnings }, force);
      if (end === "overtaken") this.forget();
      return end === "settled";
    }
    this.#seen = { hash, mayPass: examined.mayPass };
    const { snapshot, stage, diagnostics } = examined;
    // What only waits for a secret is told once.
    if (!isKnown) await this.#admission.reject(candidate, snapshot, stage, diagnostics);
    return true;
  }
}
