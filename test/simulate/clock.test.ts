import { describe, expect, setDefaultTimeout, test } from "bun:test";
import fc from "fast-check";
import { VirtualClock } from "../../src/simulate/clock.ts";

setDefaultTimeout(20_000);

const start = Date.UTC(2026, 0, 1);

/** What tasks wrote down, with the moment at which they did. */
function notebook(clock: VirtualClock) {
  const lines: string[] = [];
  return { lines, note: (what: string) => void lines.push(`${clock.now() - start} ${what}`) };
}

describe("the virtual clock", () => {
  test("stands still while somebody is awake, and jumps to whoever wakes next", async () => {
    const clock = new VirtualClock(start);
    const { lines, note } = notebook(clock);
    for (const [name, ms] of [
      ["a", 300],
      ["b", 100],
      ["c", 200],
    ] as const) {
      clock.begin(async () => {
        note(`${name} begins`);
        await clock.sleep(ms);
        note(`${name} wakes`);
      });
    }
    await clock.finish();
    expect(lines).toEqual([
      "0 a begins",
      "0 b begins",
      "0 c begins",
      "100 b wakes",
      "200 c wakes",
      "300 a wakes",
    ]);
    expect(clock.now()).toBe(start + 300);
  });

  test("advances to a moment and no further, and what is due then happens", async () => {
    const clock = new VirtualClock(start);
    const { lines, note } = notebook(clock);
    clock.begin(async () => {
      await clock.sleep(50);
      note("due");
      await clock.sleep(1);
      note("later");
    });
    await clock.advance(start + 50);
    expect(lines).toEqual(["50 due"]);
    await clock.advance(start + 40);
    expect(clock.now()).toBe(start + 50);
    await clock.finish();
    expect(lines).toEqual(["50 due", "51 later"]);
  });

  test("wakes those who are due at the same moment in the order in which they went to sleep", async () => {
    const clock = new VirtualClock(start);
    const { lines, note } = notebook(clock);
    for (const name of ["a", "b", "c", "d", "e"])
      clock.begin(async () => {
        await clock.sleep(10);
        note(name);
      });
    await clock.finish();
    expect(lines).toEqual(["10 a", "10 b", "10 c", "10 d", "10 e"]);
  });

  test("lets whoever sleeps for no time go on at once", async () => {
    const clock = new VirtualClock(start);
    const { lines, note } = notebook(clock);
    clock.begin(async () => {
      for (const ms of [0, -5, Number.NaN]) await clock.sleep(ms);
      note("here");
    });
    await clock.advance(start);
    expect(lines).toEqual(["0 here"]);
  });

  test("goes on when a task fails, and tells it to whoever began the task", async () => {
    const clock = new VirtualClock(start);
    const failed: unknown[] = [];
    clock.begin(() =>
      clock
        .sleep(5)
        .then(() => Promise.reject(new Error("scripted")))
        .catch((error) => void failed.push(error)),
    );
    await clock.finish();
    expect(failed).toHaveLength(1);
  });

  test("tasks may begin tasks", async () => {
    const clock = new VirtualClock(start);
    const { lines, note } = notebook(clock);
    clock.begin(async () => {
      await clock.sleep(10);
      clock.begin(async () => {
        await clock.sleep(10);
        note("inner");
      });
      note("outer");
    });
    await clock.finish();
    expect(lines).toEqual(["10 outer", "20 inner"]);
  });

  test("any number of sleepers wake in the order of their times", async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.integer({ min: 1, max: 40 }), { maxLength: 60 }), async (times) => {
        const clock = new VirtualClock(start);
        const woken: (readonly [at: number, order: number])[] = [];
        times.forEach((ms, order) => {
          clock.begin(async () => {
            await clock.sleep(ms);
            expect(clock.now()).toBe(start + ms);
            woken.push([ms, order]);
          });
        });
        await clock.finish();
        expect(woken).toEqual(
          times.map((ms, order) => [ms, order] as const).toSorted((a, b) => a[0] - b[0] || a[1] - b[1]),
        );
      }),
    );
  });
});
