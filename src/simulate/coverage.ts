import type { Snapshot } from "../domain/snapshot.ts";
import { type Part, partsOf } from "./parts.ts";
import { reachOf } from "./reach.ts";
import type { Case } from "./scenario/case.ts";
import { type CaseResult, holds, type TestOptions } from "./tests.ts";

/** How much of a routing file its tests assert on. */
export interface Coverage {
  /** 0 to 100; a file without any rules is covered. */
  readonly percent: number;
  readonly covered: number;
  readonly total: number;
  readonly uncovered: readonly Part[];
  /** What no case can assert on, whatever it sends; not in the total. */
  readonly leftOut: readonly Part[];
}

/**
 * What of a routing file its tests assert on: every model, target, fallback, alias, limit, budget and failover policy of
 * it without which at least one passing case would fail. To run through a rule is not enough: a case that expects only an
 * answer says nothing of who gave it.
 *
 * A rule is taken away, and the cases that can reach it are run again until one of them no longer holds. A policy is taken
 * away by failing over to nobody.
 */
export async function coverageOf(
  snapshot: Snapshot,
  results: readonly CaseResult[],
  { pause }: Pick<TestOptions, "pause"> = {},
): Promise<Coverage> {
  const parts = partsOf(snapshot);
  const counted = parts.filter(({ shadow }) => shadow === null);
  const witnesses = witnessesOf(snapshot, results);
  const uncovered: Part[] = [];
  for (const part of counted) {
    await pause?.();
    const isNoticed = await notices(part.without(), witnesses, part.touches);
    if (!isNoticed) uncovered.push(part);
  }
  const total = counted.length;
  const covered = total - uncovered.length;
  return {
    percent: total === 0 ? 100 : (100 * covered) / total,
    covered,
    total,
    uncovered,
    leftOut: parts.filter(({ shadow }) => shadow !== null),
  };
}

/** A case that passes, and what can change how it goes. */
export interface Witness {
  readonly scene: Case;
  readonly reach: ReturnType<typeof reachOf>;
}

/** The cases that pass, the cheapest first. */
export function witnessesOf(snapshot: Snapshot, results: readonly CaseResult[]): readonly Witness[] {
  const cost = ({ played }: CaseResult) => played.reduce((sum, { sent }) => sum + sent.length, 0);
  return results
    .filter(({ mismatches }) => mismatches.length === 0)
    .toSorted((a, b) => cost(a) - cost(b))
    .map(({ scene }) => ({ scene, reach: reachOf(snapshot, scene) }));
}

/** Whether one of the cases no longer holds under a changed configuration. */
export async function notices(
  changed: Snapshot,
  witnesses: readonly Witness[],
  touches: (reach: Witness["reach"]) => boolean,
): Promise<boolean> {
  for (const { scene, reach } of witnesses) {
    if (touches(reach) && !(await holds(changed, scene))) return true;
  }
  return false;
}

/** `83.3`: rounded down, so that 100.0 means all. */
export const showPercent = (percent: number): string => (Math.floor(percent * 10 + 1e-9) / 10).toFixed(1);
