import { describe, expect, test } from "bun:test";
import { type FailureKind, failure } from "../../src/domain/failure.ts";
import { noUsage } from "../../src/domain/usage.ts";
import { VirtualClock } from "../../src/simulate/clock.ts";
import { costOfRun, type Oracle, type Ran, run, runAlone, type Scripted } from "../../src/simulate/run.ts";
import { worldOf } from "../../src/simulate/world.ts";
import { noon, requestFor } from "../support/scene.ts";
import { snapshotOf } from "../support/snapshot.ts";

const file = `
providers:
  a: { kind: openai, base_url: "http://a.test/v1", limits: { concurrency: 2 }, models: { "*": { price: { input: 1, output: 2 } } } }
  b: { kind: openai, base_url: "http://b.test/v1", models: { "*": { price: { input: 10, output: 20 } } } }
models:
  chat: { targets: [a/one, b/two] }
  solo: { targets: [a/one] }
`;

const usage = { ...noUsage, prompt: 100, completion: 50, total: 150 };
const good = (latencyMs = 0, ttftMs = latencyMs): Scripted => ({
  kind: "ok",
  latencyMs,
  ttftMs,
  usage,
  broken: null,
});
const bad = (
  kind: FailureKind,
  more: { readonly latencyMs?: number; readonly retryAfterMs?: number } = {},
): Scripted => ({
  kind: "failed",
  latencyMs: more.latencyMs ?? 0,
  failure: failure(kind, "scripted", { retryAfterMs: more.retryAfterMs ?? null }),
});

/** Answers attempts one after another, then well. */
function follow(...script: readonly Scripted[]): Oracle {
  const left = [...script];
  return () => left.shift() ?? good();
}

const fresh = () => worldOf(snapshotOf(file), { clock: new VirtualClock(noon) });
const went = ({ tried }: Ran): readonly string[] =>
  tried.map(
    ({ decision, startedAt, failure: why }) =>
      `${startedAt - noon} ${decision.target.provider.name} ${why?.kind ?? "ok"}`,
  );

describe("one request", () => {
  test("goes through the failover loop, and waits cost no real time", async () => {
    const began = performance.now();
    const ran = await runAlone(
      fresh(),
      requestFor("chat"),
      follow(bad("server", { latencyMs: 30_000 }), bad("timeout", { latencyMs: 20_000 })),
    );
    // A retry after half of the first backoff, which is what a chance of 0.5 leaves of 250 ms and a little.
    expect(went(ran)).toEqual([
      "0 a server",
      expect.stringMatching(/^300\d\d(\.\d+)? a timeout$/),
      expect.stringMatching(/^500\d\d(\.\d+)? b ok$/),
    ]);
    expect(ran.ok && ran.endedAt - noon).toBeGreaterThan(50_000);
    expect(performance.now() - began).toBeLessThan(5_000);
  });

  test("obeys Retry-After where nobody else is free", async () => {
    const ran = await runAlone(
      fresh(),
      requestFor("solo"),
      follow(bad("rate_limited", { retryAfterMs: 20_000 })),
    );
    expect(went(ran)).toEqual(["0 a rate_limited", "20000 a ok"]);
  });

  test("is refused with the reason when nobody answers", async () => {
    const ran = await runAlone(fresh(), requestFor("solo"), follow(bad("auth")));
    expect(ran).toMatchObject({ ok: false, refusal: { status: 502, code: "upstream_credentials" } });
    expect((await runAlone(fresh(), requestFor("none"), follow())).ok).toBe(false);
  });

  test("costs what all its attempts cost, and nothing is known where nothing is", async () => {
    const ran = await runAlone(fresh(), requestFor("chat"), follow(bad("server"), bad("server")));
    expect(costOfRun(ran)).toBeCloseTo((100 * 10 + 50 * 20) / 1_000_000, 12);
    expect(costOfRun(await runAlone(fresh(), requestFor("none"), follow()))).toBeNull();
  });
});

describe("the head of an answer", () => {
  const headAt = async (stream: boolean) => {
    const world = fresh();
    const head: { at: number | null } = { at: null };
    world.clock.begin(async () => {
      await run(world, requestFor("solo", { stream }), follow(good(8_000, 1_000)), () => {
        head.at = world.clock.now() - noon;
      });
    });
    await world.clock.finish();
    return { ...head, endedAt: world.clock.now() - noon };
  };

  test("is there with the first output of a stream", async () => {
    expect(await headAt(true)).toEqual({ at: 1_000, endedAt: 8_000 });
  });

  test("is there when a whole answer is", async () => {
    expect(await headAt(false)).toEqual({ at: 8_000, endedAt: 8_000 });
  });
});

test("a stream that breaks was an answer, counts against its provider and fails over to nobody", async () => {
  const world = fresh();
  const broken = failure("network", "cut");
  const cut: Oracle = () => ({ kind: "ok", ttftMs: 500, latencyMs: 2_000, usage, broken });
  for (let index = 0; index < 5; index++) {
    const ran = await runAlone(
      world,
      requestFor("solo", { stream: true, arrivedAt: world.clock.now() }),
      cut,
    );
    expect(ran).toMatchObject({ ok: true, broken: { kind: "network" } });
    expect(ran.tried).toHaveLength(1);
  }
  expect(world.health.list(world.clock.now())).toMatchObject([{ circuit: "open" }]);
});

test("requests that overlap share what there is", async () => {
  const world = fresh();
  const ended: string[] = [];
  for (let index = 0; index < 4; index++) {
    await world.clock.advance(noon + index * 1_000);
    world.clock.begin(async () => {
      const ran = await run(world, requestFor("solo", { arrivedAt: world.clock.now() }), () => good(2_500));
      ended.push(`${world.clock.now() - noon} ${ran.ok ? "ok" : ran.refusal.rule?.split(" ")[2]}`);
    });
  }
  await world.clock.finish();
  // Two at a time: the third meets both of them, the fourth one of them.
  expect(ended).toEqual(["2000 concurrency", "2500 ok", "3500 ok", "5500 ok"]);
});
