// biome-ignore-all lint/suspicious/noTemplateCurlyInString: ${NAME} is a word of routes.yaml here.
import { afterEach, describe, expect, test } from "bun:test";
import { openSqlite } from "../../src/runtime/sqlite.ts";
import { file, noon, type Stage, setStage, somebody, strikeStages, trial } from "./stage.ts";

afterEach(strikeStages);

/** What is on disk, from another connection's point of view. */
function onDisk({ database }: Pick<Stage, "database">): readonly string[] {
  const sqlite = openSqlite(database, { readonly: true, busyMs: 1_000 });
  const rows = sqlite.prepare("SELECT number, state FROM generations ORDER BY number").all();
  sqlite.close();
  return rows.map(({ number, state }) => `${number} ${state}`);
}

describe("the pointer", () => {
  test("moves only when what it moves to is on disk", async () => {
    const seen: (readonly string[])[] = [];
    const stage = await setStage(file("a", trial), { onMove: (now) => seen.push(onDisk(now)) });
    await stage.say(file("b", trial));
    await stage.rolling.people.promote(somebody);
    expect(seen).toEqual([["1 active"], ["1 active", "2 canary"], ["1 retired", "2 active"]]);
  });

  test("moves away from a bad canary before anything else is done", async () => {
    const seen: (readonly string[])[] = [];
    const stage = await setStage(file("a", trial), { onMove: (now) => seen.push(onDisk(now)) });
    await stage.say(file("b", trial));
    await stage.rolling.people.rollback(somebody, null);
    expect(seen.at(-1)).toEqual(["1 active", "2 canary"]);
    expect(onDisk(stage)).toEqual(["1 active", "2 quarantined"]);
  });
});

describe("a generation", () => {
  test("stays itself when new bytes mean the same, and is of their commit from then on", async () => {
    const stage = await setStage({ yaml: file("a"), sha: "a".repeat(40) });
    const status = await stage.say({ yaml: `# said anew\n${file("a")}`, sha: "b".repeat(40) });
    expect(status.active).toEqual({
      generation: 1,
      digest: stage.served()?.stable.snapshot.digest ?? "",
      git_sha: "b".repeat(40),
      since: new Date(noon).toISOString(),
    });
    expect(stage.rolling.rollout.chronicle.history(9)).toMatchObject([
      { number: 1, origin: { sha: "b".repeat(40) } },
    ]);
    // Where things are written is what messages name.
    expect(stage.served()?.stable.snapshot.models.get("a")?.at.line).toBe(4);
  });

  test("that is refused keeps its diagnostics, and its bytes only where they hold no secret", async () => {
    const stage = await setStage(file("a"));
    await stage.say(`${file("a")}auth: { keys: [{ id: web, secret: sk-literal }] }\n`);
    await stage.say({
      yaml: file("b"),
      tests: "version: 1\ntests: [{ name: n, send: { model: b }, expect: { status: 500 } }]",
    });
    const [tested, literal] = [3, 2].map((number) => stage.rolling.rollout.chronicle.recall(number));
    expect(literal).toMatchObject({
      state: "rejected",
      stage: "compiled",
      files: [],
      tests: null,
      digest: null,
    });
    expect(literal?.diagnostics.map(({ code }) => code)).toEqual(["literal_secret"]);
    expect(tested).toMatchObject({ state: "rejected", stage: "tested", digest: expect.any(String) });
    expect(tested?.diagnostics.map(({ code }) => code)).toEqual(["test_failed"]);
    expect(tested?.files).toHaveLength(1);
  });

  test("that is kept in its compiled form shows names of headers and of secrets, and no value", async () => {
    const headers =
      'openai, api_key: env:OPENAI, headers: { X-Tenant: "${TENANT}" }, query: { v: "${TENANT}" }';
    const variables = { OPENAI: "sk-1", TENANT: "acme-inc" };
    const stage = await setStage(file("a").replace("simulated", headers), { variables });
    const kept = stage.rolling.rollout.chronicle.recall(1);
    expect(JSON.parse(kept?.compiled ?? "").providers.p).toMatchObject({
      ...{ api_key: ["env:OPENAI"], headers: { "X-Tenant": "(hidden)" }, query: { v: "(hidden)" } },
    });
    expect(JSON.stringify(kept)).not.toContain("acme-inc");
  });

  test("that only waits for its secret is told once, and taken when the secret is there", async () => {
    const stage = await setStage(file("a"));
    const secret = file("b").replace("simulated", "openai, api_key: env:LATE");
    for (let look = 0; look < 3; look++) await stage.say(secret);
    expect(stage.rolling.rollout.chronicle.history(9)).toHaveLength(2);
    expect(stage.rolling.status().attempted).toMatchObject({
      generation: 2,
      state: "rejected",
      stage: "compiled",
    });
    stage.set({ LATE: "sk-1" });
    expect(await stage.say(secret)).toMatchObject({ active: { generation: 3 } });
  });

  test("whose tests turn bad is not what serves: the commit is refused, and what serves goes on", async () => {
    const stage = await setStage(file("a"));
    const status = await stage.say({
      yaml: file("a"),
      tests: "version: 1\ntests: [{ name: n, send: { model: a }, expect: { status: 500 } }]",
    });
    expect(status).toMatchObject({
      active: { generation: 1 },
      attempted: { generation: 2, state: "rejected", stage: "tested" },
    });
    expect(onDisk(stage)).toEqual(["1 active", "2 rejected"]);
    expect(stage.rolling.rollout.chronicle.isGood(status.active?.digest ?? "")).toBe(true);
  });
});

test("the way of a generation is written down step by step", async () => {
  const stage = await setStage(file("a", trial));
  await stage.say(file("b", trial));
  await stage.rolling.people.promote({ who: "boss", reason: "it looks well" });
  await stage.pass(1_000);
  await stage.rolling.people.rollback(somebody, null);
  const { chronicle } = stage.rolling.rollout;
  expect(chronicle.steps(2)).toEqual([
    { stage: "canary", at: noon, note: null },
    { stage: "active", at: noon, note: "it looks well" },
    { stage: "quarantined", at: noon + 1_000, note: somebody.reason },
  ]);
  expect(chronicle.steps(1).map(({ stage: step }) => step)).toEqual(["active", "retired", "active"]);
});

test("looks and verdicts are counted by what they came to", async () => {
  const stage = await setStage(file("a", trial));
  const { counts } = stage.rolling;
  await stage.say(`# the same\n${file("a", trial)}`);
  await stage.say("version: 1\nmodels: [\n");
  await stage.say(file("b", trial));
  await stage.rolling.people.rollback(somebody, null);
  await stage.say(`# again\n${file("b", trial)}`);
  await stage.say(file("c", trial));
  await stage.pass(61_000);
  const all = ["applied", "unchanged", "canary", "held", "rejected", "quarantined", "rolled_back"] as const;
  expect(Object.fromEntries(all.map((result) => [result, counts.reloads(result)]))).toEqual({
    ...{ applied: 2, unchanged: 1, canary: 2, held: 0, rejected: 1, quarantined: 1, rolled_back: 1 },
  });
  expect(counts.verdicts("promote") + counts.verdicts("inconclusive")).toBe(1);
  expect(counts.verdicts("rollback")).toBe(0);
});
