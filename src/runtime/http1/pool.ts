import type { DurationMs } from "../../core/units.ts";
import type { Connection } from "./connection.ts";

/** How long connections without work are kept, and how many. */
export interface PoolLimits {
  /** Per origin; one more is closed instead of kept. */
  readonly maxIdlePerOrigin: number;
  /** A server that promises less is believed. */
  readonly idleMs: DurationMs;
}

const sweepEveryMs = 1_000;

/** Connections that wait for work, by origin, the last used first: the one least likely to have been closed. */
export class Pool {
  readonly #limits: PoolLimits;
  readonly #idle = new Map<string, Connection[]>();
  #sweeper: ReturnType<typeof setTimeout> | null = null;
  #closed = false;

  constructor(limits: PoolLimits) {
    this.#limits = limits;
  }

  /** A connection to `origin` that was alive when last heard of, or null. */
  take(origin: string, now: number): Connection | null {
    const stack = this.#idle.get(origin);
    for (;;) {
      const connection = stack?.pop();
      if (connection === undefined) return null;
      if (connection.expiresAt > now) return connection;
      connection.retire();
    }
  }

  /** Keeps a connection whose exchange ended cleanly, or closes it. */
  give(connection: Connection, keepAliveMs: DurationMs | null, now: number): void {
    const idleMs = Math.min(
      this.#limits.idleMs,
      keepAliveMs === null ? Number.POSITIVE_INFINITY : keepAliveMs - marginOf(keepAliveMs),
    );
    const stack = this.#stackOf(connection.origin);
    if (this.#closed || idleMs <= 0 || stack.length >= this.#limits.maxIdlePerOrigin) {
      connection.retire();
      return;
    }
    connection.expiresAt = now + idleMs;
    stack.push(connection);
    this.#sweeper ??= this.#sweepLater();
  }

  /** Forgets a connection that was closed by the other end. */
  drop(connection: Connection): void {
    const stack = this.#idle.get(connection.origin);
    const at = stack?.indexOf(connection) ?? -1;
    if (at !== -1) stack?.splice(at, 1);
  }

  /** Closes what is idle, now and from now on. */
  close(): void {
    this.#closed = true;
    this.#sweep(Number.POSITIVE_INFINITY);
  }

  #stackOf(origin: string): Connection[] {
    const known = this.#idle.get(origin);
    if (known !== undefined) return known;
    const stack: Connection[] = [];
    this.#idle.set(origin, stack);
    return stack;
  }

  #sweepLater(): ReturnType<typeof setTimeout> {
    const timer = setTimeout(() => this.#sweep(performance.now()), sweepEveryMs);
    timer.unref();
    return timer;
  }

  #sweep(now: number): void {
    if (this.#sweeper !== null) clearTimeout(this.#sweeper);
    this.#sweeper = null;
    for (const [origin, stack] of this.#idle) {
      const kept = stack.filter((connection) => connection.expiresAt > now);
      const expired = stack.filter((connection) => connection.expiresAt <= now);
      if (kept.length === 0) this.#idle.delete(origin);
      else this.#idle.set(origin, kept);
      for (const connection of expired) connection.retire();
    }
    if (this.#idle.size > 0) this.#sweeper = this.#sweepLater();
  }
}

/** The server's clock started before ours did: RFC 9112 §9.3 leaves the race to us. */
const marginOf = (keepAliveMs: DurationMs): DurationMs => Math.min(1_000, keepAliveMs / 2);
