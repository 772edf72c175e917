import type { AttemptRow, RequestRow } from "../domain/journal.ts";
import type { Usage } from "../domain/usage.ts";
import { rfc3339 } from "./window.ts";

/** One request that failed or was refused, with its attempts in order. Times are RFC 3339 UTC, durations ms. */
export interface ErrorEntry
  extends Pick<RequestRow, "request_id" | "outcome" | "status" | "code" | "rule" | "asked" | "model">,
    Pick<RequestRow, "served_model" | "provider" | "upstream" | "team" | "labels" | "generation" | "arm">,
    Pick<RequestRow, "endpoint" | "stream" | "duration_ms" | "overhead_ms" | "cost_usd" | "warnings"> {
  readonly at: string;
  readonly key: string | null;
  readonly tokens: Tokens;
  readonly attempts: readonly AttemptEntry[];
}

/** One attempt: when it began after the request's arrival, how long it took, and how it ended. */
export interface AttemptEntry
  extends Pick<AttemptRow, "provider" | "upstream" | "served_model" | "outcome" | "status">,
    Pick<AttemptRow, "start_ms" | "duration_ms" | "ttft_ms" | "retry_after_ms" | "cost_usd"> {
  readonly tokens: Tokens;
}

type Tokens = Pick<Usage, "prompt" | "completion" | "total">;

/** A request as administrators are shown it: nothing of what stands for a user or a credential. */
export function entryOf(row: RequestRow): ErrorEntry {
  const { request_id, outcome, status, code, rule, asked, model, served_model, provider, upstream } = row;
  const { team, labels, generation, arm, endpoint, stream, duration_ms, overhead_ms, cost_usd, warnings } =
    row;
  return {
    ...{ request_id, at: rfc3339(row.arrived_at), outcome, status, code, rule },
    ...{ asked, model, served_model, provider, upstream },
    ...{ key: row.key_id, team, labels, generation, arm, endpoint, stream },
    ...{ duration_ms, overhead_ms, tokens: tokensOf(row.usage), cost_usd, warnings },
    attempts: row.attempts.map(attemptOf),
  };
}

function attemptOf(attempt: AttemptRow): AttemptEntry {
  const { provider, upstream, served_model, outcome, status, start_ms, duration_ms, ttft_ms } = attempt;
  const { retry_after_ms, cost_usd } = attempt;
  return {
    ...{ provider, upstream, served_model, outcome, status, start_ms, duration_ms, ttft_ms },
    ...{ retry_after_ms, tokens: tokensOf(attempt.usage), cost_usd },
  };
}

const tokensOf = ({ prompt, completion, total }: Usage): Tokens => ({ prompt, completion, total });
