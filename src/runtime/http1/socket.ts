import type { Socket, SocketHandler } from "bun";
import { codeOf } from "../transport_fetch.ts";

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

/** A connection being made. */
export interface Dialing {
  /** It is not wanted any more: closed at once, or as soon as the platform hands it over. */
  readonly abandon: () => void;
}

/**
 * Opens a connection. Certificates are always verified, also against the host name, whatever the environment says.
 *
 * The one place that names the platform's sockets; another runtime fills the same hole.
 */
export function dial(address: Address, events: WireEvents): Dialing {
  const { host, port, tls } = address;
  const link: Link = { events, socket: null, abandoned: false };
  const base = { hostname: host, port, data: link, allowHalfOpen: true };
  const ca = tls === null || tls.ca === null ? {} : { ca: tls.ca };
  const secure = { rejectUnauthorized: true, ALPNProtocols: alpnHttp11, ...ca };
  const options =
    tls === null ? { ...base, socket: plainHandlers } : { ...base, tls: secure, socket: tlsHandlers };
  try {
    // connectError hears of a failure before the promise rejects.
    Bun.connect<Link>(options).catch(() => undefined);
  } catch (error) {
    events.onFail(codeOf(error), false);
  }
  return {
    abandon: () => {
      link.abandoned = true;
      link.socket?.terminate();
    },
  };
}

/** What a socket of the platform carries. */
interface Link {
  readonly events: WireEvents;
  socket: Socket<Link> | null;
  abandoned: boolean;
}

/** One protocol, length first: RFC 7301 §3.1. */
const alpnHttp11 = "\x08http/1.1";
/** How long a peer may take to say goodbye back. */
const goodbyeSeconds = 4;

const sharedHandlers: SocketHandler<Link> = {
  data: ({ data: { events } }, piece) => events.onData(piece),
  drain: ({ data: { events } }) => events.onDrain(),
  end: ({ data: { events } }) => events.onEnd(),
  close: ({ data: { events } }, error) => events.onClose(error === undefined ? null : codeOf(error)),
  timeout: (socket) => socket.terminate(),
  // What follows is a close without an error, which must not pass for an orderly one.
  error: ({ data: { events } }, error) => events.onClose(codeOf(error)),
  connectError: ({ data: { events } }, error) => events.onFail(codeOf(error), false),
};

const plainHandlers: SocketHandler<Link> = {
  ...sharedHandlers,
  open: (socket) => {
    if (handedOver(socket)) socket.data.events.onOpen(wireOf(socket));
  },
};

const tlsHandlers: SocketHandler<Link> = {
  ...sharedHandlers,
  // Before the handshake, because there is a handler for that.
  open: (socket) => {
    handedOver(socket);
  },
  handshake: (socket, success, error) => {
    const { events } = socket.data;
    if (success && socket.authorized) {
      events.onOpen(wireOf(socket));
    } else {
      events.onFail(error === null ? "EPROTO" : codeOf(error), true);
      socket.terminate();
    }
  },
};

/** Whether somebody still wants it; closed if not. */
function handedOver(socket: Socket<Link>): boolean {
  socket.data.socket = socket;
  if (socket.data.abandoned) socket.terminate();
  return !socket.data.abandoned;
}

function wireOf(socket: Socket<Link>): Wire {
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
