import { describe, expect, setDefaultTimeout, setSystemTime, test } from "bun:test";
import { Timetable } from "../../../src/rollout/git/schedule.ts";
import { systemClock } from "../../../src/runtime/clock.ts";
import { until } from "../../support/until.ts";

setDefaultTimeout(20_000);

/** A clock whose sleepers are listed, and wake when they are told to. */
function handClock() {
  let now = 0;
  const sleepers: { readonly ms: number; readonly wake: () => void; readonly signal: AbortSignal }[] = [];
  return {
    sleepers,
    /** All but whoever waits for a day that is far away. */
    pauses: () => sleepers.filter(({ ms }) => ms < 3_600_000),
    now: () => now,
    sleep: (ms: number, signal: AbortSignal) =>
      new Promise<void>((wake) => {
        sleepers.push({ ms, wake, signal });
      }),
    advance: (ms: number) => {
      now += ms;
    },
  };
}

describe("the pause after a failure", () => {
  test("grows from 5 s to 5 min at most, by chance", () => {
    const pauses = (chance: number) => {
      const clock = handClock();
      const timetable = new Timetable({ cron: "0 0 1 1 *", clock, chance: () => chance });
      const watching = timetable.watch(() => {});
      for (let failure = 0; failure < 9; failure++) timetable.failed();
      watching.stop();
      return clock.pauses().map(({ ms }) => ms);
    };
    expect(pauses(1)).toEqual([5_000, 10_000, 20_000, 40_000, 80_000, 160_000, 300_000, 300_000, 300_000]);
    expect(pauses(0.5).at(-1)).toBe(150_000);
    expect(new Set(pauses(0))).toEqual(new Set([1_000]));
  });

  test("ends with a hint, skips looks until then, and begins small again after a success", async () => {
    const clock = handClock();
    const timetable = new Timetable({ cron: "0 0 1 1 *", clock, chance: () => 1 });
    let hints = 0;
    const watching = timetable.watch(() => {
      hints += 1;
    });
    timetable.failed();
    expect([timetable.takes(false), timetable.takes(true)]).toEqual([false, true]);
    clock.advance(5_000);
    expect(timetable.takes(false)).toBe(true);
    clock.pauses()[0]?.wake();
    await until(() => hints === 1, "the hint at the end of the pause");
    timetable.succeeded();
    timetable.failed();
    expect(clock.pauses().map(({ ms }) => ms)).toEqual([5_000, 5_000]);
    timetable.succeeded();
    clock.pauses()[1]?.wake();
    await Bun.sleep(0);
    expect(hints).toBe(1);
    watching.stop();
  });

  test("that began before anybody watched ends with a hint too", async () => {
    const clock = handClock();
    const timetable = new Timetable({ cron: "0 0 1 1 *", clock, chance: () => 1 });
    timetable.failed();
    clock.advance(2_000);
    let hints = 0;
    const watching = timetable.watch(() => {
      hints += 1;
    });
    expect(clock.pauses().map(({ ms }) => ms)).toEqual([3_000]);
    clock.pauses()[0]?.wake();
    await until(() => hints === 1, "the hint at the end of the pause");
    watching.stop();
  });

  test("is looked past once, where somebody hurries", () => {
    const timetable = new Timetable({ cron: "0 0 1 1 *", clock: handClock(), chance: () => 1 });
    let hints = 0;
    const watching = timetable.watch(() => {
      hints += 1;
    });
    timetable.failed();
    timetable.hurry();
    expect(hints).toBe(1);
    expect([timetable.takes(false), timetable.takes(false)]).toEqual([true, false]);
    watching.stop();
    timetable.hurry();
    expect(hints).toBe(1);
  });
});

describe.concurrent("the pattern", () => {
  test("hints at its times, until stopped", async () => {
    let hints = 0;
    const timetable = new Timetable({ cron: "* * * * * *", clock: systemClock, chance: () => 0 });
    const watching = timetable.watch(() => {
      hints += 1;
    });
    await until(() => hints > 0, "a hint", 1_500);
    watching.stop();
  });

  test("is late by up to a tenth of the time between two of them", () => {
    const waitWith = (chance: number): number => {
      const clock = handClock();
      const timetable = new Timetable({ cron: "* * * * * *", clock, chance: () => chance });
      timetable.watch(() => {}).stop();
      return clock.sleepers[0]?.ms ?? 0;
    };
    const lateness = Array.from({ length: 9 }, () => waitWith(1) - waitWith(0));
    // Between two of them a second may begin.
    expect(lateness.filter((ms) => ms > 80 && ms <= 100).length).toBeGreaterThanOrEqual(7);
  });

  test("hints no more once stopped", async () => {
    const clock = handClock();
    const timetable = new Timetable({ cron: "* * * * * *", clock, chance: () => 0 });
    let hints = 0;
    const watching = timetable.watch(() => {
      hints += 1;
    });
    watching.stop();
    expect(clock.sleepers[0]?.signal.aborted).toBe(true);
    clock.sleepers[0]?.wake();
    await Bun.sleep(0);
    expect([hints, clock.sleepers.length]).toEqual([0, 1]);
  });
});

test("a wall clock that is set back holds up no look", async () => {
  const clock = handClock();
  const timetable = new Timetable({ cron: "* * * * * *", clock, chance: () => 0 });
  let hints = 0;
  const watching = timetable.watch(() => {
    hints += 1;
  });
  const pass = async () => {
    const before = hints;
    clock.sleepers.at(-1)?.wake();
    await until(() => hints > before, "the next hint");
    await Bun.sleep(0);
  };
  await pass();
  setSystemTime(new Date(Date.now() - 3_600_000));
  await pass();
  setSystemTime();
  expect(clock.sleepers.every(({ ms }) => ms <= 1_000)).toBe(true);
  expect(clock.sleepers.length).toBe(3);
  watching.stop();
});
