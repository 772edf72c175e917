import type { Verdict } from "./canary/verdict.ts";
import type { Attempted } from "./generation.ts";

/** What looks at the source can come to. `unchanged`: other bytes, or another commit, of the same meaning. */
export const reloadResults = [
  ...(["applied", "unchanged", "canary", "held", "rejected", "quarantined", "rolled_back"] as const),
] as const;
export type ReloadResult = (typeof reloadResults)[number];

/** What can be found of a canary. */
export const verdicts = ["promote", "rollback", "inconclusive"] as const satisfies readonly Verdict["kind"][];

/** How looks at the source and canaries ended since the process began. */
export class Counts {
  readonly #reloads = new Map<ReloadResult, number>();
  readonly #verdicts = new Map<Verdict["kind"], number>();
  #active: number | null = null;
  #judged: string | null = null;

  /** Counts what a look, a canary or a person came to. */
  attempted({ generation, state, stage }: Attempted): void {
    add(this.#reloads, this.#resultOf(generation, state, stage));
    if (state === "active") this.#active = generation;
  }

  /** Counts a verdict. The same on the same canary, which it outlives, is one. */
  judged(generation: number, { kind }: Verdict): void {
    const id = `${generation} ${kind}`;
    if (id !== this.#judged) add(this.#verdicts, kind);
    this.#judged = id;
  }

  reloads(result: ReloadResult): number {
    return this.#reloads.get(result) ?? 0;
  }

  verdicts(kind: Verdict["kind"]): number {
    return this.#verdicts.get(kind) ?? 0;
  }

  #resultOf(generation: number | null, state: Attempted["state"], stage: Attempted["stage"]): ReloadResult {
    switch (state) {
      case "active":
        return generation === this.#active ? "unchanged" : "applied";
      case "quarantined":
        // What was in traffic was taken out of it; what was not, is only not let in again.
        return stage === "compiled" ? "quarantined" : "rolled_back";
      case "retired":
        return "held";
      default:
        return state;
    }
  }
}

const add = <T>(counts: Map<T, number>, name: T): void => void counts.set(name, (counts.get(name) ?? 0) + 1);
