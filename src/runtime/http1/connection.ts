import type { DurationMs } from "../../core/units.ts";
import { TransportError } from "../transport.ts";
import { kindOf } from "../transport_fetch.ts";
import type { ResponseHead } from "./head.ts";
import { ResponseParser, type ResponseSink } from "./parse.ts";
import type { Pool } from "./pool.ts";
import type { Message } from "./request.ts";
import { type Address, type Dialing, dial, type Wire, type WireEvents } from "./socket.ts";

/** The exchange a connection works for. */
export interface Client {
  readonly message: Message;
  /** A request that may be sent twice, whatever became of it. */
  readonly repeatable: boolean;
  onHead(head: ResponseHead): void;
  onBody(piece: Uint8Array): void;
  onComplete(): void;
  /** Whether enough is waiting to be read. */
  readonly full: boolean;
  /** The connection is lost. `stale`: it had been used before, and the request was surely not processed. */
  onLost(error: TransportError, stale: boolean): void;
}

/** How long the proof that a connection was stale may be on its way after its end: round trips, within reason. */
const proofMs = { least: 20, most: 500, roundTrips: 2 } as const;

/** Timers of the platform fire at once beyond this. */
const longestTimerMs = 2 ** 31 - 1;

/** One connection to an origin: one exchange at a time, and a place in the pool between them. */
export class Connection implements WireEvents, ResponseSink {
  readonly origin: string;
  /** When it has been idle for too long, on the clock of `performance.now()`. Kept by the pool. */
  expiresAt = 0;
  readonly #pool: Pool;
  readonly #parser = new ResponseParser(this);
  #dialing: Dialing | null = null;
  #wire: Wire | null = null;
  #client: Client | null = null;
  #timer: ReturnType<typeof setTimeout> | null = null;
  #dialedAt = 0;
  #dialMs: DurationMs = 0;
  #gone = false;
  #used = false;
  /** Of the exchange: whether a byte left, what has not left yet, whether a byte came. */
  #sent = false;
  #unsent: Uint8Array[] = [];
  #heard = false;
  #paused = false;
  /** The other end said that it will send nothing more. */
  #finished = false;
  #head: ResponseHead | null = null;

  constructor(pool: Pool, origin: string) {
    this.#pool = pool;
    this.origin = origin;
  }

