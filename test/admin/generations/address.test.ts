import { expect, setDefaultTimeout, test } from "bun:test";
import fc from "fast-check";
import { addressOf, choose, pairOf, type View, viewIn } from "../../../src/admin/generations/address.ts";
import { type SpanName, spans } from "../../../src/admin/generations/timeline.ts";

setDefaultTimeout(20_000);

const number = fc.integer({ min: 1, max: 999_999_999 });
const views: fc.Arbitrary<View> = fc.record({
  open: fc.option(number),
  chosen: fc.uniqueArray(number, { maxLength: 2 }),
  span: fc.option(fc.constantFrom(...(Object.keys(spans) as SpanName[]))),
});

test("what is looked at can be sent to somebody as an address", () => {
  fc.assert(fc.property(views, (view) => expect(viewIn(addressOf(view).split("?")[1] ?? "")).toEqual(view)));
});

test.each(["", "open=0&compare=x-y&span=never", "open=-3&compare=1.5", "open=1e9"])(
  "the address %p opens nothing",
  (address) => expect(viewIn(address)).toEqual({ open: null, chosen: [], span: null }),
);

test("two are compared, the older one first, and a third takes the place of the first", () => {
  const two = choose(choose([], 7), 3);
  expect(pairOf(two)).toEqual({ from: 3, to: 7 });
  expect(pairOf(choose(two, 9))).toEqual({ from: 3, to: 9 });
  expect(pairOf(choose(two, 7))).toBeNull();
});
