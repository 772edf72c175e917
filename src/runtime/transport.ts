import type { DurationMs } from "../core/units.ts";

/** The narrow door to the network: one HTTP exchange with a provider. Redirects are answers, never followed. */
export interface Transport {
  /**
   * Resolves when the answer's headers are there; rejects with a {@link TransportError} and nothing else.
   * An abort of `signal` closes the connection at once, before and after the headers.
   */
  readonly send: (request: TransportRequest) => Promise<TransportResponse>;
  /** Closes idle connections; exchanges under way go on. */
  readonly close: () => void;
}

/** A POST or GET with its whole body in memory. */
export interface TransportRequest {
  readonly method: "GET" | "POST";
  /** Absolute, http or https. */
  readonly url: URL;
  /** Lower-case names. `host`, `content-length` and `connection` are the transport's own. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | Uint8Array | null;
  readonly signal: AbortSignal;
  /** How long a new connection, TLS included, may take. */
  readonly connectMs: DurationMs;
}

/** The head of an answer and a pull-only body. */
export interface TransportResponse {
  readonly status: number;
  readonly headers: Headers;
  /**
   * The next piece of the decoded body, null at its end. Nothing is read from the network while nobody asks.
   * Rejects with a {@link TransportError} when the body is cut short of its declared length.
   */
  readonly read: () => Promise<Uint8Array | null>;
  /** Gives the rest up. A body must be read to its end or cancelled. */
  readonly cancel: () => void;
}

/** Why an exchange failed. `reached` is false when surely no byte of the request got to the provider. */
export class TransportError extends Error {
  readonly kind: "refused" | "dns" | "tls" | "reset" | "connect_timeout" | "malformed" | "aborted";
  readonly reached: boolean;

  constructor(kind: TransportError["kind"], message: string, reached: boolean) {
    super(message);
    this.kind = kind;
    this.reached = reached;
  }
}
