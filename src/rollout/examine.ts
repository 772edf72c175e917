import type { Diagnostic } from "../config/diagnostic.ts";
import type { Snapshot } from "../domain/snapshot.ts";
import { type Judge, judge } from "./candidate.ts";
import type { Stage } from "./generation.ts";
import type { Candidate } from "./source.ts";

/** How far a candidate came. */
export type Examined =
  | { readonly ok: true; readonly snapshot: Snapshot; readonly warnings: readonly Diagnostic[] }
  | {
      readonly ok: false;
      readonly stage: Stage;
      readonly diagnostics: readonly Diagnostic[];
      /** Null when it did not compile. */
      readonly snapshot: Snapshot | null;
      /** Whether the same bytes may be found good later: a secret was not there yet. */
      readonly mayPass: boolean;
    };

/** What a candidate is examined with. */
export interface Examiner {
  readonly judge: Judge;
  /** Runs the tests of a configuration; what failed, or nothing. */
  readonly test: (snapshot: Snapshot, candidate: Candidate) => Promise<readonly Diagnostic[]>;
}

/** Everything that can refuse a configuration by itself, in order: it compiles, its secrets are there, its tests pass. */
export async function examine(candidate: Candidate, { judge: by, test }: Examiner): Promise<Examined> {
  const judged = judge(candidate.files, by);
  if (!judged.ok) {
    const { stage, diagnostics } = judged;
    return { ok: false, stage: "compiled", diagnostics, snapshot: null, mayPass: stage === "bound" };
  }
  const { snapshot, warnings } = judged;
  const failed = await test(snapshot, candidate);
  if (failed.some(({ severity }) => severity === "error")) {
    return { ok: false, stage: "tested", diagnostics: failed, snapshot, mayPass: false };
  }
  return { ok: true, snapshot, warnings };
}
