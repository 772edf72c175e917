/** A place in a distributed trace. https://www.w3.org/TR/trace-context/ */
export interface TraceContext {
  /** 32 hex digits. */
  readonly traceId: string;
  /** 16 hex digits: the span that whoever is called next belongs to. */
  readonly spanId: string;
  /** The span that ours belongs to; null where the trace begins here, or is only passed on. */
  readonly parentId: string | null;
  readonly isSampled: boolean;
  /** `tracestate`, passed on as it came; null without one. */
  readonly state: string | null;
}

const form = /^([0-9a-f]{2})-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})(-.*)?$/;
const longestState = 512;

/** Reads the two headers of a caller; null without a valid `traceparent`, which is to be ignored. */
export function readTrace(traceparent: string | null, tracestate: string | null): TraceContext | null {
  const found = form.exec(traceparent ?? "");
  if (found === null) return null;
  const [, version = "", traceId = "", spanId = "", flags = "", rest] = found;
  // Later versions may say more; this one says just so much.
  if (version === "ff" || (version === "00" && rest !== undefined)) return null;
  if (/^0+$/.test(traceId) || /^0+$/.test(spanId)) return null;
  const state = tracestate !== null && tracestate.length <= longestState ? tracestate : null;
  return { traceId, spanId, parentId: null, isSampled: (Number.parseInt(flags, 16) & 1) === 1, state };
}

/** The headers that tell the next one down the line where it stands. */
export const traceHeaders = (trace: TraceContext): Readonly<Record<string, string>> => ({
  traceparent: `00-${trace.traceId}-${trace.spanId}-${trace.isSampled ? "01" : "00"}`,
  ...(trace.state === null ? {} : { tracestate: trace.state }),
});
