import { failure } from "../../domain/failure.ts";
import { noUsage, type Usage } from "../../domain/usage.ts";
import type { Oracle, Scripted } from "../run.ts";
import type { Past } from "./past.ts";
import type { Recorded, RecordedAttempt } from "./recorded.ts";

/** Answers one request's attempts out of the past, and says how sure that is. */
export interface PastOracle {
  readonly answer: Oracle;
  /** `recorded`: all of it happened; `drawn`: something is a likely guess; `unknown`: somebody was asked of whom nothing is known. */
  readonly certainty: () => Certainty;
  /** What the last draw itself took: another guess at what its answer would take. */
  readonly alternative: () => Usage | null;
}

/** How much of an outcome is known. */
export type Certainty = "recorded" | "drawn" | "unknown";

/** The oracle of the `index`-th request: each recorded attempt answers once, at the upstream model where it was made. */
export function oracleOf(recorded: Recorded, index: number, past: Past): PastOracle {
  const used = new Set<number>();
  let certainty: Certainty = "recorded";
  let draws = 0;
  let alternative: Usage | null = null;
  return {
    certainty: () => certainty,
    alternative: () => alternative,
    answer: (decision) => {
      const provider = decision.target.provider.name;
      const { upstream } = decision;
      const at = recorded.attempts.findIndex(
        (attempt, position) =>
          attempt.provider === provider && attempt.upstream === upstream && !used.has(position),
      );
      const own = recorded.attempts[at];
      if (own !== undefined) {
        used.add(at);
        return scripted(own, own.usage);
      }
      const other = past.draw(provider, upstream, index, draws++);
      if (other === null) {
        certainty = "unknown";
        return assumed(recorded);
      }
      if (certainty === "recorded") certainty = "drawn";
      alternative = other.usage;
      return scripted(other, likely(recorded, other));
    },
  };
}

/** What the same request would take elsewhere: as much as it took where it was answered, where it was. */
function likely(recorded: Recorded, drawn: RecordedAttempt): Usage {
  return drawn.outcome === "ok" ? (answeredUsage(recorded) ?? drawn.usage) : drawn.usage;
}

const answeredUsage = ({ attempts }: Recorded): Usage | null =>
  attempts.findLast(({ outcome, usage }) => outcome === "ok" && usage.total !== null)?.usage ?? null;

function scripted(attempt: RecordedAttempt, usage: Usage): Scripted {
  const { outcome, status, retryAfterMs, ttftMs, durationMs } = attempt;
  const isOk = outcome === "ok";
  const failed = isOk ? null : failure(outcome, "recorded", { status, retryAfterMs });
  if (failed !== null && ttftMs === null) return { kind: "failed", latencyMs: durationMs, failure: failed };
  return { kind: "ok", ttftMs: ttftMs ?? durationMs, latencyMs: durationMs, usage, broken: failed };
}

/** Nothing is known of who is asked: it is taken to answer at once, with the tokens that the request had. */
const assumed = (recorded: Recorded): Scripted => ({
  kind: "ok",
  ttftMs: 0,
  latencyMs: 0,
  usage: answeredUsage(recorded) ?? noUsage,
  broken: null,
});
