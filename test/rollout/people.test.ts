import { afterEach, describe, expect, test } from "bun:test";
import type { Done, Refused } from "../../src/rollout/moves.ts";
import { file, noon, type Stage, setStage, somebody, strikeStages, trial, unreachable } from "./stage.ts";

afterEach(strikeStages);

const activeIn = ({ rolling }: Stage) => rolling.status().active?.generation ?? null;
const attemptedIn = ({ rolling }: Stage) => rolling.status().attempted;
/** Two generations, the second of which serves. */
const two = async (more = "") => {
  const stage = await setStage(file("a", more));
  await stage.say(file("b", more));
  return stage;
};
/** A generation that serves, and the second as its canary. */
const onTrial = () => two(trial);
const done = (says: RegExp): Done => ({ ok: true, value: expect.stringMatching(says) });
const refused = (says: RegExp, kind: Refused["kind"] = "refused"): Done => ({
  ok: false,
  error: { kind, says: expect.stringMatching(says) },
});
const nothingElse = { who: "boss", reason: somebody.reason };

describe("a rollback", () => {
  test("serves what was good before at once, and quarantines what was bad", async () => {
    const stage = await two();
    expect(await stage.rolling.people.rollback(somebody, null)).toEqual(
      done(/^Generation 1 serves again; 2 is q/),
    );
    const status = stage.rolling.status();
    expect(status).toMatchObject({
      active: { generation: 1 },
      attempted: { generation: 2, state: "quarantined", reason: somebody.reason },
      quarantined: [{ generation: 2, reason: somebody.reason }],
      drift: [{ kind: "quarantined", what: status.attempted?.digest?.slice(0, 8) }],
      boot: { degraded: expect.stringContaining("quarantined") },
    });
    const [bad, good] = stage.rolling.rollout.chronicle.history(9);
    expect([bad?.state, bad?.isGood, good?.state, good?.isGood]).toEqual([
      "quarantined",
      false,
      "active",
      true,
    ]);
  });

  test("goes on looking at the source: the same digest is not taken again, the next different one is", async () => {
    const stage = await two();
    await stage.rolling.people.rollback(somebody, null);
    await stage.say(`# the same meaning\n${file("b")}`);
    expect([activeIn(stage), attemptedIn(stage)?.state]).toEqual([1, "quarantined"]);
    await stage.say(file("c"));
    expect(stage.rolling.status()).toMatchObject({
      active: { generation: 3 },
      drift: [],
      boot: { degraded: null },
      quarantined: [{ generation: 2 }],
    });
  });

  test("without a number passes over what is quarantined", async () => {
    const stage = await two();
    await stage.say(file("c"));
    await stage.rolling.people.rollback(somebody, null);
    expect(await stage.rolling.people.rollback(somebody, null)).toEqual(
      done(/^Generation 1 serves again; 2 /),
    );
    expect(await stage.rolling.people.rollback(somebody, null)).toEqual(refused(/no earlier good/));
    expect(activeIn(stage)).toBe(1);
  });

  test("finds something good behind any number of refused generations", async () => {
    const stage = await two();
    for (let n = 0; n < 60; n++) await stage.say(`version: 1\nmodels: [ # ${n}\n`);
    expect(await stage.rolling.people.rollback(somebody, null)).toEqual(done(/^Generation 1 serves/));
    // The last look was at something else, and says so still.
    expect(attemptedIn(stage)).toMatchObject({ generation: 62, state: "rejected" });
  });

  test("goes back to what served last, also when the clock was set back meanwhile", async () => {
    const stage = await two();
    await stage.pass(-3_600_000);
    const again = await stage.restart();
    await again.say(file("c"));
    await again.say(file("d"));
    await again.rolling.people.rollback(somebody, null);
    expect(activeIn(again)).toBe(3);
  });

  test("to a number lifts its quarantine", async () => {
    const stage = await two();
    await stage.rolling.people.rollback(somebody, null);
    expect(await stage.rolling.people.rollback(somebody, 2)).toEqual(done(/^Generation 2 serves again; 1 /));
    expect(stage.rolling.status()).toMatchObject({
      active: { generation: 2 },
      attempted: { generation: 2, state: "active" },
      quarantined: [{ generation: 1 }],
      drift: [],
    });
  });

  test.each([
    [1, refused(/active already/)],
    [7, refused(/7 is not kept/, "unknown")],
    [2, refused(/does not compile/)],
  ] as const)("to %d, which cannot be, changes nothing", async (to, expected) => {
    const stage = await setStage(file("a"));
    await stage.say("version: 1\nmodels: [\n");
    expect(await stage.rolling.people.rollback(somebody, to)).toEqual(expected);
    expect(stage.rolling.status()).toMatchObject({ active: { generation: 1 }, quarantined: [] });
  });

  test.each([
    ["alone", null],
    ["to what serves the others", 1],
  ])("%s ends a canary", async (_, to) => {
    const stage = await onTrial();
    expect(await stage.rolling.people.rollback(somebody, to)).toEqual(
      done(/canary of generation 2 is withdrawn/),
    );
    expect(stage.moves.at(-1)).toEqual([1, null]);
    expect(stage.rolling.status()).toMatchObject({
      active: { generation: 1 },
      canary: null,
      attempted: { generation: 2, state: "quarantined" },
      quarantined: [{ generation: 2 }],
    });
  });

  test("to a generation before the one beside the canary takes both back", async () => {
    const stage = await two();
    await stage.say(file("c", trial));
    await stage.say(file("d", trial));
    expect(stage.rolling.status().canary?.generation).toBe(4);
    expect(await stage.rolling.people.rollback(somebody, 4)).toEqual(refused(/4 is the canary/));
    expect(await stage.rolling.people.rollback(somebody, 1)).toEqual(done(/^Generation 1 serves again; 3 /));
    expect(stage.rolling.status()).toMatchObject({
      canary: null,
      attempted: { generation: 4, state: "quarantined" },
      quarantined: [{ generation: 4 }, { generation: 3 }],
    });
  });

  test("does not wait for a source that hangs", async () => {
    const stage = await two();
    const { promise, resolve } = Promise.withResolvers<void>();
    const looking = stage.say({ yaml: file("c"), after: promise });
    expect((await stage.rolling.people.rollback(somebody, null)).ok).toBe(true);
    expect(activeIn(stage)).toBe(1);
    resolve();
    await looking;
    expect(activeIn(stage)).toBe(3);
  });
});

