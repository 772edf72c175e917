import { afterEach, describe, expect, setDefaultTimeout, test } from "bun:test";
import { mkdirSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { openSqlite } from "../../src/runtime/sqlite.ts";
import { until } from "../support/until.ts";
import {
  controlInThread,
  file,
  noon,
  type Said,
  type Stage,
  setStage,
  somebody,
  strikeStages,
  trial,
  unreachable,
} from "./stage.ts";

setDefaultTimeout(20_000);

afterEach(strikeStages);

/** A process that has served `first`, with `then` done to it, ends; the next one finds that the source says `next`. */
async function restarted(
  first: string,
  next: string | Said,
  then: (stage: Stage) => Promise<unknown> = async () => {},
): Promise<Stage> {
  const stage = await setStage(first);
  await then(stage);
  return stage.restart((world) => world.say(next));
}

const broken = "version: 1\nmodels: [\n";

describe("a start with a last known good", () => {
  test("whose digest the source says serves it, and is not degraded", async () => {
    const stage = await restarted(file("a"), `# newer bytes\n${file("a")}`);
    expect(stage.rolling.status()).toMatchObject({
      active: { generation: 1 },
      attempted: { generation: 1, state: "active" },
      boot: { source: "source", degraded: null },
    });
  });

  test.each<readonly [string, string | Said, object, string]>([
    ["broken", broken, { generation: 2, state: "rejected", stage: "compiled" }, "refused"],
    [
      "failed by its tests",
      {
        yaml: file("b"),
        tests: "version: 1\ntests: [{ name: n, send: { model: b }, expect: { status: 500 } }]",
      },
      { generation: 2, state: "rejected", stage: "tested" },
      "refused",
    ],
    [
      "not there",
      { reading: { kind: "refused", stage: "read", diagnostics: [], gitSha: null } },
      { generation: null, state: "rejected", stage: "read" },
      "refused",
    ],
    [
      "without its secret",
      file("b").replace("simulated", "openai, api_key: env:NOT_SET"),
      { stage: "compiled" },
      "refused",
    ],
  ])(
    "of a source that is %s serves it degraded, and takes the next good version",
    async (_, next, attempted, why) => {
      const stage = await restarted(file("a"), next);
      expect(stage.rolling.status()).toMatchObject({
        active: { generation: 1 },
        attempted,
        boot: { source: "last_known_good", degraded: expect.stringContaining(why) },
      });
      expect(await stage.say(file("c"))).toMatchObject({
        attempted: { state: "active" },
        boot: { source: "last_known_good", degraded: null },
      });
    },
  );

  test("of a remote out of reach serves it degraded", async () => {
    const stage = await restarted(file("a"), unreachable);
    expect(stage.rolling.status()).toMatchObject({
      active: { generation: 1 },
      attempted: null,
      sync: { state: "failing", reason: "network: nobody answers" },
      boot: { source: "last_known_good", degraded: expect.stringContaining("cannot be reached") },
    });
  });

  test("of a quarantined source serves it degraded, and the quarantine stays", async () => {
    const stage = await restarted(file("a"), file("b"), async ({ say, rolling }) => {
      await say(file("b"));
      await rolling.people.rollback(somebody, null);
    });
    expect(stage.rolling.status()).toMatchObject({
      active: { generation: 1 },
      attempted: { generation: 2, state: "quarantined", reason: somebody.reason },
      quarantined: [{ generation: 2, reason: somebody.reason }],
      boot: { source: "last_known_good", degraded: expect.stringContaining("quarantined") },
    });
    await stage.rolling.people.sync(somebody, true);
    expect(stage.rolling.status()).toMatchObject({ active: { generation: 3 }, quarantined: [] });
  });

  test("of something new serves that beside it, on trial", async () => {
    const stage = await restarted(file("a", trial), file("b", trial));
    expect(stage.moves).toEqual([
      [1, null],
      [1, 2],
    ]);
    expect(stage.rolling.status()).toMatchObject({ canary: { generation: 2 }, boot: { degraded: null } });
  });

  test("of something new, where nothing is tried out, serves that", async () => {
    const stage = await restarted(file("a"), file("b"));
    expect(stage.moves).toEqual([
      [1, null],
      [2, null],
    ]);
    expect(stage.rolling.status().boot).toEqual({ source: "source", degraded: null });
  });

  test("begins an unfinished canary again, from zero and under its number", async () => {
    const stage = await restarted(file("a", trial), file("b", trial), async ({ say, pass }) => {
      await say(file("b", trial));
      await pass(50_000);
    });
    expect(stage.rolling.status()).toMatchObject({ active: { generation: 1 }, canary: { generation: 2 } });
    await stage.pass(50_000);
    expect(stage.rolling.status().canary?.generation).toBe(2);
    await stage.pass(11_000);
    expect(stage.rolling.status()).toMatchObject({ active: { generation: 2 }, canary: null });
    await stage.say(file("c"));
    await stage.rolling.people.promote(somebody);
    // Its number was for the one canary, not for its digest.
    expect((await stage.say(file("b", trial))).active?.generation).toBe(4);
  });

  test("ends an unfinished canary that the source does not speak of any more", async () => {
    const stage = await restarted(file("a", trial), file("a", trial), ({ say }) => say(file("b", trial)));
    expect(stage.rolling.status()).toMatchObject({ active: { generation: 1 }, canary: null });
    expect(stage.rolling.rollout.chronicle.recall(2)?.state).toBe("retired");
    const again = await stage.restart((world) => world.say(file("b", trial)));
    expect(again.rolling.status().canary?.generation).toBe(3);
  });

  test("ends an unfinished canary also when the source, out of reach at first, says another at last", async () => {
    const stage = await restarted(file("a", trial), unreachable, ({ say }) => say(file("b", trial)));
    expect(stage.rolling.rollout.chronicle.recall(2)?.state).toBe("canary");
    await stage.say(file("a", trial));
    expect(stage.rolling.rollout.chronicle.recall(2)?.state).toBe("retired");
  });

  test("knows of one canary at any time, also when it dies while one takes the place of another", async () => {
    const canaries: number[] = [];
    const count = ({ database }: Pick<Stage, "database">) => {
      const sqlite = openSqlite(database, { readonly: true });
      canaries.push(sqlite.prepare("SELECT * FROM generations WHERE state = 'canary'").all().length);
      sqlite.close();
    };
    const stage = await setStage(file("a", trial), { onMove: count });
    await stage.say(file("b", trial));
    await stage.restart((world) => world.say(file("c", trial)));
    expect(canaries).toEqual([0, 1, 1, 1]);
  });

  test("does not wait for a source that does not answer, and takes what it says at last", async () => {
    const { promise: answered, resolve: answer } = Promise.withResolvers<void>();
    const waits: number[] = [];
    const first = await setStage(file("a", trial), {
      sleep: async (ms) => void waits.push(ms),
    });
    const stage = await first.restart((world) => world.say({ yaml: file("b", trial), after: answered }));
    expect(waits).toEqual([3_000]);
    expect(stage.rolling.status()).toMatchObject({
      active: { generation: 1 },
      canary: null,
      attempted: null,
      boot: { source: "last_known_good", degraded: expect.stringContaining("not been judged yet") },
    });
    answer();
    await until(() => stage.rolling.status().canary?.generation === 2, "the late candidate on trial");
    expect(stage.rolling.status().boot).toEqual({ source: "last_known_good", degraded: null });
  });

  test("serves a pin first, and holds back what the source says", async () => {
    const stage = await restarted(file("a"), file("c"), async ({ say, rolling }) => {
      await say(file("b"));
      await rolling.people.pin(somebody, 1);
    });
    expect(stage.moves).toEqual([[1, null]]);
    expect(stage.rolling.status()).toMatchObject({
      active: { generation: 1 },
      pinned: { generation: 1, who: "boss", reason: somebody.reason },
      attempted: { generation: 3, state: "held" },
      boot: { source: "pin", degraded: null },
    });
  });

  test("keeps a suspension and what people took away, until they end", async () => {
    const stage = await restarted(file("a"), file("b"), async ({ rolling: { people } }) => {
      await people.suspend(somebody, 3_600_000);
      await people.disable(somebody, { kind: "key", name: "web" }, 60_000);
      await people.disable(somebody, { kind: "model", name: "a" }, null);
    });
    expect(stage.rolling.status()).toMatchObject({
      active: { generation: 1 },
      attempted: null,
      suspended: { until: "2027-01-31T13:00:00.000Z" },
      boot: { degraded: null },
    });
    const kinds = () => stage.rolling.status().drift.map(({ kind, what }) => `${kind} ${what}`);
    expect(kinds()).toEqual(["disabled key web", "disabled model a", "suspended the source"]);
    expect(stage.rolling.orders.disabled({ kind: "key", name: "web" }, noon)?.reason).toBe(somebody.reason);
    await stage.pass(60_000);
    expect(kinds()).toEqual(["disabled model a", "suspended the source"]);
    expect(stage.rolling.orders.disabled({ kind: "key", name: "web" }, noon + 60_000)).toBeNull();
  });
});

describe("a start without a last known good", () => {
  test("serves at once what compiles and passes its tests, whatever its own rules of rollout", async () => {
    const stage = await setStage(file("a", trial));
    expect(stage.rolling.status()).toMatchObject({
      active: { generation: 1 },
      canary: null,
      boot: { source: "source", degraded: null },
    });
  });

  test("serves nothing where that is refused, and says all that is wrong", async () => {
    const stage = await setStage("version: 1\nmodles: {}\naliases: { a: nobody }\n");
    expect(stage.served()).toBeNull();
    const booted = await stage.rolling.rollout.boot();
    expect(booted.ok ? [] : booted.error.map(({ code }) => code)).toEqual(["unknown_key", "unknown_model"]);
  });
});

test("a pin to what this version cannot serve keeps nobody from what the source says", async () => {
  const secret = file("a").replace("simulated", "openai, api_key: env:OPENAI");
  const first = await setStage(secret, { variables: { OPENAI: "sk-1" } });
  await first.rolling.people.pin(somebody, null);
  const second = await first.restart((world) => {
    world.forgetVariables();
    world.say(file("b"));
  });
  expect(second.rolling.status()).toMatchObject({ active: { generation: 2 }, pinned: { generation: 1 } });
});

test("what cannot be written goes live all the same, is said, and is written when that is possible", async () => {
  const stage = await setStage(file("a"), { control: controlInThread });
  const directory = dirname(stage.database);
  rmSync(directory, { recursive: true });
  writeFileSync(directory, "");
  expect(await stage.say(file("b"))).toMatchObject({
    active: { generation: 2 },
    boot: { degraded: "not persisted: the control database cannot be written" },
  });
  await stage.rolling.people.disable(somebody, { kind: "provider", name: "p" }, null);
  rmSync(directory);
  mkdirSync(directory);
  await until(async () => (await stage.say(file("b"))).boot.degraded === null, "written");
  const again = await stage.restart();
  expect(again.rolling.status()).toMatchObject({
    active: { generation: 2 },
    drift: [{ kind: "disabled", what: "provider p" }],
  });
  expect(again.rolling.rollout.chronicle.audited(9)).toMatchObject([{ action: "disable" }]);
});

test("a database that is lost under a later process keeps what people said to an earlier one", async () => {
  const first = await setStage(file("a"), { control: controlInThread });
  await first.rolling.people.disable(somebody, { kind: "provider", name: "p" }, null);
  const second = await first.restart();
  rmSync(dirname(second.database), { recursive: true });
  await second.say(file("b"));
  const third = await second.restart();
  expect(third.rolling.status()).toMatchObject({
    active: { generation: 2 },
    drift: [{ what: "provider p" }],
  });
});

test("what was said counts on a disk without room too, and numbers go on where they were", async () => {
  const first = await setStage(file("a"), { control: controlInThread });
  await first.rolling.people.disable(somebody, { kind: "provider", name: "p" }, null);
  const shared = `${first.database}-shm`;
  // Where there is no room for what readers share, SQLite opens nothing: as on a full disk.
  const second = await first.restart(() => symlinkSync("/nowhere/shared", shared));
  expect(second.rolling.status()).toMatchObject({
    active: { generation: 1 },
    drift: [{ kind: "disabled", what: "provider p" }],
    boot: { degraded: expect.stringContaining("not persisted") },
  });
  expect((await second.say(file("b"))).active?.generation).toBe(2);
  rmSync(shared);
  await until(async () => (await second.say(file("b"))).boot.degraded === null, "written");
  const third = await second.restart();
  expect(third.rolling.rollout.chronicle.history(9).map(({ number }) => number)).toEqual([2, 1]);
});
