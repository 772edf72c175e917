import type { TraceContext } from "../core/trace_context.ts";
import type { RequestRow } from "../domain/journal.ts";
import { measureWith } from "./meters.ts";
import { ReadyIds, randomHex, writeSpans } from "./spans.ts";

/** OpenTelemetry, where the environment asks for it. */
export interface Telemetry {
  /** A span of our own for a request, below the caller's where there is one. */
  readonly begin: (caller: TraceContext | null) => TraceContext;
  /** Takes in a request that has ended. Neither throws nor waits. */
  readonly observe: (row: RequestRow, trace: TraceContext | null) => void;
  /** Sends what is left, for at most a few seconds. */
  readonly close: () => Promise<void>;
}

type Environment = Readonly<Record<string, string | undefined>>;

/** The standard variables that ask for it. https://opentelemetry.io/docs/specs/otel/protocol/exporter/ */
const asking = [
  "OTEL_EXPORTER_OTLP_ENDPOINT",
  "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT",
  "OTEL_EXPORTER_OTLP_METRICS_ENDPOINT",
] as const;
const closeMs = 3_000;

/** Whether the environment asks for telemetry; without it none of the libraries is loaded. */
export const wantsTelemetry = (environment: Environment): boolean =>
  environment["OTEL_SDK_DISABLED"] !== "true" && asking.some((name) => (environment[name] ?? "") !== "");

/**
 * Opens what the standard OTEL_* variables ask for: spans and metrics over OTLP/HTTP. The official libraries read endpoint,
 * headers, resource and intervals from the environment of the process.
 */
export async function openTelemetry(environment: Environment, version: string): Promise<Telemetry> {
  const [api, sdk, traces, metrics, meters, resources] = await Promise.all([
    import("@opentelemetry/api"),
    import("@opentelemetry/sdk-trace"),
    import("@opentelemetry/exporter-trace-otlp-http"),
    import("@opentelemetry/sdk-metrics"),
    import("@opentelemetry/exporter-metrics-otlp-http"),
    import("@opentelemetry/resources"),
  ]);
  const own = resources.resourceFromAttributes({ "service.name": "switchyard", "service.version": version });
  const said = resources.detectResources({ detectors: [resources.envDetector] });
  const resource = own.merge(said);
  const wants = (signal: "TRACES" | "METRICS"): boolean =>
    environment[`OTEL_${signal}_EXPORTER`] !== "none" &&
    ((environment["OTEL_EXPORTER_OTLP_ENDPOINT"] ?? "") !== "" ||
      (environment[`OTEL_EXPORTER_OTLP_${signal}_ENDPOINT`] ?? "") !== "");

  const ids = new ReadyIds();
  const tracing = wants("TRACES")
    ? new sdk.TracerProvider({
        resource,
        idGenerator: ids,
        spanProcessors: [new sdk.BatchSpanProcessor({ exporter: new traces.OTLPTraceExporter() })],
      })
    : null;
  const everyMs = Number(environment["OTEL_METRIC_EXPORT_INTERVAL"] ?? 60_000);
  const metering = wants("METRICS")
    ? new metrics.MeterProvider({
        resource,
        readers: [
          new metrics.PeriodicExportingMetricReader({
            exporter: new meters.OTLPMetricExporter(),
            exportIntervalMillis: everyMs,
            exportTimeoutMillis: Math.min(everyMs, 30_000),
          }),
        ],
      })
    : null;
  const tracer = tracing?.getTracer("switchyard", version) ?? api.trace.getTracer("switchyard");
  const measure = metering === null ? null : measureWith(metering.getMeter("switchyard", version));
  return {
    begin: (caller) => ({
      traceId: caller?.traceId ?? randomHex(16),
      spanId: randomHex(8),
      parentId: caller?.spanId ?? null,
      isSampled: caller?.isSampled ?? true,
      state: caller?.state ?? null,
    }),
    observe: (row, trace) => {
      measure?.(row);
      if (tracing !== null && trace !== null) writeSpans(tracer, ids, row, trace);
    },
    close: async () => {
      const all = Promise.allSettled([tracing?.shutdown(), metering?.shutdown()]);
      await Promise.race([all, new Promise((resolve) => setTimeout(resolve, closeMs).unref?.())]);
    },
  };
}
