import type { DurationMs } from "../core/units.ts";

/** What became of a batch: done with, to be sent again, or given up. */
export type Fate = "taken" | "retry" | "lost";

/** A bounded queue in front of a thread. Nothing it does throws or waits, so a request can afford it. */
export interface Outbox<Item> {
  /** Adds one item of that weight to the batch being filled, or counts it as dropped when there is no room. */
  readonly put: (item: Item, weight: number) => void;
  /** Resolves with true once all that was put before has been dealt with, with false when `withinMs` is over first. */
  readonly flush: (withinMs: DurationMs) => Promise<boolean>;
  /** How many items never arrived. */
  readonly dropped: () => number;
  /** Nothing is sent any more; what is put from now on is dropped. */
  readonly close: () => void;
}

/** How a queue behaves. Items go into their batch at once, so that it can hold them in whatever form is small. */
export interface OutboxOptions<Item, Batch> {
  /** An empty batch. */
  readonly begin: () => Batch;
  readonly add: (batch: Batch, item: Item) => void;
  /** Hands a batch over; `settle` is called once, at any time. No second batch is sent before. */
  readonly send: (batch: Batch, settle: (fate: Fate) => void) => void;
  /** The weight that may wait, the batch under way included. */
  readonly capacity: number;
  /** A batch of that weight is full and sent at once… */
  readonly batchWeight: number;
  /** …and any other after so long. */
  readonly everyMs: DurationMs;
  /** How long after a `retry` the same batch is sent again. */
  readonly retryMs: DurationMs;
}

/** A batch with what it holds. */
interface Parcel<Batch> {
  readonly batch: Batch;
  items: number;
  weight: number;
}

interface Waiter {
  readonly until: number;
  readonly wake: (dealtWith: boolean) => void;
}

interface Queue<Batch> {
  /** Full but for the last one. */
  readonly waiting: Parcel<Batch>[];
  underWay: Parcel<Batch> | null;
  /** Of all parcels, the one under way included. */
  weight: number;
  put: number;
  settled: number;
  dropped: number;
  timer: ReturnType<typeof setTimeout> | null;
  waiters: Waiter[];
  closed: boolean;
}

/** Opens the queue; see {@link OutboxOptions}. */
export function openOutbox<Item, Batch>(options: OutboxOptions<Item, Batch>): Outbox<Item> {
  const queue: Queue<Batch> = {
    waiting: [],
    underWay: null,
    weight: 0,
    put: 0,
    settled: 0,
    dropped: 0,
    timer: null,
    waiters: [],
    closed: false,
  };
  return {
    put: (item, weight) => {
      if (queue.closed || queue.weight + weight > options.capacity) {
        queue.dropped += 1;
        return;
      }
      const parcel = parcelFor(queue, options);
      options.add(parcel.batch, item);
      parcel.items += 1;
      parcel.weight += weight;
      queue.put += 1;
      queue.weight += weight;
      if (parcel.weight >= options.batchWeight) pump(queue, options);
      else if (queue.timer === null) wakeIn(queue, options, options.everyMs);
    },
    flush: (withinMs) => flush(queue, options, withinMs),
    dropped: () => queue.dropped,
    close: () => {
      queue.closed = true;
      if (queue.timer !== null) clearTimeout(queue.timer);
      queue.dropped += queue.put - queue.settled;
      queue.waiting.length = 0;
      for (const waiter of queue.waiters) waiter.wake(false);
    },
  };
}

function parcelFor<Item, Batch>(queue: Queue<Batch>, options: OutboxOptions<Item, Batch>): Parcel<Batch> {
  const last = queue.waiting[queue.waiting.length - 1];
  if (last !== undefined && last.weight < options.batchWeight) return last;
  const parcel: Parcel<Batch> = { batch: options.begin(), items: 0, weight: 0 };
  queue.waiting.push(parcel);
  return parcel;
}

function wakeIn<Item, Batch>(queue: Queue<Batch>, options: OutboxOptions<Item, Batch>, ms: DurationMs): void {
  queue.timer = setTimeout(() => {
    queue.timer = null;
    pump(queue, options);
  }, ms);
  queue.timer.unref?.();
}

function pump<Item, Batch>(queue: Queue<Batch>, options: OutboxOptions<Item, Batch>): void {
  if (queue.underWay !== null || queue.closed) return;
  queue.underWay = queue.waiting.shift() ?? null;
  if (queue.underWay !== null) dispatch(queue, options, queue.underWay);
}

function dispatch<Item, Batch>(
  queue: Queue<Batch>,
  options: OutboxOptions<Item, Batch>,
  parcel: Parcel<Batch>,
): void {
  if (queue.closed) return;
  options.send(parcel.batch, (fate) => {
    if (queue.closed) return;
    if (fate === "retry") {
      setTimeout(() => dispatch(queue, options, parcel), options.retryMs).unref?.();
      return;
    }
    if (fate === "lost") queue.dropped += parcel.items;
    settle(queue, parcel);
    const next = queue.waiting[0];
    if (next === undefined) return;
    if (next.weight >= options.batchWeight || queue.waiters.length > 0) pump(queue, options);
    else if (queue.timer === null) wakeIn(queue, options, options.everyMs);
  });
}

function settle<Batch>(queue: Queue<Batch>, { items, weight }: Parcel<Batch>): void {
  queue.settled += items;
  queue.weight -= weight;
  queue.underWay = null;
  const due = queue.waiters.filter((waiter) => waiter.until <= queue.settled);
  queue.waiters = queue.waiters.filter((waiter) => waiter.until > queue.settled);
  for (const waiter of due) waiter.wake(true);
}

function flush<Item, Batch>(
  queue: Queue<Batch>,
  options: OutboxOptions<Item, Batch>,
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
