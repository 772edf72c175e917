import { describe, expect, setDefaultTimeout, test } from "bun:test";
import fc from "fast-check";
import { maxFields } from "../../../src/runtime/http1/head.ts";
import { maxHeadBytes } from "../../../src/runtime/http1/parse.ts";
import { readAll } from "./read_all.ts";

setDefaultTimeout(20_000);

const ok = "HTTP/1.1 200 OK\r\n";

/** What each response is, whichever way it is cut into pieces. */
const sound: readonly (readonly [string, string, { status: number; body: string; reusable: boolean }])[] = [
  ["a length", `${ok}content-length: 5\r\n\r\nhello`, { status: 200, body: "hello", reusable: true }],
  ["a length of zero", `${ok}Content-Length: 0\r\n\r\n`, { status: 200, body: "", reusable: true }],
  [
    "the same length twice",
    `${ok}content-length: 2\r\ncontent-length: 2\r\n\r\nhi`,
    { status: 200, body: "hi", reusable: true },
  ],
  [
    "the same length in a list",
    `${ok}content-length: 2, 2\r\n\r\nhi`,
    { status: 200, body: "hi", reusable: true },
  ],
  [
    "no reason phrase",
    "HTTP/1.1 429 \r\ncontent-length: 1\r\n\r\nx",
    { status: 429, body: "x", reusable: true },
  ],
  [
    "no space after the status",
    "HTTP/1.1 503\r\ncontent-length: 1\r\n\r\nx",
    { status: 503, body: "x", reusable: true },
  ],
  [
    "no header at all but a 204",
    "HTTP/1.1 204 No Content\r\n\r\n",
    { status: 204, body: "", reusable: true },
  ],
  [
    "a 304 with a length",
    "HTTP/1.1 304 Not Modified\r\ncontent-length: 99\r\n\r\n",
    { status: 304, body: "", reusable: true },
  ],
  [
    "chunks",
    `${ok}transfer-encoding: chunked\r\n\r\n5\r\nhello\r\n1\r\n!\r\n0\r\n\r\n`,
    { status: 200, body: "hello!", reusable: true },
  ],
  [
    "chunks in capitals",
    `${ok}Transfer-Encoding: Chunked\r\n\r\nA\r\n0123456789\r\n0\r\n\r\n`,
    { status: 200, body: "0123456789", reusable: true },
  ],
  [
    "extensions and trailers",
    `${ok}transfer-encoding: chunked\r\n\r\n3;a=b\r\nabc\r\n3 \t;c\r\ndef\r\n00;x\r\nx-sum: 1\r\nx-more: 2\r\n\r\n`,
    { status: 200, body: "abcdef", reusable: true },
  ],
  [
    "CRLF within the data",
    `${ok}transfer-encoding: chunked\r\n\r\n4\r\n\r\n\r\n\r\n0\r\n\r\n`,
    { status: 200, body: "\r\n\r\n", reusable: true },
  ],
  [
    "informational heads first",
    `HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nlink: </a>\r\n\r\n${ok}content-length: 1\r\n\r\nx`,
    { status: 200, body: "x", reusable: true },
  ],
  [
    "a server that will close",
    `${ok}connection: Close\r\ncontent-length: 1\r\n\r\nx`,
    { status: 200, body: "x", reusable: false },
  ],
  ["HTTP/1.0", "HTTP/1.0 200 OK\r\ncontent-length: 1\r\n\r\nx", { status: 200, body: "x", reusable: false }],
  [
    "HTTP/1.0 that stays",
    "HTTP/1.0 200 OK\r\nconnection: keep-alive\r\ncontent-length: 1\r\n\r\nx",
    { status: 200, body: "x", reusable: true },
  ],
];

