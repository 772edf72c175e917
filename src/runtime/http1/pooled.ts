import type { DurationMs } from "../../core/units.ts";
import type { Transport } from "../transport.ts";
import { Exchange } from "./exchange.ts";
import { Pool } from "./pool.ts";

/** What may differ from the defaults. */
export interface PooledOptions {
  /** Connections without work kept per origin; 1,024 unless given. */
  readonly maxIdlePerOrigin?: number;
  /** How long one is kept; 30 s unless given, less where the server promises less. */
  readonly idleMs?: DurationMs;
  /** The only certificate authorities trusted, as PEM; unless given, those the platform trusts. */
  readonly ca?: string;
}

/**
 * HTTP/1.1 over sockets of our own: connections kept and bounded per origin, the making of one on its own clock,
 * bodies read only as fast as they are asked for. Proxies named by the environment are not used.
 */
export function pooledTransport(options: PooledOptions = {}): Transport {
  const pool = new Pool({
    maxIdlePerOrigin: options.maxIdlePerOrigin ?? 1_024,
    idleMs: options.idleMs ?? 30_000,
  });
  const ca = options.ca ?? null;
  return {
    send: (request) =>
      new Promise((resolve, reject) => new Exchange(request, pool, ca, resolve, reject).start()),
    close: () => pool.close(),
  };
}
