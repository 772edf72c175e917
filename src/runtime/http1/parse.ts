import { ChunkedBody } from "./chunked.ts";
import { type Framing, parseHead, type ResponseHead } from "./head.ts";

/** What a response turns out to be, in the order it is read. */
export interface ResponseSink {
  /** The final head; informational ones (1xx) are skipped. */
  onHead(head: ResponseHead): void;
  /** A piece of the body as it was sent, never empty. It is not copied. */
  onBody(piece: Uint8Array): void;
  /** The message is complete. `surplus` when bytes follow that belong to nothing. */
  onMessageEnd(surplus: boolean): void;
}

/** Of a head, all its lines. */
export const maxHeadBytes = 64 * 1024;
const maxInformational = 16;
const wanted = "HTTP/1.";

/** An HTTP/1.1 response, read as its bytes come, in whatever pieces. It holds at most one head and does no I/O. */
export class ResponseParser {
  readonly #sink: ResponseSink;
  readonly #chunked = new ChunkedBody();
  readonly #onBody: (piece: Uint8Array) => void;
  #state: "head" | Framing["kind"] | "done" = "done";
  #left = 0;
  #informational = 0;
  /** A head that came in pieces; only its first `#held` bytes count. */
  #partial: Buffer = empty;
  #held = 0;

  constructor(sink: ResponseSink) {
    this.#sink = sink;
    this.#onBody = (piece) => sink.onBody(piece);
  }

  /** Expects a response. */
  start(): void {
    this.#state = "head";
    this.#informational = 0;
    this.#held = 0;
    this.#partial = empty;
  }

  /** Reads on. Answers with what is wrong, null while nothing is; after a fault it is not to be called again. */
  push(bytes: Buffer): string | null {
    return this.#state === "head" ? this.#head(bytes) : this.#body(bytes, 0);
  }

  /** The other end closed in good order: whether that completes the response. */
  finish(): boolean {
    if (this.#state !== "close") return this.#state === "done";
    this.#end(false);
    return true;
  }

  #head(bytes: Buffer): string | null {
    let rest = this.#held === 0 ? bytes : this.#join(bytes);
    let scanned = Math.max(0, rest.length - bytes.length - 3);
    for (;;) {
      const end = rest.indexOf("\r\n\r\n", scanned, "latin1");
      if (end === -1 || end > maxHeadBytes) return this.#hold(rest);
      const head = parseHead(rest.toString("latin1", 0, end));
      if (!head.ok) return head.error;
      if (head.value.status >= 200) return this.#begin(head.value, rest, end + 4);
      this.#informational += 1;
      if (head.value.status === 101) return "the protocol was switched without being asked";
      if (this.#informational > maxInformational) return "too many informational responses";
      rest = rest.subarray(end + 4);
      scanned = 0;
      this.#held = 0;
      this.#partial = empty;
    }
  }

  /** Keeps the beginning of a head until the rest comes; refuses what can no longer become one. */
  #hold(rest: Buffer): string | null {
    if (rest.length > maxHeadBytes) return `the head is over ${maxHeadBytes} bytes`;
    const begun = rest.toString("latin1", 0, Math.min(rest.length, wanted.length));
    if (!wanted.startsWith(begun)) return "the answer is not HTTP/1.1";
    if (this.#held === 0) this.#join(rest);
    return null;
  }

  /** Doubles its room, so that a head that drips costs no more than one that does not. */
  #join(bytes: Buffer): Buffer {
    const size = this.#held + bytes.length;
    if (size > this.#partial.length) {
      const larger = Buffer.allocUnsafe(Math.max(1024, 2 * size));
      this.#partial.copy(larger, 0, 0, this.#held);
      this.#partial = larger;
    }
    bytes.copy(this.#partial, this.#held);
    this.#held = size;
    return this.#partial.subarray(0, size);
  }

  #begin(head: ResponseHead, bytes: Buffer, at: number): string | null {
    const { framing } = head;
    this.#state = framing.kind;
    if (framing.kind === "length") this.#left = framing.bytes;
    if (framing.kind === "chunked") this.#chunked.reset();
    // What was held is now handed out in pieces: it may not be written over.
    this.#partial = empty;
    this.#held = 0;
    this.#sink.onHead(head);
    if (framing.kind === "none") {
      this.#end(at < bytes.length);
      return null;
    }
    return at < bytes.length ? this.#body(bytes, at) : null;
  }

  #body(bytes: Buffer, at: number): string | null {
    switch (this.#state) {
      case "length": {
        const end = Math.min(bytes.length, at + this.#left);
        this.#left -= end - at;
        this.#sink.onBody(at === 0 && end === bytes.length ? bytes : bytes.subarray(at, end));
        if (this.#left === 0) this.#end(end < bytes.length);
        return null;
      }
      case "chunked": {
        const step = this.#chunked.push(bytes, at, this.#onBody);
        if (step.kind === "fault") return step.message;
        if (step.kind === "end") this.#end(step.at < bytes.length);
        return null;
      }
      case "close":
        this.#sink.onBody(at === 0 ? bytes : bytes.subarray(at));
        return null;
      default:
        return "bytes that belong to no response";
    }
  }

  #end(surplus: boolean): void {
    this.#state = "done";
    this.#sink.onMessageEnd(surplus);
  }
}

const empty = Buffer.alloc(0);
