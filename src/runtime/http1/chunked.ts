import { parseFields } from "./head.ts";

/** What a step over some bytes came to. */
export type ChunkStep =
  /** All bytes were used; more are needed. */
  | { readonly kind: "more" }
  /** The body ended; bytes from `at` on are not part of it. */
  | { readonly kind: "end"; readonly at: number }
  | { readonly kind: "fault"; readonly message: string };

const maxLine = 4096;
const maxTrailers = 16 * 1024;
const more: ChunkStep = { kind: "more" };
const fault = (message: string): ChunkStep => ({ kind: "fault", message });

/** The chunked coding, RFC 9112 §7.1: one byte at a time between chunks, whole pieces within. */
export class ChunkedBody {
  #state: "size" | "blank" | "extension" | "size_lf" | "data" | "data_cr" | "data_lf" | "trailer" = "size";
  /** Of the chunk: while reading its size the size, afterwards what is left of it. */
  #left = 0;
  #digits = 0;
  #line = 0;
  #trailer = "";

  /** Starts over for the next body. */
  reset(): void {
    this.#state = "size";
    this.#left = 0;
    this.#digits = 0;
    this.#line = 0;
    this.#trailer = "";
  }

  /** Goes over `bytes` from `at` on and hands each piece of data out without copying it. */
  push(bytes: Buffer, at: number, onBody: (piece: Uint8Array) => void): ChunkStep {
    let i = at;
    while (i < bytes.length) {
      if (this.#state === "data") {
        const end = Math.min(bytes.length, i + this.#left);
        onBody(i === 0 && end === bytes.length ? bytes : bytes.subarray(i, end));
        this.#left -= end - i;
        i = end;
        if (this.#left === 0) this.#state = "data_cr";
        continue;
      }
      const message = this.#step(bytes[i] ?? 0);
      i += 1;
      if (message === null) continue;
      return message === ended ? { kind: "end", at: i } : fault(message);
    }
    return more;
  }

  /** One byte of what stands between the chunks: null to go on, {@link ended}, or a fault. */
  #step(byte: number): string | null {
    switch (this.#state) {
      case "size":
        return this.#size(byte);
      case "blank":
        return this.#afterSize(byte);
      case "extension":
        return this.#extension(byte);
      case "size_lf":
        if (byte !== lf) return "a chunk size is not followed by CRLF";
        this.#state = this.#left === 0 ? "trailer" : "data";
        this.#digits = 0;
        this.#line = 0;
        return null;
      case "data_cr":
        if (byte !== cr) return "a chunk is longer than its size";
        this.#state = "data_lf";
        return null;
      case "data_lf":
        if (byte !== lf) return "a chunk is longer than its size";
        this.#state = "size";
        return null;
      default:
        return this.#trailers(byte);
    }
  }

  #size(byte: number): string | null {
    const digit = hexDigit(byte);
    if (digit !== -1) {
      this.#left = this.#left * 16 + digit;
      this.#digits += 1;
      // 13 hexadecimal digits are 52 bits: exact, and more than any answer has.
      return this.#digits > 13 ? "a chunk size is too large" : null;
    }
    if (this.#digits === 0) return "a chunk size is not a hexadecimal number";
    return this.#afterSize(byte);
  }

  #afterSize(byte: number): string | null {
    this.#line += 1;
    if (byte === cr) this.#state = "size_lf";
    else if (byte === semicolon) this.#state = "extension";
    else if (byte === space || byte === tab) this.#state = "blank";
    else return "a chunk size is not a hexadecimal number";
    return this.#line > maxLine ? "a chunk extension is too long" : null;
  }

  #extension(byte: number): string | null {
    this.#line += 1;
    if (this.#line > maxLine) return "a chunk extension is too long";
    if (byte === cr) this.#state = "size_lf";
    else if (byte === lf || byte === 0) return "a chunk extension holds a control character";
    return null;
  }

  /** Trailers are checked and dropped: nothing of ours reads them, and merging them into headers is a known hole. */
  #trailers(byte: number): string | null {
    this.#trailer += String.fromCharCode(byte);
    if (this.#trailer === "\r\n") return ended;
    if (this.#trailer.length > maxTrailers) return "the trailers are too long";
    if (byte !== lf || !this.#trailer.endsWith("\r\n\r\n")) return null;
    const fields = parseFields(this.#trailer.slice(0, -4), 0);
    return fields.ok ? ended : fields.error;
  }
}

const ended = "ended";
const cr = 0x0d;
const lf = 0x0a;
const tab = 0x09;
const space = 0x20;
const semicolon = 0x3b;

function hexDigit(byte: number): number {
  if (byte >= 0x30 && byte <= 0x39) return byte - 0x30;
  const lower = byte | 0x20;
  return lower >= 0x61 && lower <= 0x66 ? lower - 0x57 : -1;
}
