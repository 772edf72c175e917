import { counterOf } from "../../domain/limits.ts";
import type { Objection, Stop, Try } from "../../domain/route.ts";
import { fallbackFrom } from "../plan.ts";
import { targetOf } from "./attempts.ts";
import { type Step, step } from "./step.ts";

/** That somebody answered. */
export function answerStep(decision: Try, nth: number): Step {
  const from = fallbackFrom(decision.asked, decision.serving);
  const fallback = from === null ? "" : `, a fallback of ${from}`;
  return step(
    `attempt ${nth}: ${targetOf(decision)} answers as ${decision.serving.name}${fallback}`,
    decision.target.at,
  );
}

/** That nobody did, at the rule that refused. */
export function refusalStep({ refusal, objections }: Pick<Stop, "refusal" | "objections">): Step {
  const { status, code, message } = refusal;
  return step(
    `${status}${code === null ? "" : ` ${code}`}: ${message}`,
    refusing(refusal.rule, objections)?.at ?? null,
  );
}

const refusing = (rule: string | null, objections: readonly Objection[]): Objection | undefined =>
  objections.find(({ claim }) => claim !== null && rule?.startsWith(`${counterOf(claim)} `));
