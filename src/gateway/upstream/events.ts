import type { StreamItem } from "../../domain/adapter.ts";
import { type Failure, failure } from "../../domain/failure.ts";
import { noUsage, type Usage } from "../../domain/usage.ts";
import type { Items } from "./items.ts";

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
  readonly #items: Items;
  readonly #expectedFinishes: number;
  readonly #finished: (said: Failure) => Failure;
  #finishes = 0;
  #hadOutput = false;
  #characters = 0;
  #usage: Usage = noUsage;
  #usageJson: unknown = null;
  #outputChunk: string | null = null;

  /** `n` answers are complete when each has its finish reason; `finished` completes what the provider said went wrong. */
  constructor(items: Items, n: number, finished: (said: Failure) => Failure) {
    this.#items = items;
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
    this.#items.cancel();
  }

  /** The next piece. Rejects with what the transport rejects with. */
  async next(): Promise<Batch> {
    const items = await this.#items.next();
    if (items === null) return this.#atEof();
    const chunks: string[] = [];
    let output = false;
    for (const item of items) {
      if (item.kind === "failure")
        return { chunks, output, done: false, failure: this.#finished(item.failure) };
      if (item.kind === "end") return this.#ended(chunks, output);
      output = this.#take(item, chunks) || output;
    }
    return { chunks, output, done: false, failure: null };
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
