import { operationOf, vendorOf } from "../domain/genai.ts";
import type { AttemptRow, RequestRow } from "../domain/journal.ts";

/** What OpenTelemetry can hold. */
export type Attributes = Readonly<Record<string, string | number | boolean>>;

/** A request of a client. No prompt and no address: a row has none. */
export const requestAttributes = (row: RequestRow): Attributes =>
  said({
    "gen_ai.operation.name": operationOf(row),
    "gen_ai.request.model": row.asked ?? row.model,
    "gen_ai.response.model": row.upstream,
    "gen_ai.provider.name": row.provider === null ? null : vendorOf(row.provider),
    "gen_ai.request.max_tokens": row.max_tokens,
    "gen_ai.usage.input_tokens": row.usage.prompt,
    "gen_ai.usage.output_tokens": row.usage.completion,
    "http.response.status_code": row.status,
    "error.type": row.code,
    "switchyard.request_id": row.request_id,
    "switchyard.model": row.model,
    "switchyard.served_model": row.served_model,
    "switchyard.provider": row.provider,
    "switchyard.key": row.key_id,
    "switchyard.team": row.team,
    "switchyard.outcome": row.outcome,
    "switchyard.rule": row.rule,
    "switchyard.stream": row.stream,
    "switchyard.attempts": row.attempts.length,
    "switchyard.generation": row.generation,
    "switchyard.arm": row.arm,
    "switchyard.cost_usd": row.cost_usd,
    "switchyard.overhead_ms": row.overhead_ms,
  });

/** One call to a provider. */
export const attemptAttributes = (row: RequestRow, attempt: AttemptRow): Attributes =>
  said({
    "gen_ai.operation.name": operationOf(row),
    "gen_ai.request.model": attempt.upstream,
    "gen_ai.provider.name": vendorOf(attempt.provider),
    "gen_ai.usage.input_tokens": attempt.usage.prompt,
    "gen_ai.usage.output_tokens": attempt.usage.completion,
    "http.response.status_code": attempt.status,
    "error.type": attempt.outcome === "ok" ? null : attempt.outcome,
    "switchyard.provider": attempt.provider,
    "switchyard.served_model": attempt.served_model,
    "switchyard.time_to_first_token_ms": attempt.ttft_ms,
    "switchyard.cost_usd": attempt.cost_usd,
  });

/** What is unknown is left out. */
const said = (all: Readonly<Record<string, string | number | boolean | null>>): Attributes =>
  Object.fromEntries(Object.entries(all).flatMap(([name, value]) => (value === null ? [] : [[name, value]])));
