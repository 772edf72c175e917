import type { DurationMs } from "../core/units.ts";

/** A thread of our own with one inbox and one outbox; messages are copied, so both sides own what they have. */
export interface Thread<Inbox> {
  /** False when the thread is down just now, and the message went nowhere. What is in `moved` is not copied, and gone here. */
  readonly post: (message: Inbox, moved?: ArrayBuffer[]) => boolean;
  /** Ends it at once, whatever it is doing, and for good. */
  readonly stop: () => void;
}

/** What the owner of a thread tells it first, and wants to hear of it. */
export interface ThreadEvents<Inbox, Outbox> {
  /** The messages that it begins with, each time it is started. */
  readonly greeting: () => readonly Inbox[];
  readonly onMessage: (message: Outbox) => void;
  /** It ended, most often by an error that nothing caught; it is started again after {@link restartMs}. */
  readonly onCrash: (message: string) => void;
}

/** The pause before a crashed thread is started again. */
export const restartMs: DurationMs = 1_000;

/**
 * Starts a module as a thread. It never keeps the process alive by itself.
 * `Inbox` and `Outbox` are what the module at `url` agreed to; nothing checks them at run time.
 */
export function startThread<Inbox, Outbox>(url: URL, events: ThreadEvents<Inbox, Outbox>): Thread<Inbox> {
  let running: Worker | null = null;
  let stopped = false;

  const start = (): void => {
    if (stopped) return;
    const worker: Worker & { unref?: () => void } = new Worker(url, { type: "module" });
    worker.onmessage = (event: MessageEvent<Outbox>) => events.onMessage(event.data);
    const ended = (message: string): void => {
      if (running !== worker) return;
      running = null;
      worker.terminate();
      events.onCrash(message);
      setTimeout(start, restartMs).unref?.();
    };
    worker.onerror = (event) => {
      event.preventDefault();
      ended(event.message);
    };
    // of a thread that was ended without an error nothing else is heard
    worker.addEventListener("close", () => ended("it was ended"));
    worker.unref?.();
    running = worker;
    for (const message of events.greeting()) worker.postMessage(message);
  };

  start();
  return {
    post: (message, moved) => {
      // a message alone may go by a shorter way
      if (moved === undefined) running?.postMessage(message);
      else running?.postMessage(message, moved);
      return running !== null;
    },
    stop: () => {
      stopped = true;
      running?.terminate();
      running = null;
    },
  };
}

/** What the other side answers with. What is in `moved` is not copied, and gone here. */
export type Reply<Outbox> = (message: Outbox, moved?: ArrayBuffer[]) => void;

/** The other side: called once by the module that runs as a thread. */
export function serveThread<Inbox, Outbox>(handle: (message: Inbox, reply: Reply<Outbox>) => void): void {
  const reply: Reply<Outbox> = (message, moved) =>
    moved === undefined ? postMessage(message) : postMessage(message, moved);
  self.onmessage = (event: MessageEvent<Inbox>) => handle(event.data, reply);
}
