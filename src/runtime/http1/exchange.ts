import { TransportError, type TransportRequest, type TransportResponse } from "../transport.ts";
import { Arrival } from "./arrival.ts";
import { type Client, Connection } from "./connection.ts";
import { decoded, isKnownCoding, type ReadPiece } from "./decode.ts";
import type { ResponseHead } from "./head.ts";
import type { Pool } from "./pool.ts";
import { type Message, writeRequest } from "./request.ts";
import type { Address } from "./socket.ts";

/** One request and its answer: finds a connection, follows the signal, and hands out head and body. */
export class Exchange implements Client, EventListenerObject {
  readonly #request: TransportRequest;
  readonly #pool: Pool;
  readonly #ca: string | null;
  readonly #resolve: (response: TransportResponse) => void;
  readonly #reject: (error: TransportError) => void;
  readonly #arrival = new Arrival(() => this.#connection?.resume());
  #message: Message = [""];
  #connection: Connection | null = null;
  #answered = false;

  constructor(
    request: TransportRequest,
    pool: Pool,
    ca: string | null,
    resolve: (response: TransportResponse) => void,
    reject: (error: TransportError) => void,
  ) {
    this.#request = request;
    this.#pool = pool;
    this.#ca = ca;
    this.#resolve = resolve;
    this.#reject = reject;
  }

  get message(): Message {
    return this.#message;
  }

  get repeatable(): boolean {
    return this.#request.method === "GET";
  }

  get full(): boolean {
    return this.#arrival.full;
  }

  /** Sends the request on a connection that waits for work, else on a new one. */
  start(): void {
    const { signal, url } = this.#request;
    if (signal.aborted) {
      this.#reject(new TransportError("aborted", "the exchange was aborted", false));
      return;
    }
    const message = writeRequest(this.#request);
    if (!message.ok) {
      this.#reject(new TransportError("malformed", message.error, false));
      return;
    }
    this.#message = message.value;
    signal.addEventListener("abort", this, { once: true });
    const idle = this.#pool.take(url.origin, performance.now());
    if (idle === null) {
      this.#dial();
    } else {
      this.#connection = idle;
      idle.begin(this);
    }
  }

  /** The signal aborted: the connection is closed at once, whatever stage it is in. */
  handleEvent(): void {
    this.#fail(
      new TransportError("aborted", "the exchange was aborted", this.#connection?.reached ?? false),
      true,
    );
  }

  onHead(head: ResponseHead): void {
    this.#answered = true;
    const coding = head.framing.kind === "none" ? null : head.contentEncoding;
    const plain = (): Promise<Uint8Array | null> => this.#arrival.read();
    if (coding === null || coding === "identity") {
      this.#resolve(new Answer(head, plain, this.#cancel));
    } else if (isKnownCoding(coding)) {
      this.#resolve(new Answer(head, decoded(plain, coding, this.#cancel), this.#cancel));
    } else {
      this.#answered = false;
      this.#fail(new TransportError("malformed", "the body has an unknown content-encoding", true), true);
    }
  }

  onBody(piece: Uint8Array): void {
    this.#arrival.put(piece);
  }

  onComplete(): void {
    this.#leave();
    this.#arrival.end();
  }

  onLost(error: TransportError, stale: boolean): void {
    if (stale) {
      this.#dial();
    } else {
      this.#leave();
      this.#settle(error, false);
    }
  }

  #dial(): void {
    const { url, connectMs } = this.#request;
    this.#connection = new Connection(this.#pool, url.origin);
    this.#connection.open(addressOf(url, this.#ca), connectMs, this);
  }

  readonly #cancel = (): void => {
    this.#fail(new TransportError("aborted", "the body was cancelled", true), true);
  };

  #fail(error: TransportError, drop: boolean): void {
    const connection = this.#connection;
    this.#leave();
    connection?.abort();
    this.#settle(error, drop);
  }

  #settle(error: TransportError, drop: boolean): void {
    // Settling twice is harmless; the body is told in either case, because it may be the one that waits.
    if (!this.#answered) this.#reject(error);
    this.#arrival.fail(error, drop);
  }

  #leave(): void {
    this.#connection = null;
    this.#request.signal.removeEventListener("abort", this);
  }
}

function addressOf(url: URL, ca: string | null): Address {
  const { hostname, protocol, port } = url;
  const secure = protocol === "https:";
  const host = hostname.startsWith("[") ? hostname.slice(1, -1) : hostname;
  return { host, port: port === "" ? (secure ? 443 : 80) : Number(port), tls: secure ? { ca } : null };
}

class Answer implements TransportResponse {
  readonly status: number;
  readonly read: ReadPiece;
  readonly cancel: () => void;
  readonly #fields: readonly string[];
  #headers: Headers | null = null;

  constructor(head: ResponseHead, read: ReadPiece, cancel: () => void) {
    this.status = head.status;
    this.read = read;
    this.cancel = cancel;
    this.#fields = head.fields;
  }

  /** Built when asked for: many answers are never asked for theirs. */
  get headers(): Headers {
    this.#headers ??= headersOf(this.#fields);
    return this.#headers;
  }
}

function headersOf(fields: readonly string[]): Headers {
  const headers = new Headers();
  for (let i = 0; i < fields.length; i += 2) headers.append(fields[i] ?? "", fields[i + 1] ?? "");
  return headers;
}
