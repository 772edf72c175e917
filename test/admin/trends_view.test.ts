import { expect, setDefaultTimeout, test } from "bun:test";
import fc from "fast-check";
import {
  addressOf,
  filters,
  first,
  groupings,
  pathOf,
  spans,
  type View,
  viewIn,
} from "../../src/admin/trends/view.ts";

setDefaultTimeout(20_000);

const views: fc.Arbitrary<View> = fc.record({
  span: fc.constantFrom(...(Object.keys(spans) as (keyof typeof spans)[])),
  zoom: fc.option(
    fc.tuple(fc.integer({ min: 1, max: 2e9 }), fc.integer({ min: 1, max: 1e7 })).map(([from, length]) => ({
      from,
      to: from + length,
    })),
  ),
  bucket: fc.constantFrom("auto", "minute", "hour", "day"),
  where: fc.dictionary(fc.constantFrom(...filters), fc.string({ minLength: 1 }), { noNullPrototype: true }),
  by: fc.option(fc.constantFrom(...groupings)),
  isCompared: fc.boolean(),
});

test("what is shown can be sent to somebody as an address", () => {
  fc.assert(fc.property(views, (view) => expect(viewIn(addressOf(view))).toEqual(view)));
});

test("an address that nobody made shows what is shown at first", () => {
  for (const address of ["", "span=never&zoom=a-b&bucket=week", "compare=yes"])
    expect(viewIn(address)).toEqual(first);
});

test("the time before ends where the time that is shown begins", () => {
  const zoomed: View = { ...first, zoom: { from: 1_000_000, to: 1_003_600 }, by: "model" };
  const before = new URLSearchParams(pathOf(zoomed, "before", "UTC", 9e9).split("?")[1]);
  expect([before.get("from"), before.get("to"), before.get("group_by")]).toEqual([
    "1970-01-12T12:46:40.000Z",
    "1970-01-12T13:46:40.000Z",
    null,
  ]);
  const shown = new URLSearchParams(pathOf(zoomed, "this", "UTC", 9e9).split("?")[1]);
  expect([shown.get("from"), shown.get("group_by")]).toEqual(["1970-01-12T13:46:40.000Z", "model"]);
});

test("a ready-made time is asked for in hours, so that its last point is now", () => {
  const asked = new URLSearchParams(
    pathOf({ ...first, where: { key: "web" } }, "this", "Europe/Berlin", 9e9).split("?")[1],
  );
  expect(Object.fromEntries(asked)).toEqual({ bucket: "auto", tz: "Europe/Berlin", hours: "24", key: "web" });
});
