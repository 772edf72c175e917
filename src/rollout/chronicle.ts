import type { EpochMs } from "../core/units.ts";
import type { AuditEntry } from "./audit.ts";
import type { Control } from "./control.ts";
import type { Change } from "./control_store.ts";
import type { GenerationSummary, StoredGeneration } from "./generation.ts";
import { auditIn, generationIn, goodIn, historyIn, type Step, stepsIn } from "./generation_rows.ts";
import { Turns } from "./turns.ts";

/** Numbers generations and writes their way down. What cannot be written now is written with what comes next. */
export class Chronicle {
  readonly #control: Control;
  #newest: number;
  readonly #good: Set<string>;
  readonly #turns = new Turns();
  #unwritten: readonly Change[] = [];

  constructor(control: Control) {
    this.#control = control;
    this.#newest = control.remembered.newestNumber;
    this.#good = new Set(control.remembered.goodDigests);
  }

  /** Whether something that happened is not on disk. */
  get isBehind(): boolean {
    return this.#unwritten.length > 0;
  }

  next(): number {
    this.#newest += 1;
    return this.#newest;
  }

  /** Whether a digest once served everybody and was not taken back. */
  isGood(digest: string): boolean {
    return this.#good.has(digest);
  }

  /** Generations as they stand now, together, each with a step. */
  async record(generations: readonly StoredGeneration[], at: EpochMs): Promise<void> {
    for (const { digest, isGood, state } of generations) {
      if (digest !== null && isGood) this.#good.add(digest);
      else if (digest !== null && state === "quarantined") this.#good.delete(digest);
    }
    await this.write(
      generations.flatMap((generation): readonly Change[] => [
        { kind: "generation", generation },
        {
          kind: "step",
          generation: generation.number,
          stage: stepOf(generation),
          at,
          note: generation.reason,
        },
      ]),
    );
  }

  /** Who did what. */
  audit(entry: AuditEntry): Promise<void> {
    return this.write([{ kind: "audit", entry }]);
  }

  /** Writes changes, together with all that was told in the same moment. Kept until they are known to be on disk. */
  write(changes: readonly Change[]): Promise<void> {
    this.#unwritten = [...this.#unwritten, ...changes];
    return this.#turns.take(() => this.#flush());
  }

  /** A generation of the past; null when it is not, or no longer, kept. */
  recall(number: number): StoredGeneration | null {
    return this.#control.read((sqlite) => generationIn(sqlite, number));
  }

  /** The newest generations first. */
  history(most: number): readonly GenerationSummary[] {
    return this.#control.read((sqlite) => historyIn(sqlite, most)) ?? [];
  }

  /** Generations that served everybody and were not taken back, the most recent first. */
  good(): readonly GenerationSummary[] {
    return this.#control.read(goodIn) ?? [];
  }

  /** The way of a generation, oldest step first. */
  steps(number: number): readonly Step[] {
    return this.ways(number, number).get(number) ?? [];
  }

  /** The ways of the generations from the first to the last number, by number. */
  ways(first: number, last: number): ReadonlyMap<number, readonly Step[]> {
    return this.#control.read((sqlite) => stepsIn(sqlite, first, last)) ?? new Map();
  }

  /** Who did what, the newest first. */
  audited(most: number): readonly AuditEntry[] {
    return this.#control.read((sqlite) => auditIn(sqlite, most)) ?? [];
  }

  async #flush(): Promise<void> {
    const batch = this.#unwritten;
    if (batch.length === 0) return;
    const problem = await this.#control.commit(batch);
    if (problem === null) this.#unwritten = this.#unwritten.slice(batch.length);
  }
}

const stepOf = ({ state, stage }: StoredGeneration): string =>
  state === "rejected" ? `rejected at ${stage}` : state;
