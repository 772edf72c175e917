import type { Socket, SocketHandler } from "bun";

/** A connected byte stream, TLS already done where asked for. */
export interface Wire {
  /** Hands bytes over; fewer than given mean: go on after `onDrain`. -1 when the connection is gone. */
  readonly write: (data: Uint8Array | string) => number;
  /** Reads nothing from the network until `resume`. */
  readonly pause: () => void;
  readonly resume: () => void;
  /** Says goodbye and closes; for a connection nobody uses. */
  readonly end: () => void;
  /** Closes at once, whatever is under way, and tells the other end so. `onClose` still comes. */
  readonly destroy: () => void;
}

/** What a connection tells its owner. The first `onFail` or `onClose` counts; more of them may follow. */
export interface WireEvents {
  onOpen(wire: Wire): void;
  /** There is no connection: the platform's code for it, and whether that was in the TLS handshake. */
  onFail(code: string, inTls: boolean): void;
  /** The piece belongs to the receiver. */
  onData(piece: Buffer): void;
  onDrain(): void;
  /** The other end will send nothing more. The connection stays open until destroyed. */
  onEnd(): void;
  /** Null for an orderly close. */
  onClose(code: string | null): void;
}

/** Where to. */
export interface Address {
  /** A name or an IP address, IPv6 without brackets. */
  readonly host: string;
  readonly port: number;
  /** Null for plain TCP. */
  readonly tls: { readonly ca: string | null } | null;
}

/**
 * Opens a connection. The platform cannot take an attempt back: one that is no longer wanted is to be destroyed in `onOpen`.
 * Certificates are always verified, also against the host name, whatever the environment says.
 *
 * The one place that names the platform's sockets; another runtime fills the same hole.
 */
export function dial(address: Address, events: WireEvents): void {
  const { host, port, tls } = address;
  // connectError hears of a failure before the promise rejects.
  const ignore = (): void => undefined;
  const base = { hostname: host, port, data: events, allowHalfOpen: true };
  if (tls === null) {
    Bun.connect<WireEvents>({ ...base, socket: plainHandlers }).catch(ignore);
    return;
  }
  const ca = tls.ca === null ? {} : { ca: tls.ca };
  const options = { rejectUnauthorized: true, ALPNProtocols: alpnHttp11, ...ca };
  Bun.connect<WireEvents>({ ...base, tls: options, socket: tlsHandlers }).catch(ignore);
}

/** One protocol, length first: RFC 7301 §3.1. */
const alpnHttp11 = "\x08http/1.1";
/** How long a peer may take to say goodbye back. */
const goodbyeSeconds = 4;

const sharedHandlers: SocketHandler<WireEvents> = {
  data: (socket, piece) => socket.data.onData(piece),
  drain: (socket) => socket.data.onDrain(),
  end: (socket) => socket.data.onEnd(),
  close: (socket, error) => socket.data.onClose(error === undefined ? null : codeOf(error)),
  timeout: (socket) => socket.terminate(),
  // What follows is a close without an error, which an orderly one must not be mistaken for.
  error: (socket, error) => socket.data.onClose(codeOf(error)),
  connectError: (socket, error) => socket.data.onFail(codeOf(error), false),
};

const plainHandlers: SocketHandler<WireEvents> = {
  ...sharedHandlers,
  open: (socket) => socket.data.onOpen(wireOf(socket)),
};

const tlsHandlers: SocketHandler<WireEvents> = {
  ...sharedHandlers,
  // Present, so that no handler below sees a socket before its handshake.
  open: () => undefined,
  handshake: (socket, success, error) => {
    if (success && socket.authorized) {
      socket.data.onOpen(wireOf(socket));
    } else {
      socket.data.onFail(error === null ? "EPROTO" : codeOf(error), true);
      socket.terminate();
    }
  },
};

function wireOf(socket: Socket<WireEvents>): Wire {
  return {
    write: (data) => socket.write(data),
    pause: () => socket.pause(),
    resume: () => socket.resume(),
    end: () => {
      socket.timeout(goodbyeSeconds);
      socket.end();
    },
    destroy: () => socket.terminate(),
  };
}

function codeOf(error: Error): string {
  return "code" in error && typeof error.code === "string" ? error.code : error.name;
}
