import type { DurationMs, EpochMs } from "../core/units.ts";

/** Time as the gateway sees it; tests and replay pass a virtual one. */
export interface Clock {
  /** Epoch milliseconds that never go back, whatever happens to the wall clock. */
  readonly now: () => EpochMs;
  /** Resolves after `ms`, or as soon as `signal` aborts. */
  readonly sleep: (ms: DurationMs, signal: AbortSignal) => Promise<void>;
}

/** The real one: anchored to the wall clock at start, monotonic from then on. */
export const systemClock: Clock = {
  now: () => performance.timeOrigin + performance.now(),
  sleep: (ms, signal) =>
    new Promise((resolve) => {
      if (signal.aborted) return resolve();
      const timer = setTimeout(done, ms);
      signal.addEventListener("abort", done, { once: true });
      function done(): void {
        clearTimeout(timer);
        signal.removeEventListener("abort", done);
        resolve();
      }
    }),
};
