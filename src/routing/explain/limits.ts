import type { EpochMs } from "../../core/units.ts";
import { type Claim, counted, counterOf, type LimitScope } from "../../domain/limits.ts";
import { type Step, step } from "./step.ts";
import { count, dollars, span } from "./words.ts";

/** What has been taken of a claim's limit. */
export type Used = (claim: Claim, now: EpochMs) => number;

const scopes: Readonly<Record<LimitScope, string>> = {
  key: "key",
  team: "team",
  provider: "provider",
  api_key: "API key",
  upstream_model: "upstream model",
  target: "target",
};

/** A limit with its numbers: what is used and what is asked for, against what there is. */
export function limitStep(claim: Claim, used: number, waitMs: number): Step {
  const { rule, amount, scope, name } = claim;
  const { kind, unit } = counted[rule.limit];
  const show = unit === "usd" ? dollars : count;
  const asks = kind === "ceiling" ? show(amount) : `${show(used)} used + ${show(amount)}`;
  const fits = waitMs === 0;
  const when = fits
    ? ""
    : waitMs === Number.POSITIVE_INFINITY
      ? ": it can never fit"
      : `: room in ${span(waitMs)}`;
  const text = `${scopes[scope]} ${name} ${rule.limit}: ${asks} ${fits ? "≤" : ">"} ${show(rule.of)}${when}`;
  return step(text, rule.at, `${counterOf(claim)} ${fits}`);
}
