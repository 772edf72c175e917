import type { DurationMs } from "../../core/units.ts";
import { type Failure, failure } from "../../domain/failure.ts";
import type { Timeouts } from "../../domain/snapshot.ts";
import { streamError } from "../../openai/error.ts";
import type { Traffic } from "../gateway.ts";
import { Deadline } from "../upstream/deadline.ts";
import type { Batch } from "../upstream/events.ts";
import type { StreamedAnswer } from "../upstream/reply.ts";
import type { Transcript } from "./transcript.ts";

/** A comment goes out after this much silence, so that nothing on the way takes the connection for dead. */
const keepAliveMs: DurationMs = 15_000;
const encoder = new TextEncoder();
const keepAlive = encoder.encode(": keep-alive\n\n");

/** Nobody's fault but ours: it counts against no provider. */
const shuttingDown = failure("cancelled", "The gateway is shutting down.", {
  code: "draining",
  type: "api_error",
});

/** What a stream to a client is sent with. */
export interface StreamOptions {
  readonly timeouts: Timeouts;
  readonly includeUsage: boolean;
  readonly signal: AbortSignal;
  readonly traffic: Traffic;
  /** Keeps what goes out; null where nobody logs it. */
  readonly transcript: Transcript | null;
}

/** How a stream ended: complete, broken by the provider, or left by the client (`cancelled`). */
export type StreamEnd = { readonly failure: Failure | null };

/**
 * An answer on its way to the client, pulled: nothing is read from the provider while the client takes nothing.
 *
 * After the first output there is no failover any more: what breaks becomes an error event, and the stream ends without
 * `[DONE]`, which makes the SDKs throw. `onEnd` is called exactly once.
 */
export function clientStream(
  answer: StreamedAnswer,
  options: StreamOptions,
  onEnd: (end: StreamEnd) => void,
): ReadableStream<Uint8Array> {
  const ended = options.traffic.opened(() => out.cut());
  const out = new Outgoing(answer, options, (end) => {
    ended();
    onEnd(end);
  });
  // Ends the upstream also when the platform reports the loss on the request alone.
  options.signal.addEventListener("abort", () => out.left(), { once: true });
  if (options.signal.aborted) out.left();
  return new ReadableStream<Uint8Array>(
    { pull: (controller) => out.pull(controller), cancel: () => out.left() },
    { highWaterMark: 0 },
  );
}

type Controller = ReadableStreamDefaultController<Uint8Array>;

class Outgoing {
  readonly #answer: StreamedAnswer;
  readonly #timeouts: Timeouts;
  readonly #includeUsage: boolean;
  readonly #transcript: Transcript | null;
  readonly #onEnd: (end: StreamEnd) => void;
  readonly #silence: Deadline;
  readonly #unread: Deadline;
  #controller: Controller | null = null;
  #first: Batch | null;
  #ended = false;

  constructor(
    answer: StreamedAnswer,
    { timeouts, includeUsage, transcript }: Pick<StreamOptions, "timeouts" | "includeUsage" | "transcript">,
    onEnd: (end: StreamEnd) => void,
  ) {
    this.#answer = answer;
    this.#timeouts = timeouts;
    this.#includeUsage = includeUsage;
    this.#transcript = transcript;
    this.#onEnd = onEnd;
    this.#first = answer.held;
    this.#silence = new Deadline(() => this.#speak());
    this.#unread = new Deadline(() => this.left());
    this.#unread.move(timeouts.idle);
  }

  async pull(controller: Controller): Promise<void> {
    this.#controller = controller;
    this.#unread.pause();
    this.#silence.move(keepAliveMs);
    try {
      for (;;) {
        const batch = await this.#next();
        if (this.#ended) return;
        if (this.#write(batch, controller)) break;
      }
    } catch (error) {
      this.#break(this.#answer.patience.failureOf(error), controller);
    }
    this.#silence.pause();
    // Bytes that wait unaccepted for this long have lost their reader.
    if (!this.#ended) this.#unread.move(this.#timeouts.idle);
  }

  /** The client is gone: the provider is told at once. */
  left(): void {
    if (this.#ended) return;
    this.#answer.patience.leave();
    this.#end(failure("cancelled", "the client left"));
    try {
      this.#controller?.error(new DOMException("the client left", "AbortError"));
    } catch {
      // It was closed from the other side already.
    }
  }

  /** The gateway goes away before the stream has ended: the client is told, as of any other break. */
  cut(): void {
    if (this.#controller === null) {
      this.left();
      return;
    }
    this.#answer.patience.leave();
    this.#break(shuttingDown, this.#controller);
  }

  async #next(): Promise<Batch> {
    const first = this.#first;
    if (first !== null) {
      this.#first = null;
      return first;
    }
    const { patience, events } = this.#answer;
    patience.run("idle", this.#timeouts);
    try {
      return await events.next();
    } finally {
      patience.rest();
    }
  }

  /** Whether anything was written, or the stream has ended. */
  #write(batch: Batch, controller: Controller): boolean {
    let text = "";
    this.#transcript?.add(batch.chunks);
    for (const chunk of batch.chunks) text += `data: ${chunk}\n\n`;
    if (batch.failure !== null) {
      if (text !== "") controller.enqueue(encoder.encode(text));
      this.#break(batch.failure, controller);
      return true;
    }
    if (batch.done) text += `${this.#usageChunk()}data: [DONE]\n\n`;
    if (text !== "") controller.enqueue(encoder.encode(text));
    if (batch.done) {
      this.#end(null);
      controller.close();
    }
    return text !== "";
  }

  #usageChunk(): string {
    const { usageJson, outputChunk } = this.#answer.events;
    if (!this.#includeUsage || usageJson === null || outputChunk === null) return "";
    const { id, object, created, model } = JSON.parse(outputChunk);
    return `data: ${JSON.stringify({ id, object, created, model, choices: [], usage: usageJson })}\n\n`;
  }

  #break(why: Failure, controller: Controller): void {
    if (this.#ended) return;
    controller.enqueue(encoder.encode(`data: ${JSON.stringify(streamError(why))}\n\n`));
    this.#end(why);
    controller.close();
  }

  #speak(): void {
    if (this.#ended) return;
    this.#controller?.enqueue(keepAlive);
    this.#silence.move(keepAliveMs);
  }

  #end(why: Failure | null): void {
    this.#ended = true;
    this.#silence.stop();
    this.#unread.stop();
    this.#answer.patience.stop();
    this.#answer.events.cancel();
    this.#onEnd({ failure: why });
  }
}
