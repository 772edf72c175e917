import { expect, setDefaultTimeout, test } from "bun:test";
import fc from "fast-check";
import { ByteReader, ByteWriter } from "../../../src/metrics/rollup/bytes.ts";
import type { Dimension } from "../../../src/metrics/rollup/cubes.ts";
import { type Cell, PageReader, packPage } from "../../../src/metrics/rollup/page.ts";
import { addTo, noCount, storeCount } from "../../../src/metrics/tally.ts";

setDefaultTimeout(20_000);

const whole = fc.oneof(fc.nat(300), fc.integer({ min: 0, max: Number.MAX_SAFE_INTEGER }));

test("whole numbers and texts come back as they were", () => {
  fc.assert(
    fc.property(fc.array(fc.tuple(whole, fc.string({ unit: "grapheme" }))), (values) => {
      const writer = new ByteWriter();
      for (const [number, text] of values) {
        writer.uint(number);
        writer.text(text);
      }
      const reader = new ByteReader();
      reader.open(writer.take().slice());
      for (const [number, text] of values) expect([reader.uint(), reader.text()]).toEqual([number, text]);
      expect(reader.isAtEnd).toBe(true);
    }),
  );
});

test.each([
  [-1, 0],
  [Number.NaN, 0],
  [1.6, 2],
  [Number.POSITIVE_INFINITY, Number.MAX_SAFE_INTEGER],
])("%d becomes %d", (odd, expected) => {
  const writer = new ByteWriter();
  writer.uint(odd);
  const reader = new ByteReader();
  reader.open(writer.take().slice());
  expect(reader.uint()).toBe(expected);
});

const dimensions: readonly Dimension[] = ["model", "generation", "user"];
const codes = fc.tuple(fc.nat(5_000), fc.nat(), fc.option(fc.string({ unit: "grapheme" })));
const tokens = fc.option(fc.nat());
const row = fc.record({
  ...{ outcome: fc.constantFrom("ok", "error", "refused", "cancelled"), model: fc.constant("a") },
  ...{ served_model: fc.constantFrom("a", "b", null), provider: fc.constantFrom("p", null) },
  ...{
    duration_ms: fc.nat(1e9).map((us) => us / 1_000),
    ttft_ms: fc.option(fc.nat(1e6).map((us) => us / 1_000)),
  },
  ...{ prompt_tokens: tokens, cached_tokens: tokens, completion_tokens: tokens },
  ...{ reasoning_tokens: tokens, total_tokens: tokens },
  cost_usd: fc.option(fc.double({ min: 0, max: 1e6, noNaN: true })),
});
const cell: fc.Arbitrary<Cell> = fc.tuple(codes, fc.array(row, { maxLength: 20 })).map(([codes, rows]) => {
  const count = noCount();
  for (const one of rows) addTo(count, one);
  return { codes, count };
});

test("cells come back as they were, also when some are passed over", () => {
  fc.assert(
    fc.property(fc.array(cell, { maxLength: 10 }), fc.nat(3), (cells, every) => {
      const reader = new PageReader(dimensions);
      reader.open(packPage(dimensions, cells));
      for (const [at, { codes, count }] of cells.entries()) {
        expect(reader.next()).toBe(true);
        if (at % (every + 1) !== 0) continue;
        expect([...reader.codes]).toEqual([...codes]);
        const read = noCount();
        reader.addTo(read, false);
        expect(storeCount(read)).toEqual(storeCount(count));
      }
      expect(reader.next()).toBe(false);
    }),
  );
});

test("a page cut anywhere, or of another form, is not taken for one", () => {
  const count = noCount();
  for (const duration_ms of [1, 20, 300]) addTo(count, { ...answered, duration_ms });
  const page = packPage(dimensions, [{ codes: [300, 2, "user"], count }]);
  for (let end = 0; end < page.length; end += 1) {
    expect(() => {
      const reader = new PageReader(dimensions);
      reader.open(page.subarray(0, end));
      if (!reader.next() && end > 1) throw new Error("nothing is there");
      reader.addTo(noCount(), false);
    }).toThrow();
  }
  expect(() => new PageReader(dimensions).open(Uint8Array.of(99))).toThrow("form");
});

const answered = {
  ...{ outcome: "ok" as const, model: "a", served_model: "a", provider: "p", duration_ms: 1, ttft_ms: 5 },
  ...{ prompt_tokens: 3, cached_tokens: null, completion_tokens: 4, reasoning_tokens: null, total_tokens: 7 },
  cost_usd: 0.5,
};