  /** Connects, then starts the exchange. */
  open(address: Address, connectMs: DurationMs, client: Client): void {
    this.#client = client;
    this.#dialedAt = performance.now();
    this.#timer = setTimeout(
      () => {
        this.#lose(
          new TransportError("connect_timeout", `no connection within ${connectMs} ms`, false),
          false,
        );
      },
      Math.min(connectMs, longestTimerMs),
    );
    this.#dialing = dial(address, this);
  }

  /** Starts an exchange on a connection from the pool. */
  begin(client: Client): void {
    this.#client = client;
    this.#sent = false;
    this.#heard = false;
    this.#parser.start();
    this.#write(client.message);
  }

  /** Whether a byte of the request left. */
  get reached(): boolean {
    return this.#sent;
  }

  /** Reads on, if it had stopped. */
  resume(): void {
    if (!this.#paused) return;
    this.#paused = false;
    this.#wire?.resume();
  }

  /** Ends the exchange and the connection with it, at once. */
  abort(): void {
    this.#client = null;
    this.#close();
  }

  /** Closes a connection that no exchange uses. */
  retire(): void {
    if (this.#gone) return;
    this.#gone = true;
    this.#wire?.end();
  }

  onOpen(wire: Wire): void {
    this.#wire = wire;
    this.#dialing = null;
    this.#stopTimer();
    this.#dialMs = performance.now() - this.#dialedAt;
    if (this.#client === null) this.#close();
    else this.begin(this.#client);
  }

  onFail(code: string, inTls: boolean): void {
    const kind = inTls ? "tls" : kindOf(code) === "dns" ? "dns" : "refused";
    this.#lose(new TransportError(kind, `${unconnectedWords[kind]} (${code})`, false), false);
  }

  onData(piece: Buffer): void {
    if (this.#client === null) {
      this.#close();
      return;
    }
    this.#heard = true;
    const fault = this.#parser.push(piece);
    if (fault !== null) {
      this.#lose(new TransportError("malformed", `the answer is not valid HTTP: ${fault}`, true), false);
    } else if (!this.#paused && this.#client?.full === true) {
      this.#paused = true;
      this.#wire?.pause();
    }
  }

  onDrain(): void {
    for (;;) {
      const piece = this.#unsent[0];
      if (piece === undefined) return;
      const written = this.#wire?.write(piece) ?? -1;
      if (written > 0) this.#sent = true;
      if (written < piece.byteLength) {
        this.#unsent[0] = piece.subarray(Math.max(0, written));
        return;
      }
      this.#unsent.shift();
    }
  }

  onEnd(): void {
    this.#finished = true;
    const client = this.#client;
    if (client === null) {
      this.#gone = true;
      this.#pool.drop(this);
      this.#wire?.destroy();
    } else if (!this.#parser.finish()) {
      this.#awaitProof(client);
    }
  }

  onClose(code: string | null): void {
    const client = this.#client;
    if (client === null) {
      this.#close();
      return;
    }
    const unread = !this.#sent || (this.#finished && code !== null);
    const stale = this.#used && !this.#heard && (unread || client.repeatable);
    this.#lose(new TransportError("reset", cutWords(this.#heard, code), this.#sent), stale);
  }

  onHead(head: ResponseHead): void {
    this.#head = head;
    this.#client?.onHead(head);
  }

  onBody(piece: Uint8Array): void {
    this.#client?.onBody(piece);
  }

  onMessageEnd(surplus: boolean): void {
    const client = this.#client;
    const head = this.#head;
    this.#client = null;
    this.#head = null;
    this.#used = true;
    this.resume();
    const clean = !surplus && !this.#finished && !this.#gone && this.#unsent.length === 0;
    if (clean && head?.reusable === true) this.#pool.give(this, head.keepAliveMs, performance.now());
    else this.#close();
    client?.onComplete();
  }

  /**
   * The other end closed instead of answering. A server that had closed before our request came answers it with a
   * reset, which follows its end and is the proof that nobody read the request.
   */
  #awaitProof(client: Client): void {
    if (this.#heard || !this.#used || !this.#sent || client.repeatable) {
      this.onClose(null);
      return;
    }
    const waitMs = Math.min(proofMs.most, Math.max(proofMs.least, proofMs.roundTrips * this.#dialMs));
    this.#closeIn(waitMs, null);
  }

  #write(message: Message): void {
    for (const piece of message) {
      if (this.#unsent.length > 0) {
        this.#unsent.push(bytesOf(piece));
        continue;
      }
      const written = this.#wire?.write(piece) ?? -1;
      if (written > 0) this.#sent = true;
      if (written < lengthOf(piece)) this.#unsent.push(bytesOf(piece).subarray(Math.max(0, written)));
      // The platform tells of a dead connection by an event; should it not, the exchange must not hang.
      if (written === -1) this.#closeIn(0, "EPIPE");
    }
  }

  #closeIn(ms: DurationMs, code: string | null): void {
    this.#stopTimer();
    this.#timer = setTimeout(() => this.onClose(code), ms);
  }

  #lose(error: TransportError, stale: boolean): void {
    const client = this.#client;
    this.#client = null;
    this.#close();
    client?.onLost(error, stale);
  }

  #close(): void {
    this.#stopTimer();
    if (this.#gone) return;
    this.#gone = true;
    this.#pool.drop(this);
    this.#dialing?.abandon();
    this.#wire?.destroy();
  }

  #stopTimer(): void {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
  }
}

const bytesOf = (piece: string | Uint8Array): Uint8Array =>
  typeof piece === "string" ? Buffer.from(piece) : piece;
/** In bytes: what a string becomes as UTF-8. */
const lengthOf = (piece: string | Uint8Array): number =>
  typeof piece === "string" ? Buffer.byteLength(piece) : piece.byteLength;

const unconnectedWords = {
  refused: "no connection was made",
  dns: "the host name cannot be resolved",
  tls: "the TLS handshake failed",
} as const;

function cutWords(heard: boolean, code: string | null): string {
  const when = heard ? "before the answer was complete" : "before an answer came";
  return `the connection was cut ${when}${code === null ? "" : ` (${code})`}`;
}