describe("a sound response", () => {
  test.each(sound)("with %s is read the same at every cut into two", (_, text, wanted) => {
    for (let cut = 1; cut < text.length; cut++) {
      expect(readAll([text.slice(0, cut), text.slice(cut)])).toMatchObject({
        ...wanted,
        ended: true,
        surplus: false,
        fault: null,
      });
    }
  });

  test.each(sound)(
    "with %s is read the same byte by byte, and without its last byte is cut",
    (_, text, wanted) => {
      expect(readAll([...text])).toMatchObject({ ...wanted, ended: true, fault: null });
      expect(readAll([text.slice(0, -1)], true)).toMatchObject({ ended: false, fault: "cut" });
    },
  );

  test.each(sound)("with %s is followed by nothing: more bytes are surplus", (_, text) => {
    expect(readAll([`${text}H`])).toMatchObject({ ended: true, surplus: true });
    expect(readAll([...text, "H"])).toMatchObject({ ended: true, surplus: true });
  });

  test("is read the same at any cuts", () => {
    const cases = fc.constantFrom(...sound);
    fc.assert(
      fc.property(cases, fc.array(fc.nat(200), { maxLength: 12 }), ([, text, wanted], cuts) => {
        const at = [0, ...cuts.map((cut) => cut % text.length).sort((a, b) => a - b), text.length];
        const pieces = at.slice(1).map((to, i) => text.slice(at[i], to));
        expect(readAll(pieces.filter((piece) => piece !== ""))).toMatchObject({
          ...wanted,
          ended: true,
          fault: null,
        });
      }),
    );
  });

  test("without a length ends with the connection", () => {
    expect(readAll([`${ok}\r\n`, "a", "b"])).toMatchObject({ body: "ab", ended: false, reusable: false });
    expect(readAll([`${ok}\r\n`, "a", "b"], true)).toMatchObject({ body: "ab", ended: true, fault: null });
  });

  test("keeps its fields in order, names in lower case, values without blanks around them", () => {
    const { fields } = readAll([
      `${ok}X-A:1\r\nx-b: \t two words \t\r\nX-A:\r\nx-c: d\xc3\xa0\r\ncontent-length: 0\r\n\r\n`,
    ]);
    expect(fields).toEqual([
      "x-a",
      "1",
      "x-b",
      "two words",
      "x-a",
      "",
      "x-c",
      "d\xc3\xa0",
      "content-length",
      "0",
    ]);
  });

  test("may have as many fields as the bound says", () => {
    expect(readAll([`${ok}${"a: b\r\n".repeat(maxFields)}\r\n`])).toMatchObject({ status: 200 });
  });
});

