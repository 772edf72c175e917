import type { DurationMs, Share } from "../../core/units.ts";
import type { Rollout } from "../../domain/snapshot.ts";
import type { ArmFigures } from "./figures.ts";
import {
  type Comparison,
  dearness,
  errors,
  errorsIn,
  failures,
  type Look,
  refusals,
  slowness,
} from "./findings.ts";

/** What is to become of a canary. */
export type Verdict =
  | { readonly kind: "go_on" }
  | { readonly kind: "rollback"; readonly reason: string; readonly trip: "hard" | "soft" }
  | { readonly kind: "promote"; readonly reason: string }
  | {
      readonly kind: "inconclusive";
      readonly why: "no_traffic" | "too_few";
      readonly then: Rollout["onInconclusive"];
    };

/**
 * How unlikely a finding must be to count: looks each second add up, the one at the end stands alone. This is the rule of
 * Haybittle and Peto, with levels under which fewer than one in a hundred identical configurations is taken back.
 * https://en.wikipedia.org/wiki/Haybittle%E2%80%93Peto_boundary
 */
interface Level {
  readonly eachSecond: number;
  readonly atTheEnd: number;
}

/** Of errors that alone are reason enough, whatever the file allows. */
const outright: Level = { eachSecond: 1e-4, atTheEnd: 1e-4 };
/** Of errors: each request is a new chance. */
const byRequest: Level = { eachSecond: 1e-4, atTheEnd: 5e-3 };
/** Of what lies with the clients: however often it is looked at, they are drawn once. */
const byClient: Level = { eachSecond: 5e-4, atTheEnd: 5e-3 };

interface Trip {
  readonly look: Look;
  readonly level: Level;
}

/** From the first second on. */
const hard: readonly Trip[] = [
  { look: failures, level: outright },
  { look: refusals, level: byClient },
];
/** Once the canary has served `min_requests`. */
const soft: readonly Trip[] = [
  { look: errors, level: byRequest },
  { look: slowness, level: byClient },
  { look: dearness, level: byClient },
];

/** Decides on a canary by what both arms saw since its beginning. Asked each second. */
export function judge(
  stable: ArmFigures,
  canary: ArmFigures,
  rules: Rollout,
  elapsedMs: DurationMs,
): Verdict {
  const comparison = { stable, canary, rules };
  const isEnough = canary.served >= rules.minRequests;
  const early = tripped(comparison, "eachSecond", isEnough);
  if (early !== null) return early;
  if (elapsedMs < rules.forMs) return { kind: "go_on" };
  if (isStarved(stable, canary, rules.canary)) return inconclusive("no_traffic", rules);
  if (!isEnough) return inconclusive("too_few", rules);
  const late = tripped(comparison, "atTheEnd", true);
  return late ?? { kind: "promote", reason: `nothing got worse: ${errorsIn(stable, canary)}` };
}

/** Hard trips outrank soft ones, which wait until there are enough requests. */
function tripped(comparison: Comparison, when: keyof Level, isEnough: boolean): Verdict | null {
  const reasonFor = ({ look, level }: Trip): readonly string[] => {
    const found = look(comparison);
    return found !== null && found.byChance < level[when] ? [found.reason] : [];
  };
  const [hardReason] = hard.flatMap(reasonFor);
  if (hardReason !== undefined) return { kind: "rollback", reason: hardReason, trip: "hard" };
  const [softReason] = isEnough ? soft.flatMap(reasonFor) : [];
  return softReason === undefined ? null : { kind: "rollback", reason: softReason, trip: "soft" };
}

function inconclusive(why: "no_traffic" | "too_few", { onInconclusive }: Rollout): Verdict {
  // biome-ignore lint/suspicious/noThenProperty: a word, which nobody can wait for
  return { kind: "inconclusive", why, then: onInconclusive };
}

/** Whether an arm has less than half of what it was to get, or nothing: it is not known what the rest would have met. */
function isStarved(stable: ArmFigures, canary: ArmFigures, share: Share): boolean {
  const all = stable.ended + canary.ended;
  const starves = (arm: ArmFigures, of: Share) => arm.ended === 0 || arm.ended < (of * all) / 2;
  return starves(canary, share) || starves(stable, 1 - share);
}
