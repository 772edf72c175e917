import type { Question, TargetResult } from "./probe.ts";

/** `skipped`: it was not to be expected to answer, because it is off, or optional and without its key. */
export type Verdict = "ok" | "failed" | "skipped";

/** A public model and how its targets did. */
export interface ModelVerdict {
  readonly model: string;
  readonly verdict: Verdict;
  readonly targets: readonly (TargetResult & { readonly verdict: Verdict })[];
}

/** What tells apart the questions that have to be asked: two models often share an endpoint. */
export const identityOf = ({ aim, ask }: Question): string =>
  JSON.stringify([ask.route.endpoint, aim.target.provider.name, aim.upstream, aim.target.enabled]);

/** A model works when one of its targets does; it has failed when none does and one should have. */
export function verdictOn(
  model: string,
  questions: readonly Question[],
  resultOf: (question: Question) => TargetResult | undefined,
): ModelVerdict {
  const targets = questions.flatMap((question) => {
    const result = resultOf(question);
    return result === undefined ? [] : [{ ...result, verdict: ofTarget(question, result) }];
  });
  const has = (verdict: Verdict) => targets.some((target) => target.verdict === verdict);
  return { model, verdict: has("ok") ? "ok" : has("failed") ? "failed" : "skipped", targets };
}

function ofTarget({ aim }: Question, { ok, error }: TargetResult): Verdict {
  if (ok) return "ok";
  if (error?.kind === "disabled") return "skipped";
  return error?.kind === "not_configured" && aim.target.provider.optional ? "skipped" : "failed";
}
