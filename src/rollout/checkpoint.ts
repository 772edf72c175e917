import type { DurationMs } from "../core/units.ts";
import type { Lessons } from "../limits/learn.ts";
import type { Ledger } from "../limits/ledger.ts";
import type { Clock } from "../runtime/clock.ts";
import type { Control } from "./control.ts";
import type { ServedBy } from "./served.ts";

/** Limits after a crash are at most this old. */
const countersMs: DurationMs = 1_000;
/** What was learned changes slowly. */
const lessonsMs: DurationMs = 60_000;

/** Puts limits and lessons back as the last process left them, and writes them down from then on. */
export function checkpointEvery({
  ledger,
  lessons,
  control,
  clock,
  served,
  onProblem,
}: {
  readonly ledger: Ledger;
  readonly lessons: Lessons;
  readonly control: Pick<Control, "remembered" | "checkpoint">;
  readonly clock: Clock;
  readonly served: ServedBy;
  readonly onProblem: (problem: string) => void;
}): { readonly stop: () => Promise<void> } {
  ledger.restore(control.remembered.counters, clock.now());
  lessons.restore(control.remembered.lessons);
  let writing = false;
  let taughtAt = clock.now();
  let failing = false;

  const write = async (withLessons: boolean): Promise<void> => {
    const now = clock.now();
    const counters = ledger.snapshotOf(now);
    if (counters.length === 0 && !withLessons) return;
    if (withLessons) taughtAt = now;
    const requests = withLessons ? served.unwritten() : new Map<number, number>();
    const problem = await control.checkpoint({
      counters,
      lessons: withLessons ? lessons.saved() : null,
      served: [...requests],
    });
    if (problem === null) served.written(requests);
    // Once per trouble, not once per second.
    if (problem !== null && !failing) onProblem(`limits could not be written down: ${problem}`);
    failing = problem !== null;
  };
  const timer = setInterval(() => {
    if (writing) return;
    writing = true;
    void write(clock.now() - taughtAt >= lessonsMs).finally(() => {
      writing = false;
    });
  }, countersMs);
  timer.unref?.();
  return {
    stop: async () => {
      clearInterval(timer);
      await write(true);
    },
  };
}
