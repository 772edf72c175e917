import type { Socket } from "bun";
import { assertLoopback } from "./wire.ts";

/** What a measurement wants to know of one answer. */
export interface Listener {
  /** Called with every piece of an answer, its head included. */
  readonly piece?: (bytes: Buffer, connection: Connection) => void;
  /** Called at the end of an answer; status 0 when the connection broke instead. */
  readonly done: (status: number, connection: Connection) => void;
}

const headEnd = Buffer.from("\r\n\r\n");
const lastChunk = "\r\n0\r\n\r\n";

/** One keep-alive HTTP/1.1 connection with at most one request under way: as little work per answer as possible. */
export class Connection {
  readonly #listener: Listener;
  #socket: Socket | null = null;
  #closed = false;
  #busy = false;
  #status = 0;
  /** Body bytes still to come; -1 while the head is incomplete, -2 when the body is chunked. */
  #left = -1;
  #head: Buffer | null = null;
  #tail = "";
  #unsent: Uint8Array | null = null;
  /** Free for the measurement: when the request was sent, how many events came. */
  sentAt = 0;
  seen = 0;

  private constructor(listener: Listener) {
    this.#listener = listener;
  }

  /** Connects, to this machine only. */
  static async open(url: URL, listener: Listener): Promise<Connection> {
    assertLoopback(url.hostname);
    const connection = new Connection(listener);
    connection.#socket = await Bun.connect({
      hostname: url.hostname,
      port: Number(url.port),
      socket: {
        data: (_, bytes) => connection.#read(bytes),
        drain: () => connection.#flush(),
        close: () => connection.#broken(),
        error: () => connection.#broken(),
      },
    });
    return connection;
  }

  get closed(): boolean {
    return this.#closed;
  }

  send(request: Uint8Array): void {
    this.#busy = true;
    this.#left = -1;
    this.#head = null;
    this.#tail = "";
    this.seen = 0;
    this.sentAt = performance.now();
    this.#unsent = request;
    this.#flush();
  }

  close(): void {
    this.#busy = false;
    this.#closed = true;
    this.#socket?.terminate();
  }

  #flush(): void {
    if (this.#unsent === null || this.#socket === null) return;
    const written = this.#socket.write(this.#unsent);
    this.#unsent = written < this.#unsent.length ? this.#unsent.subarray(Math.max(0, written)) : null;
  }

  #read(bytes: Buffer): void {
    if (!this.#busy) return;
    this.#listener.piece?.(bytes, this);
    const body = this.#left === -1 ? this.#readHead(bytes) : bytes;
    if (body === null) return;
    if (this.#left === -2) {
      // Only one answer is under way, so the last chunk can only be the last bytes.
      this.#tail = (this.#tail + body.subarray(-lastChunk.length).toString("latin1")).slice(
        -lastChunk.length,
      );
      if (this.#tail === lastChunk) this.#finish(this.#status);
      return;
    }
    this.#left -= body.length;
    if (this.#left <= 0) this.#finish(this.#status);
  }

  /** What follows the head, or null while the head is incomplete. */
  #readHead(bytes: Buffer): Buffer | null {
    const head = this.#head === null ? bytes : Buffer.concat([this.#head, bytes]);
    const end = head.indexOf(headEnd);
    if (end === -1) {
      this.#head = head;
      return null;
    }
    const text = head.toString("latin1", 0, end);
    this.#status = Number(text.slice(9, 12));
    const length = /\r\ncontent-length:\s*(\d+)/i.exec(text);
    this.#left = length === null ? -2 : Number(length[1]);
    // The line break before the first chunk belongs to the head: an empty chunked body is `0\r\n\r\n` right after it.
    return this.#left === -2 ? head.subarray(end + 2) : head.subarray(end + 4);
  }

  #finish(status: number): void {
    this.#busy = false;
    this.#listener.done(status, this);
  }

  #broken(): void {
    if (this.#closed) return;
    this.#closed = true;
    if (this.#busy) this.#finish(0);
  }
}

/** Opens many connections at once. */
export function openAll(count: number, url: URL, listener: Listener): Promise<Connection[]> {
  return Promise.all(Array.from({ length: count }, () => Connection.open(url, listener)));
}
