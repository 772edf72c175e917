import { TransportError } from "../transport.ts";

/** More than this waiting unread, and the connection is not read from until somebody asks. */
export const maxWaitingBytes = 64 * 1024;

/** A body on its way: pieces put in by the connection, taken out one by one by its reader. */
export class Arrival {
  #pieces: Uint8Array[] = [];
  #taken = 0;
  #bytes = 0;
  #outcome: "open" | "complete" | TransportError = "open";
  #asking: PromiseWithResolvers<Uint8Array | null> | null = null;
  readonly #onRoom: () => void;

  /** `onRoom` hears that little enough is waiting to read on. */
  constructor(onRoom: () => void) {
    this.#onRoom = onRoom;
  }

  /** Whether no more should come for now. */
  get full(): boolean {
    return this.#bytes > maxWaitingBytes;
  }

  /** Takes a piece in. */
  put(piece: Uint8Array): void {
    if (this.#asking === null) {
      this.#pieces.push(piece);
      this.#bytes += piece.byteLength;
    } else {
      this.#answer()?.resolve(piece);
    }
  }

  /** The body is complete. */
  end(): void {
    this.#outcome = "complete";
    this.#answer()?.resolve(null);
  }

  /** Nothing more comes; what has come is still handed out first, unless `drop`. */
  fail(error: TransportError, drop: boolean): void {
    if (this.#outcome !== "open") return;
    this.#outcome = error;
    if (drop) this.#forget();
    this.#answer()?.reject(error);
  }

  /** The next piece; null at the end. Asked again only when the answer is there. */
  read(): Promise<Uint8Array | null> {
    const piece = this.#take();
    if (piece !== undefined) return Promise.resolve(piece);
    if (this.#outcome === "complete") return Promise.resolve(null);
    if (this.#outcome instanceof TransportError) return Promise.reject(this.#outcome);
    this.#asking = Promise.withResolvers();
    this.#onRoom();
    return this.#asking.promise;
  }

  #take(): Uint8Array | undefined {
    const piece = this.#pieces[this.#taken];
    if (piece === undefined) return undefined;
    this.#taken += 1;
    this.#bytes -= piece.byteLength;
    if (this.#taken === this.#pieces.length) this.#forget();
    if (this.#bytes <= maxWaitingBytes) this.#onRoom();
    return piece;
  }

  #forget(): void {
    this.#pieces = [];
    this.#taken = 0;
    this.#bytes = 0;
  }

  #answer(): PromiseWithResolvers<Uint8Array | null> | null {
    const asking = this.#asking;
    this.#asking = null;
    return asking;
  }
}