describe("a pin", () => {
  test("keeps what serves, and what the source says waits until it is gone", async () => {
    const stage = await two();
    expect(await stage.rolling.people.pin(somebody, null)).toEqual(done(/^Generation 2 is pinned/));
    await stage.say(file("c"));
    expect(stage.rolling.status()).toMatchObject({
      active: { generation: 2 },
      pinned: { generation: 2, ...nothingElse, at: new Date(noon).toISOString() },
      attempted: { generation: 3, state: "held", reason: "generation 2 is pinned" },
      drift: [{ kind: "pinned", what: "generation 2" }],
      boot: { degraded: null },
    });
    expect(await stage.rolling.people.unpin(somebody)).toEqual(done(/pin is gone/));
    await stage.rolling.rollout.look();
    expect(stage.rolling.status()).toMatchObject({ active: { generation: 4 }, pinned: null, drift: [] });
    expect(await stage.rolling.people.unpin(somebody)).toEqual(refused(/Nothing is pinned/));
  });

  test("of another generation makes that one serve", async () => {
    const stage = await two();
    expect(await stage.rolling.people.pin(somebody, 1)).toEqual(done(/^Generation 1 is pinned/));
    expect(stage.rolling.status()).toMatchObject({
      active: { generation: 1 },
      attempted: { generation: 2, state: "held", reason: "generation 1 is pinned" },
      quarantined: [],
    });
    expect(await stage.rolling.people.pin(somebody, 9)).toEqual(refused(/9 is not kept/, "unknown"));
    expect(stage.rolling.status().pinned?.generation).toBe(1);
  });

  test("outranks a rollback", async () => {
    const stage = await two();
    await stage.rolling.people.pin(somebody, null);
    expect(await stage.rolling.people.rollback(somebody, 1)).toEqual(refused(/2 is pinned; unpin it first/));
    expect(activeIn(stage)).toBe(2);
  });

  test.each([
    ["of what serves the others", null, 1, "held"],
    ["of the canary itself", 2, 2, "active"],
  ] as const)("%s ends a canary without a verdict", async (_, generation, serving, state) => {
    const stage = await onTrial();
    await stage.rolling.people.pin(somebody, generation);
    expect(stage.moves.at(-1)).toEqual([serving, null]);
    expect(stage.rolling.status()).toMatchObject({
      active: { generation: serving },
      attempted: { generation: 2, state },
      quarantined: [],
    });
  });
});

describe("a suspension", () => {
  test("keeps the source out until it ends by itself", async () => {
    const stage = await setStage(file("a"));
    expect(await stage.rolling.people.suspend(somebody, 7_200_000)).toEqual(
      done(/until 2027-01-31T14:00:00/),
    );
    await stage.say(file("b"));
    expect(stage.rolling.status()).toMatchObject({
      active: { generation: 1 },
      suspended: { until: "2027-01-31T14:00:00.000Z", ...nothingElse },
      drift: [{ kind: "suspended", until: "2027-01-31T14:00:00.000Z" }],
      boot: { degraded: null },
    });
    await stage.pass(7_200_000);
    await stage.rolling.rollout.look();
    expect(stage.rolling.status()).toMatchObject({ active: { generation: 2 }, suspended: null, drift: [] });
  });

  test("refuses a sync unless it is forced, which looks once", async () => {
    const stage = await setStage(file("a"));
    await stage.rolling.people.suspend(somebody, null);
    await stage.say(file("b"));
    expect(await stage.rolling.people.sync(somebody, false)).toEqual(refused(/suspended/));
    expect(activeIn(stage)).toBe(1);
    expect(await stage.rolling.people.sync(somebody, true)).toEqual(done(/generation 2 is active/));
    await stage.say(file("c"));
    expect(activeIn(stage)).toBe(2);
    expect(await stage.rolling.people.resume(somebody)).toEqual(done(/looked at again/));
    await stage.rolling.rollout.look();
    expect(activeIn(stage)).toBe(3);
    expect(await stage.rolling.people.resume(somebody)).toEqual(refused(/Nothing is suspended/));
  });

  test("that begins while a look is under way keeps out what that look finds", async () => {
    const stage = await setStage(file("a"));
    const { promise, resolve } = Promise.withResolvers<void>();
    const looking = stage.say({ yaml: file("b"), after: promise });
    await stage.rolling.people.suspend(somebody, null);
    resolve();
    await looking;
    expect(activeIn(stage)).toBe(1);
    await stage.rolling.people.resume(somebody);
    await stage.rolling.rollout.look();
    expect(activeIn(stage)).toBe(2);
  });
});

