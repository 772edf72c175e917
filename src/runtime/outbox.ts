import type { DurationMs } from "../core/units.ts";

/** What became of a batch: done with, to be sent again, or given up. */
export type Fate = "taken" | "retry" | "lost";

/** A bounded queue in front of a thread. Nothing it does throws or waits, so a request can afford it. */
export interface Outbox<Item> {
  /** Queues one item of that weight, or counts it as dropped when there is no room. */
  readonly put: (item: Item, weight: number) => void;
  /** Resolves with true once all that was put before has been dealt with, with false when `withinMs` is over first. */
  readonly flush: (withinMs: DurationMs) => Promise<boolean>;
  /** How many items never arrived. */
  readonly dropped: () => number;
  /** Nothing is sent any more; what is put from now on is dropped. */
  readonly close: () => void;
}

/** How a queue behaves. */
export interface OutboxOptions<Item> {
  /** Hands a batch over; `settle` is called once, at any time. No second batch is sent before. */
  readonly send: (batch: readonly Item[], settle: (fate: Fate) => void) => void;
  /** The weight that may wait, the batch under way included. */
  readonly capacity: number;
  /** Sent at once when so many items wait… */
  readonly batchItems: number;
  /** …and else after so long. */
  readonly everyMs: DurationMs;
  /** How long after a `retry` the same batch is sent again. */
  readonly retryMs: DurationMs;
}

interface Waiter {
  readonly until: number;
  readonly wake: (dealtWith: boolean) => void;
}

interface Queue<Item> {
  waiting: Item[];
  waitingWeight: number;
  underWay: readonly Item[];
  underWayWeight: number;
  put: number;
  settled: number;
  dropped: number;
  timer: ReturnType<typeof setTimeout> | null;
  waiters: Waiter[];
  closed: boolean;
}

/** Opens the queue; see {@link OutboxOptions}. */
export function openOutbox<Item>(options: OutboxOptions<Item>): Outbox<Item> {
  const queue: Queue<Item> = {
    waiting: [],
    waitingWeight: 0,
    underWay: [],
    underWayWeight: 0,
    put: 0,
    settled: 0,
    dropped: 0,
    timer: null,
    waiters: [],
    closed: false,
  };
  return {
    put: (item, weight) => {
      if (queue.closed || queue.waitingWeight + queue.underWayWeight + weight > options.capacity) {
        queue.dropped += 1;
        return;
      }
      queue.put += 1;
      queue.waitingWeight += weight;
      if (queue.waiting.push(item) >= options.batchItems) pump(queue, options);
      else if (queue.timer === null) wakeIn(queue, options, options.everyMs);
    },
    flush: (withinMs) => flush(queue, options, withinMs),
    dropped: () => queue.dropped,
    close: () => {
      queue.closed = true;
      if (queue.timer !== null) clearTimeout(queue.timer);
      queue.dropped += queue.waiting.length + queue.underWay.length;
      queue.waiting = [];
      for (const waiter of queue.waiters) waiter.wake(false);
    },
  };
}

function wakeIn<Item>(queue: Queue<Item>, options: OutboxOptions<Item>, ms: DurationMs): void {
  queue.timer = setTimeout(() => {
    queue.timer = null;
    pump(queue, options);
  }, ms);
  queue.timer.unref?.();
}

function pump<Item>(queue: Queue<Item>, options: OutboxOptions<Item>): void {
  if (queue.underWay.length > 0 || queue.waiting.length === 0 || queue.closed) return;
  queue.underWay = queue.waiting;
  queue.underWayWeight = queue.waitingWeight;
  queue.waiting = [];
  queue.waitingWeight = 0;
  dispatch(queue, options);
}

function dispatch<Item>(queue: Queue<Item>, options: OutboxOptions<Item>): void {
  if (queue.closed) return;
  options.send(queue.underWay, (fate) => {
    if (queue.closed) return;
    if (fate === "retry") {
      setTimeout(() => dispatch(queue, options), options.retryMs).unref?.();
      return;
    }
    const count = queue.underWay.length;
    if (fate === "lost") queue.dropped += count;
    settle(queue, count);
    if (queue.waiting.length >= options.batchItems || queue.waiters.length > 0) pump(queue, options);
    else if (queue.waiting.length > 0 && queue.timer === null) wakeIn(queue, options, options.everyMs);
  });
}

function settle<Item>(queue: Queue<Item>, count: number): void {
  queue.settled += count;
  queue.underWay = [];
  queue.underWayWeight = 0;
  const due = queue.waiters.filter((waiter) => waiter.until <= queue.settled);
  queue.waiters = queue.waiters.filter((waiter) => waiter.until > queue.settled);
  for (const waiter of due) waiter.wake(true);
}

function flush<Item>(
  queue: Queue<Item>,
  options: OutboxOptions<Item>,
  withinMs: DurationMs,
): Promise<boolean> {
  const until = queue.put;
  if (queue.settled >= until) return Promise.resolve(true);
  return new Promise((resolve) => {
    // this timer also keeps the process alive until the answer is there
    const giveUp = setTimeout(() => {
      queue.waiters = queue.waiters.filter((other) => other !== waiter);
      resolve(false);
    }, withinMs);
    const waiter: Waiter = {
      until,
      wake: (dealtWith) => {
        clearTimeout(giveUp);
        resolve(dealtWith);
      },
    };
    queue.waiters.push(waiter);
    pump(queue, options);
  });
}
