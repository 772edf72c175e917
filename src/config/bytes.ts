import { err, ok, type Result } from "../core/result.ts";
import { type Diagnostic, type DiagnosticCode, diagnostic } from "./diagnostic.ts";
import { topOf } from "./tree.ts";

/** All files of a configuration together. */
export const maxBytes = 1024 ** 2;

/** UTF-8 to text, refusing what no editor shows: marks, NULs and broken letters, each at its byte. */
export function decode(file: string, bytes: Uint8Array): Result<string, Diagnostic> {
  const refuse = (code: DiagnosticCode, offset: number, message: string) =>
    err(diagnostic(code, spotOfByte(file, bytes, offset), message));

  const [a, b, c] = bytes;
  if ((a === 0xef && b === 0xbb && c === 0xbf) || (a === 0xff && b === 0xfe) || (a === 0xfe && b === 0xff)) {
    return refuse(
      "byte_order_mark",
      0,
      "The file begins with a byte order mark; save it as UTF-8 without one.",
    );
  }
  const broken = firstBrokenByte(bytes);
  const nul = bytes.indexOf(0);
  if (broken !== -1 && (nul === -1 || broken < nul)) {
    return refuse(
      "invalid_utf8",
      broken,
      `The byte 0x${hex(bytes[broken])} is not UTF-8; save the file as UTF-8.`,
    );
  }
  if (nul !== -1)
    return refuse("nul_byte", nul, "A NUL byte stands here; a configuration is text without any.");
  return ok(new TextDecoder().decode(bytes));
}

const hex = (byte = 0): string => byte.toString(16).padStart(2, "0");

function spotOfByte(file: string, bytes: Uint8Array, offset: number) {
  const lines = new TextDecoder("utf-8", { ignoreBOM: true }).decode(bytes.subarray(0, offset)).split("\n");
  const line = lines.length;
  const column = (lines.at(-1)?.length ?? 0) + 1;
  return { ...topOf(file), line, column, end_line: line, end_column: column + 1 };
}

/** The index of the byte at which UTF-8 breaks (RFC 3629: no overlong forms, no surrogates); -1 when none does. */
function firstBrokenByte(bytes: Uint8Array): number {
  for (let at = 0; at < bytes.length; ) {
    const length = letterLength(bytes, at);
    if (length === 0) return at;
    at += length;
  }
  return -1;
}

function letterLength(bytes: Uint8Array, at: number): number {
  const lead = bytes[at] ?? 0;
  if (lead < 0x80) return 1;
  const length =
    lead >= 0xc2 && lead <= 0xdf
      ? 2
      : lead >= 0xe0 && lead <= 0xef
        ? 3
        : lead >= 0xf0 && lead <= 0xf4
          ? 4
          : 0;
  for (let next = 1; next < length; next++) {
    const byte = bytes[at + next];
    if (byte === undefined || byte < 0x80 || byte > 0xbf) return 0;
  }
  const second = bytes[at + 1] ?? 0;
  const overlong = (lead === 0xe0 && second < 0xa0) || (lead === 0xf0 && second < 0x90);
  const beyond = (lead === 0xed && second > 0x9f) || (lead === 0xf4 && second > 0x8f);
  return overlong || beyond ? 0 : length;
}
