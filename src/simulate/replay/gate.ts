import type { Share } from "../../core/units.ts";
import type { Gates } from "../../domain/snapshot.ts";
import type { ReplayReport } from "./tally.ts";

/** Below this a replay says nothing about the change. */
export const leastFidelity: Share = 0.95;

/** What a gate makes of a report. */
export type GateVerdict =
  | { readonly kind: "passed" }
  /** The replay does not resemble what happened, or nothing was recorded. */
  | { readonly kind: "inconclusive"; readonly why: string }
  | { readonly kind: "failed"; readonly why: readonly string[] };

/** Applies the gates of the base. */
export function gate(report: ReplayReport, gates: Gates): GateVerdict {
  const { replay } = gates;
  if (replay === null) return { kind: "passed" };
  if (report.fidelity === null) return { kind: "inconclusive", why: "no requests were recorded" };
  if (report.fidelity < leastFidelity) {
    const why = `the replayed base equals what was recorded in ${percent(report.fidelity)} of requests, less than ${percent(leastFidelity)}`;
    return { kind: "inconclusive", why };
  }
  const why: string[] = [];
  const refused = report.newly_refused / report.requests;
  const { maxNewlyRefused, maxCostIncrease } = replay;
  if (maxNewlyRefused !== null && refused > maxNewlyRefused) {
    why.push(`newly refused ${percent(refused)}, more than max_newly_refused ${percent(maxNewlyRefused)}`);
  }
  const { change } = report.cost;
  if (maxCostIncrease !== null && change !== null && change > maxCostIncrease) {
    why.push(`cost +${percent(change)}, more than max_cost_increase ${percent(maxCostIncrease)}`);
  }
  return why.length === 0 ? { kind: "passed" } : { kind: "failed", why };
}

/** A share as a percentage with two decimals at most. */
export const percent = (share: Share): string => `${Number((share * 100).toFixed(2))} %`;
