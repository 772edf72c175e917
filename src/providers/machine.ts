import type { StreamMachine } from "../domain/adapter.ts";

/** A machine whose memory is its own business: callers hand back what they were given and look into nothing. */
export const hideMemory = <Memory>(machine: StreamMachine<Memory>): StreamMachine<unknown> => ({
  start: machine.start,
  // Only what `start` or an earlier step gave out ever comes back.
  step: (memory, event) => machine.step(memory as Memory, event),
});
