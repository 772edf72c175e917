/** A running HTTP server. */
export interface Listener {
  readonly port: number;
  readonly hostname: string;
  /** Takes no new connections; resolves when those under way have ended, or at once with `force`. */
  readonly stop: (force: boolean) => Promise<void>;
}

/** What a handler is told beside the request. */
export interface Peer {
  /** The address of the other end, without its port; empty when it is gone already. */
  readonly address: string;
  /** Lifts the server's own idle clock from this request: ours take over. */
  readonly patient: () => void;
}

/**
 * Listens for HTTP. Bodies are bounded by the handler; the server's own bound stands far above and only guards memory.
 *
 * The one place that names the platform's server; another runtime fills the same hole.
 */
export function listen(options: {
  readonly hostname: string;
  readonly port: number;
  readonly maxBodyBytes: number;
  readonly handle: (request: Request, peer: Peer) => Response | Promise<Response>;
}): Listener {
  const server = Bun.serve({
    hostname: options.hostname,
    port: options.port,
    maxRequestBodySize: options.maxBodyBytes,
    idleTimeout: 120,
    // Our own error shape; the platform's page would show a stack.
    development: false,
    fetch: (request, self) => options.handle(request, new BunPeer(request, self)),
  });
  return {
    port: server.port ?? options.port,
    hostname: server.hostname ?? options.hostname,
    stop: (force) => server.stop(force),
  };
}

class BunPeer implements Peer {
  readonly #request: Request;
  readonly #server: Bun.Server<undefined>;

  constructor(request: Request, server: Bun.Server<undefined>) {
    this.#request = request;
    this.#server = server;
  }

  get address(): string {
    return this.#server.requestIP(this.#request)?.address ?? "";
  }

  patient(): void {
    this.#server.timeout(this.#request, 0);
  }
}
