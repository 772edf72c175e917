import type { Snapshot } from "../domain/snapshot.ts";
import { notices, witnessesOf } from "./coverage.ts";
import { accessMutants } from "./mutants/access.ts";
import { ownedRules } from "./mutants/limits.ts";
import { modelMutants } from "./mutants/models.ts";
import type { Mutant } from "./mutants/mutant.ts";
import { nameMutants } from "./mutants/names.ts";
import { paramMutants } from "./mutants/params.ts";
import { policyMutants } from "./mutants/policies.ts";
import { providerMutants } from "./mutants/providers.ts";
import type { CaseResult, TestOptions } from "./tests.ts";

/** What became of the mutants of a routing file. */
export interface Mutation {
  readonly total: number;
  /** Those that no case noticed, in the order of the file. */
  readonly survivors: readonly Mutant[];
}

/**
 * Changes one rule of a routing file at a time, and runs the passing cases that it can matter to until one of them no longer
 * holds. What is changed: targets, fallbacks, aliases, defaults and overrides are taken away; neighbours swapped; limits,
 * budgets, bounds, contexts and prices doubled; keys, teams and policies made more generous; strategies, weights and tags
 * forgotten; what is switched off switched on. A change that can make no difference to any case is no mutant.
 */
export async function mutate(
  snapshot: Snapshot,
  results: readonly CaseResult[],
  { pause }: Pick<TestOptions, "pause"> = {},
): Promise<Mutation> {
  const mutants = await mutantsOf(snapshot);
  const witnesses = witnessesOf(snapshot, results);
  const survivors: Mutant[] = [];
  for (const mutant of mutants) {
    await pause?.();
    if (!(await notices(mutant.make(), witnesses, mutant.touches))) survivors.push(mutant);
  }
  return { total: mutants.length, survivors };
}

/** Every mutant of a routing file, by place. */
export async function mutantsOf(snapshot: Snapshot): Promise<readonly Mutant[]> {
  const all = [
    ...accessMutants(snapshot),
    ...limitMutants(snapshot),
    ...providerMutants(snapshot),
    ...modelMutants(snapshot),
    ...paramMutants(snapshot),
    ...nameMutants(snapshot),
    ...(await policyMutants(snapshot)),
  ];
  return all.toSorted(
    (a, b) => compare(a.at.file, b.at.file) || a.at.line - b.at.line || a.at.column - b.at.column,
  );
}

const limitMutants = (snapshot: Snapshot): readonly Mutant[] =>
  ownedRules(snapshot)
    .filter(({ shadow }) => shadow === null)
    .map(({ owner, rule, replaced, touches }) => ({
      at: rule.at,
      says: `${owner} with ${rule.limit} ${rule.of * 2} instead of ${rule.of}`,
      make: () => replaced(rule.of * 2),
      touches,
    }));

const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);
