import { expect, test } from "bun:test";
import { readTrace, traceHeaders } from "../../src/core/trace_context.ts";

const traceId = "0af7651916cd43dd8448eb211c80319c";
const spanId = "b7ad6b7169203331";
const good = `00-${traceId}-${spanId}-01`;

test.each([good, `00-${traceId}-${spanId}-00`])("%s is read and written again as it was", (traceparent) => {
  const trace = readTrace(traceparent, "vendor=1");
  expect(trace === null ? null : traceHeaders(trace)).toEqual({ traceparent, tracestate: "vendor=1" });
});

test("a later version may say more, and is read as this one", () => {
  expect(readTrace(`cc-${traceId}-${spanId}-01-what-the-future-will-be`, null)).toMatchObject({
    traceId,
    isSampled: true,
  });
});

test.each([
  null,
  "",
  "00-abc-def-01",
  `ff-${traceId}-${spanId}-01`,
  `00-${traceId}-${spanId}-01-more`,
  `00-${"0".repeat(32)}-${spanId}-01`,
  `00-${traceId}-${"0".repeat(16)}-01`,
  good.toUpperCase(),
  `${good} `,
])("%j is no place in a trace", (traceparent) => {
  expect(readTrace(traceparent, null)).toBeNull();
});

test("a state that is too long is left out", () => {
  expect(readTrace(good, "x".repeat(513))?.state).toBeNull();
});
