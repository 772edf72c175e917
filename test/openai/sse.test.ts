import { describe, expect, setDefaultTimeout, test } from "bun:test";
import fc from "fast-check";
import { encodeData, maxEventLength, type ServerSentEvent, SseDecoder } from "../../src/openai/sse.ts";

setDefaultTimeout(20_000);

function decode(...pieces: readonly string[]): readonly ServerSentEvent[] {
  const sse = new SseDecoder();
  return pieces.flatMap((piece) => sse.feed(piece).events);
}

const data = (text: string, name = ""): ServerSentEvent => ({ name, data: text });

describe("a decoder of server-sent events", () => {
  test.each([
    ["LF", "data: a\n\ndata: b\n\n", [data("a"), data("b")]],
    ["CRLF", "data: a\r\n\r\ndata: b\r\n\r\n", [data("a"), data("b")]],
    ["CR", "data: a\r\rdata: b\r\r", [data("a"), data("b")]],
    ["mixed line ends", "data: a\r\n\ndata: b\r\rdata: c\n\r\n", [data("a"), data("b"), data("c")]],
    ["a byte order mark", "\uFEFFdata: a\n\n", [data("a")]],
    ["no space after the colon", "data:a\n\ndata:  b\n\n", [data("a"), data(" b")]],
    ["several data lines", "data: a\ndata:\ndata\ndata: b\n\n", [data("a\n\n\nb")]],
    ["names", "event: error\ndata: a\n\ndata: b\n\n", [data("a", "error"), data("b")]],
    ["a name after the data", "data: a\nevent:late\n\n", [data("a", "late")]],
    [
      "comments, ids and unknown fields",
      ": ping\nid: 1\nretry: 5\ndataset: x\nevents: y\ndata: a\n:x\n\n",
      [data("a")],
    ],
    ["a name without data", "event: ping\n\ndata: a\n\n", [data("a")]],
    ["a colon in the data", 'data: {"a":1}\n\n', [data('{"a":1}')]],
    ["an event that has not ended", "data: a\n\ndata: b\n", [data("a")]],
    ["an empty event", "data:\n\n", [data("")]],
  ])("reads %s", (_name, text, events) => {
    expect(decode(text)).toEqual(events);
  });

  test("gives the same events however the text is cut", () => {
    const line = fc.oneof(
      fc.constantFrom("data: a", "data:", "data", "event: e", ": c", "", "", "x: y", "\uFEFFdata: b"),
      fc.string({ maxLength: 8 }).map((text) => `data: ${text.replace(/[\r\n]/g, "")}`),
    );
    const stream = fc.array(fc.tuple(line, fc.constantFrom("\n", "\r\n", "\r")), { maxLength: 20 });
    fc.assert(
      fc.property(stream, fc.array(fc.nat(200), { maxLength: 12 }), (lines, cuts) => {
        const text = lines.map((part) => part.join("")).join("");
        const at = [0, ...cuts.filter((cut) => cut < text.length).sort((a, b) => a - b), text.length];
        const pieces = at.slice(1).map((to, index) => text.slice(at[index], to));
        expect(decode(...pieces)).toEqual(decode(text));
        expect(decode(...text)).toEqual(decode(text));
      }),
      { seed: 1, numRuns: 300 },
    );
  });

  test("takes an event of 4 MiB and no more, and says so as a value", () => {
    const sse = new SseDecoder();
    expect(sse.feed(`data: ${"x".repeat(maxEventLength - 6)}\n\n`).events).toHaveLength(1);
    const over = sse.feed(`data: ok\n\ndata: ${"x".repeat(maxEventLength)}\n\ndata: later\n\n`);
    expect(over).toEqual({ events: [data("ok")], overflow: true });
    expect(sse.feed("data: later\n\n")).toEqual({ events: [], overflow: true });
  });

  test.each(["data: x\n", ": keep-alive\n"])("bounds an event that never ends, line by line: %j", (line) => {
    const sse = new SseDecoder();
    sse.feed("data: first\n");
    const decoded = Array.from({ length: 40 }, () => sse.feed(line.repeat(20_000)).overflow);
    expect(decoded.at(-1)).toBe(true);
  });

  test("never takes comments between events for a large event", () => {
    const sse = new SseDecoder();
    for (let round = 0; round < 12; round++)
      expect(sse.feed(`:${"x".repeat(1_000_000)}\n`).overflow).toBe(false);
  });

  test.each([
    ["one line in tiny pieces", () => `data: ${"x".repeat(1_000_000)}\n\n`, 3],
    ["many events at once", () => encodeData("x".repeat(90)).repeat(100_000), 10_000_000],
    ["many events with CR alone", () => `data: ${"x".repeat(90)}\r\r`.repeat(100_000), 10_000_000],
  ])("is linear in %s", (_name, text, size) => {
    const whole = text();
    const sse = new SseDecoder();
    const started = performance.now();
    let events = 0;
    for (let at = 0; at < whole.length; at += size)
      events += sse.feed(whole.slice(at, at + size)).events.length;
    expect(events).toBeGreaterThan(0);
    // A quadratic decoder takes minutes.
    expect(performance.now() - started).toBeLessThan(2_000);
  });

  test("reads back what it encodes", () => {
    expect(decode(encodeData('{"a":"b\\n"}'))).toEqual([data('{"a":"b\\n"}')]);
  });
});
