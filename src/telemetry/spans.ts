import {
  type Context,
  createTraceState,
  ROOT_CONTEXT,
  SpanKind,
  SpanStatusCode,
  TraceFlags,
  type Tracer,
  trace,
} from "@opentelemetry/api";
import type { TraceContext } from "../core/trace_context.ts";
import { operationOf } from "../domain/genai.ts";
import type { AttemptRow, RequestRow } from "../domain/journal.ts";
import { attemptAttributes, requestAttributes } from "./attributes.ts";

/** Ids that were given out before the span that bears them is made; what is not waiting is drawn. */
export interface IdGenerator {
  readonly generateTraceId: () => string;
  readonly generateSpanId: () => string;
}

/** Gives the ids that {@link SpanWriter} has ready, and random ones otherwise. */
export class ReadyIds implements IdGenerator {
  next: Pick<TraceContext, "traceId" | "spanId"> | null = null;

  readonly generateTraceId = (): string => this.next?.traceId ?? randomHex(16);

  readonly generateSpanId = (): string => this.next?.spanId ?? randomHex(8);
}

/** Random bytes as hex. */
export const randomHex = (bytes: number): string =>
  Buffer.from(crypto.getRandomValues(new Uint8Array(bytes))).toString("hex");

/** Writes a request that has ended as one span, its attempts below it. What happens is over: nothing is measured here. */
export function writeSpans(tracer: Tracer, ids: ReadyIds, row: RequestRow, context: TraceContext): void {
  const parent = parentOf(context);
  ids.next = context;
  const span = tracer.startSpan(
    `${operationOf(row)} ${row.model ?? "unknown"}`,
    { kind: SpanKind.SERVER, startTime: row.arrived_at, attributes: requestAttributes(row) },
    parent,
  );
  ids.next = null;
  const below = trace.setSpan(parent, span);
  for (const attempt of row.attempts) writeAttempt(tracer, row, attempt, below);
  if (row.outcome === "error") span.setStatus({ code: SpanStatusCode.ERROR, message: row.code ?? "error" });
  span.end(row.arrived_at + row.duration_ms);
}

function writeAttempt(tracer: Tracer, row: RequestRow, attempt: AttemptRow, below: Context): void {
  const startTime = row.arrived_at + attempt.start_ms;
  const name = `${operationOf(row)} ${attempt.upstream}`;
  const attributes = attemptAttributes(row, attempt);
  const span = tracer.startSpan(name, { kind: SpanKind.CLIENT, startTime, attributes }, below);
  if (attempt.ttft_ms !== null) span.addEvent("gen_ai.first_token", startTime + attempt.ttft_ms);
  if (attempt.outcome !== "ok") span.setStatus({ code: SpanStatusCode.ERROR, message: attempt.outcome });
  span.end(startTime + attempt.duration_ms);
}

function parentOf({ traceId, parentId, isSampled, state }: TraceContext): Context {
  if (parentId === null) return ROOT_CONTEXT;
  return trace.setSpanContext(ROOT_CONTEXT, {
    traceId,
    spanId: parentId,
    isRemote: true,
    traceFlags: isSampled ? TraceFlags.SAMPLED : TraceFlags.NONE,
    ...(state === null ? {} : { traceState: createTraceState(state) }),
  });
}
