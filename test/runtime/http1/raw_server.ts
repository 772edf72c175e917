import type { Socket, TLSOptions } from "bun";
import { once } from "./once.ts";

/** One connection as the server sees it. */
export interface Peer {
  readonly socket: Socket<Peer>;
  /** Requests that came whole on this connection, as text. */
  readonly requests: string[];
  /** Resolves with `performance.now()` when the connection is gone, however that happened. */
  readonly closed: Promise<number>;
  readonly noteClosed: (at: number) => void;
  text: string;
  onDrain: () => void;
}

/** A server that does with its sockets whatever a test says. */
export interface RawServer extends Disposable {
  readonly url: URL;
  readonly peers: Peer[];
  /** Resolves with the first connection. */
  readonly first: Promise<Peer>;
}

/** What to do when a request has come whole: `n` counts those of this connection from 0. */
export type OnRequest = (peer: Peer, n: number) => void;

/** Listens on a loopback address; `onOpen` hears of connections before anything came on them. */
export function rawServer(
  onRequest: OnRequest,
  options: {
    readonly hostname?: string;
    readonly tls?: TLSOptions;
    readonly onOpen?: (peer: Peer) => void;
  } = {},
): RawServer {
  const { hostname = "127.0.0.1", tls, onOpen } = options;
  const peers: Peer[] = [];
  const first = once<Peer>();
  const listener = Bun.listen<Peer>({
    hostname,
    port: 0,
    ...(tls === undefined ? {} : { tls }),
    socket: {
      open: (socket) => {
        const closed = once<number>();
        const peer = {
          socket,
          requests: [],
          closed: closed.promise,
          noteClosed: closed.resolve,
          text: "",
          onDrain: () => undefined,
        };
        socket.data = peer;
        peers.push(peer);
        first.resolve(peer);
        onOpen?.(peer);
      },
      data: ({ data: peer }, bytes) => {
        peer.text += bytes.toString("latin1");
        for (let request = wholeRequest(peer); request !== null; request = wholeRequest(peer)) {
          onRequest(peer, peer.requests.push(request) - 1);
        }
      },
      drain: ({ data }) => data.onDrain(),
      close: ({ data }) => data?.noteClosed(performance.now()),
    },
  });
  const host = hostname.includes(":") ? `[${hostname}]` : hostname;
  const url = new URL(`${tls === undefined ? "http" : "https"}://${host}:${listener.port}/v1/chat?x=1`);
  return { url, peers, first: first.promise, [Symbol.dispose]: () => listener.stop(true) };
}

/** Answers with these bytes, then closes, resets, or stays. */
export const answering =
  (bytes: string, then: "stay" | "close" | "reset" = "stay"): OnRequest =>
  ({ socket }) => {
    if (bytes !== "") socket.write(Buffer.from(bytes, "latin1"));
    if (then === "close") socket.end();
    if (then === "reset") socket.terminate();
  };

/** A small answer on a connection that stays. */
export const fine = "HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok";

function wholeRequest(peer: Peer): string | null {
  const end = peer.text.indexOf("\r\n\r\n");
  if (end === -1) return null;
  const length = /^content-length: (\d+)$/im.exec(peer.text.slice(0, end))?.[1] ?? "0";
  const size = end + 4 + Number(length);
  if (peer.text.length < size) return null;
  const request = peer.text.slice(0, size);
  peer.text = peer.text.slice(size);
  return request;
}
