import type { RequestRow } from "../../domain/journal.ts";
/** Placeholder until the canary's own figures land in this file. */
export interface ArmSummary {
  readonly requests: number;
}
/** Placeholder. */
export class ArmFigures {
  #requests = 0;
  observe(_row: RequestRow, _isForeign: (endpointId: string) => boolean): void {
    this.#requests += 1;
  }
  summary(): ArmSummary {
    return { requests: this.#requests };
  }
}
