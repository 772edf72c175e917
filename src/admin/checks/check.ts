import type { TargetResult } from "../../gateway/probe/probe.ts";
import type { ModelVerdict, Verdict } from "../../gateway/probe/verdict.ts";
import type { Board } from "../routes/board.ts";

/** A line of `/admin/api/checks`: a target that is done, or the verdicts at the end. */
export type Line =
  | (TargetResult & { readonly kind: "target"; readonly done: number; readonly of: number })
  | { readonly kind: "done"; readonly models: readonly ModelVerdict[] };

/** A check as far as it is. */
export interface Check {
  readonly state: "running" | "done" | "stopped" | "failed";
  readonly results: readonly TargetResult[];
  readonly of: number;
  /** Empty until all targets are done. */
  readonly verdicts: readonly ModelVerdict[];
  /** Why it failed, in the gateway's words. */
  readonly problem: string | null;
}

/** Nothing has come yet of so many targets. */
export const begun = (of: number): Check => ({
  ...{ state: "running", results: [], of, verdicts: [], problem: null },
});

/** A check after one more line. */
export function after(check: Check, line: Line): Check {
  if (line.kind === "done") return { ...check, state: "done", verdicts: line.models };
  return { ...check, results: [...check.results, line], of: line.of };
}

/** The models that are checked where nobody chose: what clients are shown, but for patterns. */
export const listedIn = ({ models }: Pick<Board, "models">): readonly string[] =>
  models
    .filter(({ name, enabled, visible }) => enabled && visible && !name.endsWith("*"))
    .map(({ name }) => name);

/** How many requests a check of these models sends at most: one to each target, whichever models share it. */
export function requestsFor({ models }: Pick<Board, "models">, chosen: readonly string[]): number {
  const targets = models
    .filter(({ name }) => chosen.includes(name))
    .flatMap((model) => model.targets.filter(({ enabled }) => enabled));
  return new Set(targets.map(({ provider, model }) => `${provider}/${model}`)).size;
}

/** How far it is, in a sentence. */
export function saidOf({ state, results, of, verdicts }: Check): string {
  const failed = results.filter(({ ok }) => !ok).length;
  const far = `${results.length} of ${of} targets`;
  switch (state) {
    case "running":
      return `${far} asked, ${failed} without an answer`;
    case "stopped":
      return `Stopped after ${far}; ${failed} gave no answer.`;
    case "failed":
      return `Ended after ${far}.`;
    case "done":
      return `Done: ${count(verdicts, "ok")} of ${verdicts.length} models work, ${count(verdicts, "failed")} do not, ${count(verdicts, "skipped")} skipped.`;
  }
}

const count = (verdicts: readonly ModelVerdict[], which: Verdict): number =>
  verdicts.filter(({ verdict }) => verdict === which).length;