describe("refused is", () => {
  const chunked = `${ok}transfer-encoding: chunked\r\n\r\n`;
  test.each([
    ["what is not HTTP", "SSH-2.0-OpenSSH\r\n", "not HTTP"],
    ["another version", "HTTP/2.0 200 OK\r\n\r\n", "not HTTP"],
    ["a status of two digits", "HTTP/1.1 20 OK\r\n\r\n", "status line"],
    ["a status of zero", "HTTP/1.1 000 OK\r\n\r\n", "status line"],
    ["a status line with a bare CR", "HTTP/1.1 200 O\rK\r\n\r\n", "status line"],
    ["a switched protocol", "HTTP/1.1 101 Switching\r\nupgrade: x\r\n\r\n", "switched"],
    ["informational heads without end", "HTTP/1.1 100 Continue\r\n\r\n".repeat(17), "informational"],
    ["a folded line", `${ok}a: b\r\n c: d\r\n\r\n`, "name"],
    ["a folded line without a colon", `${ok}a: b\r\n\tc\r\n\r\n`, "colon"],
    ["a bare CR in a value", `${ok}a: b\rc: d\r\n\r\n`, "value"],
    ["a bare CR at the end of a value", `${ok}a: b\r\r\n\r\n`, "value"],
    ["a bare LF in a value", `${ok}a: b\nc: d\r\n\r\n`, "value"],
    ["a NUL in a value", `${ok}a: b\0\r\n\r\n`, "value"],
    ["a blank before the colon", `${ok}content-length : 1\r\n\r\nx`, "name"],
    ["an empty name", `${ok}: b\r\n\r\n`, "name"],
    ["a line without a colon", `${ok}abc\r\na: b\r\n\r\n`, "colon"],
    ["two lengths", `${ok}content-length: 1\r\ncontent-length: 2\r\n\r\nx`, "two different"],
    ["two lengths in a list", `${ok}content-length: 1, 2\r\n\r\nx`, "not a number"],
    ["a negative length", `${ok}content-length: -1\r\n\r\n`, "not a number"],
    ["a length with a sign", `${ok}content-length: +1\r\n\r\nx`, "not a number"],
    ["a length in hexadecimal", `${ok}content-length: 0x1\r\n\r\nx`, "not a number"],
    ["a length beyond all bounds", `${ok}content-length: 18446744073709551617\r\n\r\n`, "not a number"],
    ["a length and chunks", `${ok}content-length: 1\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n`, "both"],
    [
      "another transfer coding",
      `${ok}transfer-encoding: gzip, chunked\r\n\r\n0\r\n\r\n`,
      "other than chunked",
    ],
    [
      "chunked twice",
      `${ok}transfer-encoding: chunked\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n`,
      "other than chunked",
    ],
    ["a misspelt chunked", `${ok}transfer-encoding: xchunked\r\n\r\n`, "other than chunked"],
    [
      "chunks in HTTP/1.0",
      "HTTP/1.0 200 OK\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n",
      "other than chunked",
    ],
    ["too many fields", `${ok}${"a: b\r\n".repeat(maxFields + 1)}\r\n`, "256"],
    ["a head that is too long", `${ok}a: ${"b".repeat(maxHeadBytes)}\r\n\r\n`, "65536"],
    ["a head that never ends", `${ok}a: ${"b".repeat(maxHeadBytes)}`, "65536"],
    ["no chunk size", `${chunked}\r\n`, "hexadecimal"],
    ["a chunk size with a sign", `${chunked}+1\r\nx\r\n`, "hexadecimal"],
    ["a chunk size with 0x", `${chunked}0x1\r\nx\r\n`, "hexadecimal"],
    ["a chunk size with a word after it", `${chunked}1 a\r\nx\r\n`, "hexadecimal"],
    ["a chunk size that ends in LF", `${chunked}1\nx\r\n`, "hexadecimal"],
    ["a chunk size that ends in CR", `${chunked}1\rx\r\n`, "CRLF"],
    ["a chunk size beyond all bounds", `${chunked}00000000000001\r\nx`, "too large"],
    ["a chunk longer than its size", `${chunked}1\r\nxy\r\n`, "longer"],
    ["a chunk that ends in LF", `${chunked}1\r\nx\n`, "longer"],
    ["a chunk that ends in CR", `${chunked}1\r\nx\rx`, "longer"],
    ["an extension without end", `${chunked}1;${"x".repeat(5000)}`, "too long"],
    ["blanks without end", `${chunked}1${" ".repeat(5000)}`, "too long"],
    ["an extension with LF", `${chunked}1;a\nb\r\nx`, "control"],
    ["trailers without end", `${chunked}0\r\na: ${"b".repeat(17_000)}`, "trailers"],
    ["a trailer without a colon", `${chunked}0\r\nabc\r\n\r\n`, "colon"],
  ])("%s, whole and byte by byte", (_, text, why) => {
    for (const pieces of [[text], [...text]]) {
      const { fault, ended } = readAll(pieces);
      expect(fault).toContain(why);
      expect(ended).toBe(false);
    }
  });

  test("nothing by throwing, whatever the bytes", () => {
    const bytes = fc.uint8Array({ maxLength: 200 }).map((some) => Buffer.from(some).toString("latin1"));
    const almost = fc.tuple(fc.constantFrom(...sound), fc.nat(300), bytes).map(([[, text], at, noise]) => {
      const cut = at % text.length;
      return text.slice(0, cut) + noise.slice(0, 3) + text.slice(cut + 2);
    });
    fc.assert(
      fc.property(fc.oneof(bytes, almost), (text) => expect(readAll([text], true)).toBeDefined()),
      { numRuns: 500 },
    );
  });
});

test("a head that drips costs no more than linear time", () => {
  const text = `${ok}a: ${"b".repeat(60_000)}\r\ncontent-length: 0\r\n\r\n`;
  const from = performance.now();
  expect(readAll([...text])).toMatchObject({ status: 200, ended: true });
  expect(performance.now() - from).toBeLessThan(1_000);
});
