import type { RequestOutcome } from "../domain/journal.ts";
import { attemptCounted } from "./attempt.ts";
import type { OpenBatch } from "./batch.ts";
import { numberOf, textOf } from "./bulk.ts";
import type { Finished, Tried } from "./rollup/pending.ts";
import { attemptColumns, requestColumns } from "./rows.ts";

/** Where the values are that a tally reads, in a row of these columns. */
const placesIn = (columns: readonly string[]) => {
  const of = (column: string): number => columns.indexOf(column);
  return {
    ...{ provider: of("provider"), servedModel: of("served_model"), outcome: of("outcome") },
    ...{ duration: of("duration_ms"), ttft: of("ttft_ms"), cost: of("cost_usd") },
    ...{ prompt: of("prompt_tokens"), cached: of("cached_tokens"), completion: of("completion_tokens") },
    ...{ reasoning: of("reasoning_tokens"), total: of("total_tokens") },
  };
};
const of = (column: string): number => requestColumns.indexOf(column);
const inAttempt = placesIn(attemptColumns);
const inRequest = {
  ...placesIn(requestColumns),
  ...{ arrived: of("arrived_at"), model: of("model"), upstream: of("upstream"), key: of("key_id") },
  ...{ team: of("team"), user: of("user_hash"), generation: of("generation"), arm: of("arm") },
  labels: of("labels"),
};

/** The requests of a batch, as tallies and buckets need them. */
export function finishedIn(batch: OpenBatch): readonly Finished[] {
  const { cells } = batch;
  const rows: Finished[] = [];
  for (let at = 0; at < cells.length; ) {
    const tries = cells[at] ?? 0;
    const request = at + 1;
    at = request + requestColumns.length;
    const attempts: Tried[] = [];
    const model = textOf(cells[request + inRequest.model], batch.texts);
    for (let seq = 0; seq < tries; seq += 1) {
      attempts.push(triedAt(batch, at, model));
      at += attemptColumns.length;
    }
    rows.push(finishedAt(batch, request, model, attempts));
  }
  return rows;
}

/** Written out, field by field: it is done for every request. */
function finishedAt(
  { cells, texts }: OpenBatch,
  at: number,
  model: string | null,
  attempts: readonly Tried[],
): Finished {
  return {
    // it was a `RequestRow`'s
    outcome: textOf(cells[at + inRequest.outcome], texts) as RequestOutcome,
    model,
    served_model: textOf(cells[at + inRequest.servedModel], texts),
    provider: textOf(cells[at + inRequest.provider], texts),
    duration_ms: cells[at + inRequest.duration] ?? 0,
    ttft_ms: numberOf(cells[at + inRequest.ttft]),
    prompt_tokens: numberOf(cells[at + inRequest.prompt]),
    cached_tokens: numberOf(cells[at + inRequest.cached]),
    completion_tokens: numberOf(cells[at + inRequest.completion]),
    reasoning_tokens: numberOf(cells[at + inRequest.reasoning]),
    total_tokens: numberOf(cells[at + inRequest.total]),
    cost_usd: numberOf(cells[at + inRequest.cost]),
    arrived_at: cells[at + inRequest.arrived] ?? 0,
    upstream: textOf(cells[at + inRequest.upstream], texts),
    key_id: textOf(cells[at + inRequest.key], texts),
    team: textOf(cells[at + inRequest.team], texts),
    user_hash: textOf(cells[at + inRequest.user], texts),
    generation: cells[at + inRequest.generation] ?? 0,
    arm: textOf(cells[at + inRequest.arm], texts),
    labels: textOf(cells[at + inRequest.labels], texts) ?? "{}",
    attempts,
  };
}

function triedAt({ cells, texts }: OpenBatch, at: number, model: string | null): Tried {
  const provider = textOf(cells[at + inAttempt.provider], texts) ?? "";
  const counted = attemptCounted({
    outcome: textOf(cells[at + inAttempt.outcome], texts),
    model,
    served_model: textOf(cells[at + inAttempt.servedModel], texts),
    provider,
    duration_ms: cells[at + inAttempt.duration] ?? 0,
    ttft_ms: numberOf(cells[at + inAttempt.ttft]),
    prompt_tokens: numberOf(cells[at + inAttempt.prompt]),
    cached_tokens: numberOf(cells[at + inAttempt.cached]),
    completion_tokens: numberOf(cells[at + inAttempt.completion]),
    reasoning_tokens: numberOf(cells[at + inAttempt.reasoning]),
    total_tokens: numberOf(cells[at + inAttempt.total]),
    cost_usd: numberOf(cells[at + inAttempt.cost]),
  });
  return { by: provider, counted };
}
