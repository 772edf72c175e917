import type { DurationMs } from "../core/units.ts";
import { type Fate, type Outbox, openOutbox } from "../runtime/outbox.ts";
import { startThread, type Thread } from "../runtime/worker.ts";
import type { PackedInteraction } from "./interaction.ts";
import { boundedLine } from "./lines.ts";
import type { FromLogWorker, LogBatch, ToLogWorker } from "./protocol.ts";
import type { LogBounds } from "./rotated_file.ts";

/** Characters that may wait while the disk does not take them. */
const capacity = 16 * 1024 ** 2;
/** Characters that are sent at once, without waiting for more. */
const batchWeight = 256 * 1024;
const everyMs: DurationMs = 250;

/** A line of the system log, by whether it belongs in error.log too, or an interaction. */
type Item =
  | { readonly kind: "line"; readonly line: string; readonly isError: boolean }
  | { readonly kind: "interaction"; readonly packed: string | PackedInteraction };

/** Where the sink writes, until `rebound` says otherwise about its bounds. */
export interface SinkOptions extends LogBounds {
  readonly dir: string;
  readonly stdout: boolean;
  /** Called when lines begin to be lost, not for each of them. */
  readonly onLoss: () => void;
}

/** The bounded queue between those who log and the thread that writes. Nothing here throws or waits. */
export class Sink {
  readonly #options: SinkOptions;
  readonly #thread: Thread<ToLogWorker>;
  readonly #outbox: Outbox<Item>;
  #bounds: LogBounds;
  #settle: ((fate: Fate) => void) | null = null;
  #losing = false;
  #onClosed: () => void = () => {};

  constructor(options: SinkOptions) {
    this.#options = options;
    this.#bounds = { maxFileBytes: options.maxFileBytes, keepMs: options.keepMs };
    this.#thread = startThread<ToLogWorker, FromLogWorker>(new URL("./worker.ts", import.meta.url), {
      greeting: () => [
        { kind: "open", dir: options.dir, stdout: options.stdout },
        { kind: "bounds", bounds: this.#bounds },
      ],
      onMessage: (message) => {
        if (message.kind === "closed") this.#onClosed();
        else this.#settled(message.failed.length === 0 ? "taken" : "lost");
      },
      onCrash: () => this.#settled("lost"),
    });
    this.#outbox = openOutbox<Item, FilledBatch>({
      ...{ capacity, batchWeight, everyMs, retryMs: 500 },
      begin: () => ({ system: "", error: "", interactions: [] }),
      add: addTo,
      send: (batch, settle) => {
        this.#settle = settle;
        if (!this.#thread.post({ kind: "batch", batch })) this.#settled("retry");
      },
    });
  }

  /** One line with its newline; `isError` sends it to error.log as well. */
  line(line: string, isError: boolean): void {
    const bounded = boundedLine(line);
    this.#outbox.put({ kind: "line", line: bounded, isError }, bounded.length);
  }

  interaction(packed: string | PackedInteraction): void {
    this.#outbox.put({ kind: "interaction", packed }, weightOf(packed));
  }

  rebound(bounds: LogBounds): void {
    this.#bounds = bounds;
    this.#thread.post({ kind: "bounds", bounds });
  }

  /** Lines that were never written. */
  dropped(): number {
    return this.#outbox.dropped();
  }

  async flush(): Promise<void> {
    await this.#outbox.flush(5_000);
  }

  async close(): Promise<void> {
    await this.flush();
    this.#outbox.close();
    await new Promise<void>((resolve) => {
      const giveUp = setTimeout(resolve, 2_000);
      this.#onClosed = () => {
        clearTimeout(giveUp);
        resolve();
      };
      if (!this.#thread.post({ kind: "close" })) this.#onClosed();
    });
    this.#thread.stop();
  }

  #settled(fate: Fate): void {
    const settle = this.#settle;
    this.#settle = null;
    settle?.(fate);
    if (fate === "lost" && !this.#losing) this.#options.onLoss();
    if (fate !== "retry") this.#losing = fate === "lost";
  }
}

/** A batch being filled: ready lines grow by themselves into one text each. */
interface FilledBatch extends LogBatch {
  system: string;
  error: string;
  readonly interactions: (string | PackedInteraction)[];
}

function addTo(batch: FilledBatch, item: Item): void {
  if (item.kind === "line") {
    batch.system += item.line;
    if (item.isError) batch.error += item.line;
    return;
  }
  const { interactions } = batch;
  const last = interactions[interactions.length - 1];
  if (typeof last === "string" && typeof item.packed === "string") {
    interactions[interactions.length - 1] = last + item.packed;
  } else interactions.push(item.packed);
}

const weightOf = (packed: string | PackedInteraction): number =>
  typeof packed === "string"
    ? packed.length
    : packed.line.length + (packed.request?.length ?? 0) + (packed.answer?.length ?? 0);
