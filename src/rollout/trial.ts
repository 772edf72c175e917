import type { DurationMs, EpochMs } from "../core/units.ts";
import type { RequestRow } from "../domain/journal.ts";
import type { Rollout as Rules, Snapshot } from "../domain/snapshot.ts";
import { endpointsOf } from "./canary/endpoints.ts";
import { ArmFigures, type ArmSummary } from "./canary/figures.ts";
import { judge, type Verdict } from "./canary/verdict.ts";
import type { Generation, StoredGeneration } from "./generation.ts";

/** How often a canary is looked at. */
export const lookMs: DurationMs = 1_000;

/** A generation on a slice of the traffic, beside the one that has the rest. Both are measured from its beginning. */
export class Trial {
  readonly generation: Generation;
  readonly row: StoredGeneration;
  readonly rules: Rules;
  readonly #stable = new ArmFigures();
  readonly #canary = new ArmFigures();
  readonly #stableNumber: number;
  /** Whether an endpoint is one that the stable arm would not use. */
  readonly #isForeign: (endpointId: string) => boolean;

  /** The rules are the stable generation's: nobody judges his own case. */
  constructor(generation: Generation, row: StoredGeneration, stable: Generation, rules: Rules) {
    this.generation = generation;
    this.row = row;
    this.rules = rules;
    this.#stableNumber = stable.number;
    this.#isForeign = foreignTo(stable.snapshot);
  }

  /** Takes in a request that has ended, of whichever arm; one that another generation served is passed over. */
  observe(row: RequestRow): void {
    if (row.generation === this.generation.number) this.#canary.observe(row, this.#isForeign);
    else if (row.generation === this.#stableNumber) this.#stable.observe(row, () => false);
  }

  judge(now: EpochMs): Verdict {
    return judge(this.#stable, this.#canary, this.rules, now - this.generation.since);
  }

  arms(): { readonly stable: ArmSummary; readonly canary: ArmSummary } {
    return { stable: this.#stable.summary(), canary: this.#canary.summary() };
  }
}

function foreignTo(snapshot: Snapshot): (endpointId: string) => boolean {
  const isOwn = endpointsOf(snapshot);
  return (endpointId) => !isOwn(endpointId);
}
