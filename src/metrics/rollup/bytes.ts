const decoder = new TextDecoder();
const encoder = new TextEncoder();

/** Whole numbers and texts as bytes, the small ones in one: seven bits at a time, the lowest first. */
export class ByteWriter {
  #bytes = new Uint8Array(4_096);
  #used = 0;

  /** Zero or more; anything else becomes what is nearest to it. */
  uint(value: number): void {
    let rest = value > 0 ? Math.min(Math.round(value), Number.MAX_SAFE_INTEGER) : 0;
    this.#room(8);
    while (rest > 127) {
      this.#bytes[this.#used++] = (rest % 128) | 128;
      rest = Math.floor(rest / 128);
    }
    this.#bytes[this.#used++] = rest;
  }

  text(value: string): void {
    this.bytes(encoder.encode(value));
  }

  /** Its length, then the bytes themselves. */
  bytes(value: Uint8Array): void {
    this.uint(value.length);
    this.#room(value.length);
    this.#bytes.set(value, this.#used);
    this.#used += value.length;
  }

  /** What was written since the last call; to be copied before the next write. */
  take(): Uint8Array {
    const taken = this.#bytes.subarray(0, this.#used);
    this.#used = 0;
    return taken;
  }

  #room(bytes: number): void {
    if (this.#used + bytes <= this.#bytes.length) return;
    const larger = new Uint8Array(2 * (this.#used + bytes));
    larger.set(this.#bytes);
    this.#bytes = larger;
  }
}

/** Reads what a {@link ByteWriter} wrote, in the same order. */
export class ByteReader {
  #bytes: Uint8Array = new Uint8Array(0);
  at = 0;

  open(bytes: Uint8Array): void {
    this.#bytes = bytes;
    this.at = 0;
  }

  get isAtEnd(): boolean {
    return this.at >= this.#bytes.length;
  }

  /** Throws where the bytes end too early. */
  uint(): number {
    let byte = this.#bytes[this.at++];
    if (byte === undefined) throw new Error("the bytes end in the middle of a number");
    if (byte < 128) return byte;
    let value = byte - 128;
    let scale = 128;
    for (;;) {
      byte = this.#bytes[this.at++];
      if (byte === undefined) throw new Error("the bytes end in the middle of a number");
      if (byte < 128) return value + byte * scale;
      value += (byte - 128) * scale;
      scale *= 128;
    }
  }

  text(): string {
    const length = this.uint();
    const bytes = this.#bytes.subarray(this.at, this.at + length);
    this.at += length;
    return decoder.decode(bytes);
  }
}
