import type { StreamItem, StreamMachine } from "../../domain/adapter.ts";
import { type Failure, failure } from "../../domain/failure.ts";
import { noUsage, type Usage } from "../../domain/usage.ts";
import { SseDecoder } from "../../openai/sse.ts";
import type { TransportResponse } from "../../runtime/transport.ts";

/** What one read of a streamed answer brought. `done`: the answer is complete, by its protocol and never by EOF. */
export interface Batch {
  /** Chunks in OpenAI's shape, as JSON text, in order. */
  readonly chunks: readonly string[];
  /** Whether any of them bears output. */
  readonly output: boolean;
  readonly done: boolean;
  readonly failure: Failure | null;
}

/** Reads a streamed answer piece by piece and keeps what is known of it so far. */
export class Events {
  readonly #response: TransportResponse;
  readonly #machine: StreamMachine<unknown>;
  readonly #expectedFinishes: number;
  readonly #finished: (said: Failure) => Failure;
  readonly #text = new TextDecoder();
  readonly #sse = new SseDecoder();
  #memory: unknown;
  #finishes = 0;
  #hadOutput = false;
  #characters = 0;
  #usage: Usage = noUsage;
  #usageJson: unknown = null;
  #outputChunk: string | null = null;

  /** `n` answers are complete when each has its finish reason; `finished` completes what the provider said went wrong. */
  constructor(
    response: TransportResponse,
    machine: StreamMachine<unknown>,
    n: number,
    finished: (said: Failure) => Failure,
  ) {
    this.#response = response;
    this.#machine = machine;
    this.#memory = machine.start;
    this.#expectedFinishes = n;
    this.#finished = finished;
  }

  /** Tokens as far as the provider told. */
  get usage(): Usage {
    return this.#usage;
  }

  /** Usage in OpenAI's shape; null while the provider told none. */
  get usageJson(): unknown {
    return this.#usageJson;
  }

  /** The chunk of the first output, whose id and model the usage chunk repeats. Those before it may lack them, as Azure's filter results do. */
  get outputChunk(): string | null {
    return this.#outputChunk;
  }

  /** Characters of output so far, to bill what a cut stream delivered. */
  get characters(): number {
    return this.#characters;
  }

  /** Gives the rest of the answer up. */
  cancel(): void {
    this.#response.cancel();
  }

  /** The next piece. Rejects with what the transport rejects with. */
  async next(): Promise<Batch> {
    const bytes = await this.#response.read();
    if (bytes === null) return this.#atEof();
    const decoded = this.#sse.feed(this.#text.decode(bytes, { stream: true }));
    const chunks: string[] = [];
    let output = false;
    for (const event of decoded.events) {
      const [memory, items] = this.#machine.step(this.#memory, event);
      this.#memory = memory;
      for (const item of items) {
        if (item.kind === "failure")
          return { chunks, output, done: false, failure: this.#finished(item.failure) };
        if (item.kind === "end") return this.#ended(chunks, output);
        output = this.#take(item, chunks) || output;
      }
    }
    const tooLarge = decoded.overflow
      ? failure("malformed", "one event of the stream is larger than 4 MiB")
      : null;
    return { chunks, output, done: false, failure: tooLarge };
  }

  #take(item: Extract<StreamItem, { kind: "chunk" | "usage" }>, chunks: string[]): boolean {
    if (item.kind === "usage") {
      this.#usage = item.usage;
      this.#usageJson = item.json;
      return false;
    }
    chunks.push(item.json);
    if (!this.#hadOutput) this.#outputChunk = item.json;
    this.#characters += item.text;
    this.#finishes += item.finishes;
    this.#hadOutput ||= item.output;
    return item.output;
  }

  #ended(chunks: readonly string[], output: boolean): Batch {
    const failed = this.#hadOutput ? null : failure("malformed", "the stream ended without any output");
    return { chunks, output, done: failed === null, failure: failed };
  }

  #atEof(): Batch {
    const complete = this.#finishes >= this.#expectedFinishes;
    const failed = complete ? null : failure("malformed", "the stream was cut before its end");
    return { chunks: [], output: false, done: complete, failure: failed };
  }
}
