import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { jsonPointerPattern, valueAt } from "../../src/core/json_pointer.ts";

/** The document of RFC 6901, section 5. */
const document = {
  foo: ["bar", "baz"],
  "": 0,
  "a/b": 1,
  "c%d": 2,
  "e^f": 3,
  "g|h": 4,
  "i\\j": 5,
  'k"l': 6,
  " ": 7,
  "m~n": 8,
};

describe("a JSON pointer", () => {
  test.each([
    ["", document],
    ["/foo", ["bar", "baz"]],
    ["/foo/0", "bar"],
    ["/", 0],
    ["/a~1b", 1],
    ["/c%d", 2],
    ["/e^f", 3],
    ["/g|h", 4],
    ["/i\\j", 5],
    ['/k"l', 6],
    ["/ ", 7],
    ["/m~0n", 8],
  ])("%p of the RFC's document leads where the RFC says", (pointer, value) => {
    expect(valueAt(document, pointer)).toEqual(value);
  });

  test.each([
    "/bar",
    "/foo/2",
    "/foo/-",
    "/foo/00",
    "/foo/1e0",
    "/foo/length",
    "/foo/0/0",
    "foo",
    "/constructor",
  ])("%p leads nowhere", (pointer) => expect(valueAt(document, pointer)).toBeUndefined());

  test("reads ~01 as ~1 and not as a slash", () => {
    expect(valueAt({ "~1": "tilde", "/": "slash" }, "/~01")).toBe("tilde");
  });

  test("finds any value by its escaped path, and has the pattern's form", () => {
    const pattern = new RegExp(jsonPointerPattern, "u");
    fc.assert(
      fc.property(fc.array(fc.string(), { minLength: 1, maxLength: 6 }), fc.jsonValue(), (path, value) => {
        const nested = path.reduceRight<unknown>((inner, name) => Object.fromEntries([[name, inner]]), value);
        const pointer = path.map((name) => `/${name.replaceAll("~", "~0").replaceAll("/", "~1")}`).join("");
        expect(valueAt(nested, pointer)).toEqual(value);
        expect(pattern.test(pointer)).toBe(true);
      }),
    );
  });

  test.each(["", "a", "a/b", "/~", "/~2", "/a~"])("%p has not the pattern's form", (pointer) =>
    expect(new RegExp(jsonPointerPattern, "u").test(pointer)).toBe(false),
  );
});
