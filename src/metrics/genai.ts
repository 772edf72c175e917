import { operationOf, vendorOf } from "../domain/genai.ts";
import type { RequestRow } from "../domain/journal.ts";
import type { Family, Sample } from "./exposition.ts";
import { type Histogram, histogram, histogramSamples, observeIn } from "./histogram.ts";
import { SeriesTable } from "./series.ts";

/**
 * Calls to providers by the names of OpenTelemetry's conventions, as its collector would hand them to Prometheus.
 * https://opentelemetry.io/docs/specs/semconv/gen-ai/gen-ai-metrics/
 */
export interface Calls {
  readonly observe: (row: RequestRow) => void;
  readonly families: () => readonly Family[];
}

/** The conventions' own buckets. */
const seconds = [0.01, 0.02, 0.04, 0.08, 0.16, 0.32, 0.64, 1.28, 2.56, 5.12, 10.24, 20.48, 40.96, 81.92];
const tokens = [
  ...[1, 4, 16, 64, 256, 1_024, 4_096, 16_384, 65_536, 262_144, 1_048_576],
  ...[4_194_304, 16_777_216, 67_108_864],
];
/** Each has some fifty lines. */
const mostSeries = 200;

interface CallSeries {
  readonly labels: Readonly<Record<string, string>>;
  readonly durations: Map<string, Histogram>;
  readonly input: Histogram;
  readonly output: Histogram;
}

/** Starts counting at zero. */
export function openCalls(): Calls {
  const calls = new SeriesTable<CallSeries>(begin, mostSeries);
  return {
    observe: (row) => {
      for (const { provider, upstream, outcome, duration_ms, usage } of row.attempts) {
        const series = calls.find(operationOf(row), provider, upstream);
        const durations = series.durations.get(outcome) ?? histogram(seconds);
        series.durations.set(outcome, durations);
        observeIn(durations, duration_ms / 1_000);
        if (usage.prompt !== null) observeIn(series.input, usage.prompt);
        if (usage.completion !== null) observeIn(series.output, usage.completion);
      }
    },
    families: () => [
      {
        name: "gen_ai_client_operation_duration_seconds",
        help: "Time of a call to a provider, by how it ended.",
        type: "histogram",
        samples: calls.all.flatMap(({ labels, durations }) =>
          [...durations].flatMap(([outcome, times]) =>
            labelled(times, outcome === "ok" ? labels : { ...labels, error_type: outcome }),
          ),
        ),
      },
      {
        name: "gen_ai_client_token_usage",
        help: "Tokens of a call, as the provider reported them.",
        type: "histogram",
        samples: calls.all.flatMap(({ labels, input, output }) => [
          ...labelled(input, { ...labels, gen_ai_token_type: "input" }),
          ...labelled(output, { ...labels, gen_ai_token_type: "output" }),
        ]),
      },
    ],
  };
}

const begin = (operation: string, provider: string, model: string): CallSeries => ({
  labels: {
    gen_ai_operation_name: operation,
    gen_ai_provider_name: vendorOf(provider),
    gen_ai_request_model: model,
  },
  durations: new Map(),
  input: histogram(tokens),
  output: histogram(tokens),
});

const labelled = (of: Histogram, labels: Readonly<Record<string, string>>): readonly Sample[] =>
  histogramSamples(of).map((sample) => ({ ...sample, labels: { ...labels, ...sample.labels } }));
