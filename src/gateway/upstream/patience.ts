import type { DurationMs } from "../../core/units.ts";
import { type Failure, failure } from "../../domain/failure.ts";
import type { Timeouts } from "../../domain/snapshot.ts";
import { TransportError } from "../../runtime/transport.ts";
import { Deadline } from "./deadline.ts";

/** The clocks that may end an attempt. */
export type ClockName = "first_byte" | "idle" | "answer" | "total";

/**
 * The clocks of one attempt and the one signal that ends it: whichever clock runs out first, or the client leaving,
 * aborts the exchange and is remembered as the reason.
 */
export class Patience {
  readonly #controller = new AbortController();
  readonly #phase: Deadline;
  readonly #total: Deadline;
  readonly #client: AbortSignal;
  readonly #onClientGone = (): void => this.#end("client");
  #clock: ClockName = "first_byte";
  #endedBy: ClockName | "client" | null = null;

  constructor(client: AbortSignal, totalMs: DurationMs) {
    this.#client = client;
    this.#phase = new Deadline(() => this.#end(this.#clock));
    this.#total = new Deadline(() => this.#end("total"));
    this.#total.move(totalMs);
    if (client.aborted) this.#end("client");
    else client.addEventListener("abort", this.#onClientGone, { once: true });
  }

  /** Aborts when a clock runs out or the client leaves. */
  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  /** Starts a clock in place of the one that ran. */
  run(clock: ClockName, timeouts: Timeouts): void {
    this.#clock = clock;
    this.#phase.move(timeouts[clock]);
  }

  /** Stops the running clock while nobody asks for data; `total` goes on. */
  rest(): void {
    this.#phase.pause();
  }

  /** Ends the attempt because the client is gone. */
  leave(): void {
    this.#end("client");
  }

  /** Lets go of every timer. The exchange itself goes on. */
  stop(): void {
    this.#phase.stop();
    this.#total.stop();
    this.#client.removeEventListener("abort", this.#onClientGone);
  }

  /** What an error of the transport means, given who ended the exchange. */
  failureOf(error: unknown): Failure {
    if (this.#endedBy === "client") return failure("cancelled", "the client left");
    if (this.#endedBy !== null) return failure("timeout", `no answer within the ${this.#endedBy} timeout`);
    if (!(error instanceof TransportError)) throw error;
    const { reached } = error;
    if (error.kind === "connect_timeout")
      return failure("timeout", "no connection within the connect timeout", { reached });
    if (error.kind === "malformed") return failure("malformed", "the answer is not valid HTTP", { reached });
    return failure("network", networkWords[error.kind], { reached });
  }

  #end(by: ClockName | "client"): void {
    if (this.#endedBy !== null) return;
    this.#endedBy = by;
    this.stop();
    this.#controller.abort();
  }
}

const networkWords: Readonly<
  Record<Exclude<TransportError["kind"], "connect_timeout" | "malformed">, string>
> = {
  refused: "the connection was refused",
  dns: "the host name cannot be resolved",
  tls: "the TLS handshake failed",
  reset: "the connection was cut",
  aborted: "the exchange was aborted",
};
