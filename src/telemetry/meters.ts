import type { Meter } from "@opentelemetry/api";
import { operationOf, vendorOf } from "../domain/genai.ts";
import type { RequestRow } from "../domain/journal.ts";
import type { Attributes } from "./attributes.ts";

/** Takes in a request that has ended. */
export type Measure = (row: RequestRow) => void;

/** Seconds; the conventions' own advice. https://opentelemetry.io/docs/specs/semconv/gen-ai/gen-ai-metrics/ */
const seconds = [0.01, 0.02, 0.04, 0.08, 0.16, 0.32, 0.64, 1.28, 2.56, 5.12, 10.24, 20.48, 40.96, 81.92];
const tokens = [1, 4, 16, 64, 256, 1_024, 4_096, 16_384, 65_536, 262_144, 1_048_576];

/** The instruments, by the conventions' names where there are any; labels are names out of the file, so their number is bounded. */
export function measureWith(meter: Meter): Measure {
  const histogram = (name: string, unit: string, description: string, boundaries: readonly number[]) =>
    meter.createHistogram(name, { unit, description, advice: { explicitBucketBoundaries: [...boundaries] } });
  const duration = histogram("gen_ai.server.request.duration", "s", "Time of a client request.", seconds);
  const firstToken = histogram(
    "gen_ai.server.time_to_first_token",
    "s",
    "Time to the first output.",
    seconds,
  );
  const used = histogram("gen_ai.client.token.usage", "{token}", "Tokens of a request.", tokens);
  const attempts = histogram(
    "gen_ai.client.operation.duration",
    "s",
    "Time of a call to a provider.",
    seconds,
  );
  const overhead = histogram(
    "switchyard.overhead",
    "s",
    "What the gateway itself took.",
    [0.0001, 0.0003, 0.001, 0.003, 0.01, 0.03, 0.1],
  );
  const cost = meter.createCounter("switchyard.cost", { unit: "{USD}", description: "Known cost." });
  return (row) => {
    const about = aboutRequest(row);
    duration.record(row.duration_ms / 1_000, { ...about, "switchyard.outcome": row.outcome });
    overhead.record(row.overhead_ms / 1_000, about);
    if (row.ttft_ms !== null) firstToken.record(row.ttft_ms / 1_000, about);
    if (row.cost_usd !== null) cost.add(row.cost_usd, about);
    for (const [type, count] of [
      ["input", row.usage.prompt],
      ["output", row.usage.completion],
    ] as const) {
      if (count !== null) used.record(count, { ...about, "gen_ai.token.type": type });
    }
    for (const attempt of row.attempts) {
      const failed: Attributes = attempt.outcome === "ok" ? {} : { "error.type": attempt.outcome };
      const where = {
        "gen_ai.request.model": attempt.upstream,
        "gen_ai.provider.name": vendorOf(attempt.provider),
      };
      attempts.record(attempt.duration_ms / 1_000, {
        "gen_ai.operation.name": operationOf(row),
        ...where,
        ...failed,
      });
    }
  };
}

const aboutRequest = (row: RequestRow): Attributes => ({
  "gen_ai.operation.name": operationOf(row),
  // The public model: a client's own words would make a label of anything.
  "gen_ai.request.model": row.model ?? "unknown",
  ...(row.provider === null ? {} : { "gen_ai.provider.name": vendorOf(row.provider) }),
});