describe("a sync", () => {
  test("by force lifts the quarantine of what the source says; without it is refused", async () => {
    const stage = await two();
    await stage.rolling.people.rollback(somebody, null);
    expect(await stage.rolling.people.sync(somebody, false)).toEqual(refused(/is quarantined \(it is three/));
    expect(await stage.rolling.people.sync(somebody, true)).toEqual(done(/generation 3 is active/));
    expect(stage.rolling.status()).toMatchObject({ active: { generation: 3 }, quarantined: [] });
  });

  test("tells what it came to", async () => {
    const stage = await setStage(file("a"));
    await stage.say("version: 1\nmodels: [\n");
    expect(await stage.rolling.people.sync(somebody, false)).toEqual(done(/refused at compiled/));
    await stage.say(unreachable);
    expect(await stage.rolling.people.sync(somebody, false)).toEqual(
      done(/Nothing was taken.*network: nobody/),
    );
  });
});

describe("a canary", () => {
  test("is promoted by people, whatever its figures", async () => {
    const stage = await onTrial();
    expect(stage.rolling.status()).toMatchObject({
      active: { generation: 1 },
      canary: {
        generation: 2,
        share: 0.1,
        min_requests: 10,
        arms: { stable: { requests: 0 }, canary: { requests: 0 } },
      },
      attempted: { generation: 2, state: "canary" },
    });
    expect(await stage.rolling.people.promote(somebody)).toEqual(done(/^Generation 2 is active/));
    expect(stage.moves).toEqual([
      [1, null],
      [1, 2],
      [2, null],
    ]);
    expect(await stage.rolling.people.promote(somebody)).toEqual(refused(/no canary/));
  });

  test("ends after its time; a digest that was good before needs none", async () => {
    const stage = await onTrial();
    await stage.pass(59_000);
    expect(stage.rolling.status().canary?.generation).toBe(2);
    await stage.pass(2_000);
    expect(stage.rolling.status()).toMatchObject({ active: { generation: 2 }, canary: null });
    await stage.say(file("a", trial));
    expect(stage.rolling.status()).toMatchObject({ active: { generation: 3 }, canary: null });
  });

  test("makes room for what is newer", async () => {
    const stage = await onTrial();
    await stage.say(file("c", trial));
    expect(stage.rolling.status()).toMatchObject({ active: { generation: 1 }, canary: { generation: 3 } });
    const [, older] = stage.rolling.rollout.chronicle.history(9);
    expect(older).toMatchObject({ number: 2, state: "retired", reason: "generation 3 is newer" });
  });

  test("ends where the source goes back to what serves", async () => {
    const stage = await onTrial();
    await stage.say(`# back\n${file("a", trial)}`);
    expect(stage.rolling.status()).toMatchObject({
      active: { generation: 1 },
      canary: null,
      attempted: { generation: 1, state: "active" },
      quarantined: [],
    });
  });
});

test("every order is written down with who and why, done or not, and told", async () => {
  const stage = await two();
  const { people, rollout } = stage.rolling;
  await people.disable(somebody, { kind: "provider", name: "p" }, 60_000);
  await people.enable(somebody, { kind: "provider", name: "p" });
  expect(await people.enable(somebody, { kind: "provider", name: "p" })).toEqual(refused(/not disabled/));
  await people.rollback(somebody, null);
  await people.promote(somebody);
  await people.sync(somebody, true);
  const audit = rollout.chronicle.audited(99);
  expect(audit.map(({ who, action, detail }) => [who, action, detail["outcome"]])).toEqual([
    ["boss", "sync", "done"],
    ["boss", "promote", "refused"],
    ["boss", "rollback", "done"],
    ["boss", "enable", "refused"],
    ["boss", "enable", "done"],
    ["boss", "disable", "done"],
  ]);
  expect(new Set(audit.map(({ at, detail }) => `${at} ${detail["reason"]}`))).toEqual(
    new Set([`${noon} ${somebody.reason}`]),
  );
  expect(audit.at(-1)?.detail).toMatchObject({ kind: "provider", name: "p", for_ms: 60_000 });
  const told = stage.lines.filter(([message]) => message === "somebody gave an order");
  expect(told.map(([, { action }]) => action).reverse()).toEqual(audit.map(({ action }) => action));
});
