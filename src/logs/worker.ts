import { writeSync } from "node:fs";
import type { DurationMs } from "../core/units.ts";
import { serveThread } from "../runtime/worker.ts";
import { interactionLine } from "./lines.ts";
import type { FromLogWorker, LogBatch, ToLogWorker } from "./protocol.ts";
import { type LogBounds, type RotatedFile, removeOld, rotatedFile } from "./rotated_file.ts";

const names = ["system", "error", "interactions"] as const;
const cleanEveryMs: DurationMs = 60_000;

/** The thread that owns LOG_DIR. Its owner sends one batch at a time, so that nothing here runs twice at once. */
class LogWorker {
  readonly #dir: string;
  readonly #stdout: boolean;
  readonly #files: Readonly<Record<(typeof names)[number], RotatedFile>>;
  #bounds: LogBounds = { maxFileBytes: 100 * 1024 ** 2, keepMs: 14 * 86_400_000 };
  #cleaning: ReturnType<typeof setInterval> | null = null;

  constructor(dir: string, stdout: boolean) {
    this.#dir = dir;
    this.#stdout = stdout;
    const file = (name: string) => rotatedFile(dir, name, () => this.#bounds);
    this.#files = { system: file("system"), error: file("error"), interactions: file("interactions") };
  }

  async setBounds(bounds: LogBounds): Promise<void> {
    await this.#closeFiles();
    this.#bounds = bounds;
    this.#clean();
    this.#cleaning ??= setInterval(() => this.#clean(), cleanEveryMs);
  }

  /** Writes a batch and says which files failed. */
  async write(batch: LogBatch): Promise<readonly string[]> {
    if (this.#stdout && batch.system !== "") toStdout(batch.system);
    const texts = { ...batch, interactions: batch.interactions.map(lineOrNothing).join("") };
    const failed: string[] = [];
    for (const name of names) {
      if (texts[name] !== "" && !(await this.#files[name].append(texts[name]))) failed.push(name);
    }
    return failed;
  }

  async close(): Promise<void> {
    if (this.#cleaning !== null) clearInterval(this.#cleaning);
    await this.#closeFiles();
  }

  async #closeFiles(): Promise<void> {
    for (const name of names) await this.#files[name].close();
  }

  #clean(): void {
    try {
      removeOld(this.#dir, this.#bounds.keepMs, Date.now());
    } catch {
      // no directory, nothing to clean: the next line brings it back
    }
  }
}

/** One interaction that cannot be written must not cost its batch. */
function lineOrNothing(packed: LogBatch["interactions"][number]): string {
  if (typeof packed === "string") return packed;
  try {
    return interactionLine(packed);
  } catch {
    return `${packed.line},"omitted":"cannot be written"}\n`;
  }
}

/** Nobody may be reading stdout, or too slowly: this thread waits a second for it, and then the lines are in the file alone. */
function toStdout(text: string): void {
  const bytes = Buffer.from(text);
  const patience = new Int32Array(new SharedArrayBuffer(4));
  let written = 0;
  for (let waits = 0; written < bytes.length && waits < 100; ) {
    try {
      written += writeSync(1, bytes, written);
    } catch (error) {
      if (!(error instanceof Error && "code" in error && error.code === "EAGAIN")) return;
      waits += 1;
      Atomics.wait(patience, 0, 0, 10);
    }
  }
}

let worker: LogWorker | null = null;
let turn: Promise<void> = Promise.resolve();

async function handle(message: ToLogWorker, reply: (message: FromLogWorker) => void): Promise<void> {
  switch (message.kind) {
    case "open":
      worker = new LogWorker(message.dir, message.stdout);
      return;
    case "bounds":
      return worker?.setBounds(message.bounds);
    case "batch":
      return reply({ kind: "batch", failed: (await worker?.write(message.batch)) ?? [] });
    case "close":
      await worker?.close();
      reply({ kind: "closed" });
  }
}

serveThread<ToLogWorker, FromLogWorker>((message, reply) => {
  turn = turn.then(() => handle(message, reply));
});
