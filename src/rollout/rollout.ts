import type { Diagnostic } from "../config/diagnostic.ts";
import { readSources, type SourceFile } from "../config/source.ts";
import { err, ok, type Result } from "../core/result.ts";
import type { EpochMs } from "../core/units.ts";
import type { Snapshot } from "../domain/snapshot.ts";
import type { Clock } from "../runtime/clock.ts";
import { sha256Hex } from "../runtime/digest.ts";
import { type Judge, judge } from "./candidate.ts";
import type { Control } from "./control.ts";
import type { StoredGeneration } from "./control_store.ts";

/** A generation that serves. */
export interface Generation {
  readonly number: number;
  readonly snapshot: Snapshot;
}

/** What the last look at the source came to. */
export interface Attempted {
  readonly state: "active" | "rejected";
  readonly stage: "read" | "compiled" | "bound" | "active";
  readonly at: EpochMs;
  readonly diagnostics: readonly Diagnostic[];
}

/** What rollout needs of the world. */
export interface RolloutFacts {
  readonly path: string;
  readonly judge: Judge;
  readonly control: Control;
  readonly clock: Clock;
  /** Moves the pointer. Nothing can refuse any more. */
  readonly serve: (generation: Generation) => void;
  readonly tell: (attempted: Attempted, generation: Generation | null) => void;
}

/**
 * Takes what the source says to what is served: read, compiled, bound, active. One look at a time, newest wins; whatever
 * refuses leaves the running generation alone.
 */
export class Rollout {
  readonly #facts: RolloutFacts;
  #active: Generation | null = null;
  #since: EpochMs = 0;
  #attempted: Attempted | null = null;
  #seen: string | null = null;
  #files: readonly SourceFile[] = [];
  #looking: Promise<void> | null = null;
  #again = false;
  #unwritten: StoredGeneration | null = null;

  constructor(facts: RolloutFacts) {
    this.#facts = facts;
  }

  get attempted(): Attempted | null {
    return this.#attempted;
  }

  /** Why what serves is not what the source says, or is not on disk; null when all is well. */
  get degraded(): string | null {
    if (this.#attempted?.state === "rejected")
      return "the source was refused; the last known good generation serves";
    return this.#unwritten === null ? null : "the active generation is not persisted";
  }

  get since(): EpochMs {
    return this.#since;
  }

  /** Every file that the configuration was made of, for those who watch them. */
  get files(): readonly string[] {
    return this.#files.map(({ name }) => name);
  }

  /** The first look. A source that is refused is no reason not to serve while there is a last known good. */
  async boot(): Promise<Result<Generation, readonly Diagnostic[]>> {
    await this.look();
    if (this.#active !== null) return ok(this.#active);
    const recalled = this.#recall();
    if (recalled === null) return err(this.#attempted?.diagnostics ?? []);
    this.#active = recalled;
    this.#facts.serve(recalled);
    return ok(recalled);
  }

  /** Looks at the source now, or once more after the look under way. Never rejects. */
  look(): Promise<void> {
    if (this.#looking !== null) {
      this.#again = true;
      return this.#looking;
    }
    this.#looking = this.#lookUntilQuiet().finally(() => {
      this.#looking = null;
    });
    return this.#looking;
  }

  async #lookUntilQuiet(): Promise<void> {
    do {
      this.#again = false;
      await this.#lookOnce();
    } while (this.#again);
    if (this.#unwritten !== null) await this.#persist(this.#unwritten);
  }

  async #lookOnce(): Promise<void> {
    const read = await readSources(this.#facts.path);
    const seen = read.ok ? hashOf(read.value) : `unreadable ${JSON.stringify(read.error)}`;
    // Secrets may turn up without a byte of the file changing.
    if (seen === this.#seen && this.#attempted?.stage !== "bound") return;
    if (this.#seen !== null && !(await this.#isQuiet(seen))) return;
    const known = seen === this.#seen;
    this.#seen = seen;
    if (!read.ok) return this.#reject("read", read.error, known);
    this.#files = read.value;
    const judged = judge(read.value, this.#facts.judge);
    if (!judged.ok) return this.#reject(judged.stage, judged.diagnostics, known);
    await this.#activate(judged.snapshot, read.value, judged.warnings);
  }

  /** A save in place is seen half written: only what reads the same twice counts. */
  async #isQuiet(seen: string): Promise<boolean> {
    await this.#facts.clock.sleep(quietMs, never);
    const again = await readSources(this.#facts.path);
    const quiet = (again.ok ? hashOf(again.value) : `unreadable ${JSON.stringify(again.error)}`) === seen;
    if (!quiet) this.#again = true;
    return quiet;
  }

  #reject(stage: "read" | "compiled" | "bound", diagnostics: readonly Diagnostic[], known: boolean): void {
    this.#attempted = { state: "rejected", stage, at: this.#facts.clock.now(), diagnostics };
    if (!known) this.#facts.tell(this.#attempted, this.#active);
  }

  async #activate(
    snapshot: Snapshot,
    files: readonly SourceFile[],
    warnings: readonly Diagnostic[],
  ): Promise<void> {
    const { clock, control, path } = this.#facts;
    const now = clock.now();
    const attempted: Attempted = { state: "active", stage: "active", at: now, diagnostics: warnings };
    if (this.#active?.snapshot.digest === snapshot.digest) {
      // Same meaning; positions may have moved.
      return this.#serve({ number: this.#active.number, snapshot }, attempted);
    }
    const { lastKnownGood, newestNumber } = control.remembered;
    const isLast = this.#active === null && lastKnownGood?.digest === snapshot.digest;
    const number = isLast ? lastKnownGood.number : Math.max(this.#active?.number ?? 0, newestNumber) + 1;
    await this.#persist({
      number,
      digest: snapshot.digest,
      source: path,
      files: files.map(packed),
      activeAt: now,
    });
    this.#since = now;
    this.#serve({ number, snapshot }, attempted);
  }

  async #persist(generation: StoredGeneration): Promise<void> {
    const problem = await this.#facts.control.activate(generation);
    this.#unwritten = problem === null ? null : generation;
  }

  #serve(generation: Generation, attempted: Attempted): void {
    this.#active = generation;
    this.#facts.serve(generation);
    // Not before the pointer has moved: whoever reads that it is live finds it so.
    this.#attempted = attempted;
    this.#facts.tell(attempted, generation);
  }

  /** The last known good, compiled anew from its own bytes. */
  #recall(): Generation | null {
    const { lastKnownGood } = this.#facts.control.remembered;
    if (lastKnownGood === null) return null;
    const files = lastKnownGood.files.map(({ name, base64 }) => ({
      name,
      bytes: new Uint8Array(Buffer.from(base64, "base64")),
    }));
    const judged = judge(files, this.#facts.judge);
    return judged.ok ? { number: lastKnownGood.number, snapshot: judged.snapshot } : null;
  }
}

const quietMs = 100;
const never = new AbortController().signal;

const packed = ({ name, bytes }: SourceFile) => ({ name, base64: Buffer.from(bytes).toString("base64") });

const hashOf = (files: readonly SourceFile[]): string =>
  sha256Hex(files.map(({ name, bytes }) => `${name} ${sha256Hex(bytes)}`).join("\n"));
