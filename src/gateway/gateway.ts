import type { TraceContext } from "../core/trace_context.ts";
import type { DurationMs, Share } from "../core/units.ts";
import type { RequestRow } from "../domain/journal.ts";
import type { State } from "../domain/route.ts";
import type { Logging } from "../domain/snapshot.ts";
import type { Ledger } from "../limits/ledger.ts";
import type { Books } from "./books.ts";
import type { Pointer } from "./live.ts";
import type { Wire } from "./upstream/wire.ts";

/** Everything that serving a request needs, joined in `src/server.ts`. */
export interface Gateway {
  readonly pointer: Pointer;
  readonly wire: Wire;
  readonly ledger: Ledger;
  readonly books: Books;
  readonly state: State;
  /** Told of every request, once, when it has ended. Must neither throw nor wait. */
  readonly onEnd: (row: RequestRow, trace: TraceContext | null) => void;
  /** The place in a trace that a request gets below its caller's; absent where nobody traces, and the caller's is passed on. */
  readonly beginSpan?: ((caller: TraceContext | null) => TraceContext) | undefined;
  /** Told what went back and forth, where the file wants interactions logged. */
  readonly onInteraction: (interaction: Interaction) => void;
  readonly traffic: Traffic;
  /** Drawn once for each request, and journaled. */
  readonly chance: () => Share;
}

/** One request as sent upstream and what came back; the log decides how much of it is kept. */
export interface Interaction {
  readonly row: RequestRow;
  readonly sent: unknown;
  /** JSON text of a whole answer; null for streams and failures. */
  readonly answer: string | null;
  /** The sentence that the client was given; null on success. */
  readonly error: string | null;
  /** How the pinned snapshot wants it logged. */
  readonly logging: Logging;
}

/** Requests under way, and whether new ones are welcome. */
export class Traffic {
  readonly #most: number;
  #inFlight = 0;
  #draining = false;
  #idle: (() => void) | null = null;
  readonly #inFlightOf = new Map<number, number>();
  /** How each open stream is ended before its time. */
  readonly #cuts = new Set<() => void>();

  /** `most` keeps the process below its limit of open files. */
  constructor(most: number) {
    this.#most = most;
  }

  get inFlight(): number {
    return this.#inFlight;
  }

  /** Requests under way by generation; one without any is not there. */
  get inFlightOf(): ReadonlyMap<number, number> {
    return this.#inFlightOf;
  }

  get isDraining(): boolean {
    return this.#draining;
  }

  get isFull(): boolean {
    return this.#inFlight >= this.#most;
  }

  begin(): void {
    this.#inFlight += 1;
  }

  /** A request that has begun is served by a generation, to its end. */
  joined(generation: number): void {
    this.#inFlightOf.set(generation, (this.#inFlightOf.get(generation) ?? 0) + 1);
  }

  /** A request has ended that had joined a generation. */
  end(generation: number): void {
    const left = (this.#inFlightOf.get(generation) ?? 1) - 1;
    if (left > 0) this.#inFlightOf.set(generation, left);
    else this.#inFlightOf.delete(generation);
    this.#inFlight -= 1;
    if (this.#inFlight === 0) this.#idle?.();
  }

  /** A stream is open, and `cut` would end it; returns what to call when it has ended. */
  opened(cut: () => void): () => void {
    this.#cuts.add(cut);
    return () => void this.#cuts.delete(cut);
  }

  /** Ends every open stream with an error event. */
  cutStreams(): void {
    for (const cut of [...this.#cuts]) cut();
  }

  /** Takes no new requests; resolves when none is under way, or after `patienceMs`. */
  drain(patienceMs: DurationMs): Promise<void> {
    this.#draining = true;
    if (this.#inFlight === 0) return Promise.resolve();
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, patienceMs);
      this.#idle = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }
}
