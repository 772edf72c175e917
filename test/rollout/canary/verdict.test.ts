import { describe, expect, setDefaultTimeout, test } from "bun:test";
import fc from "fast-check";
import type { Rollout } from "../../../src/domain/snapshot.ts";
import { ArmFigures, type Ended } from "../../../src/rollout/canary/figures.ts";
import { judge } from "../../../src/rollout/canary/verdict.ts";
import { attempt } from "../../metrics/traffic.ts";
import { ended, rules } from "./traffic.ts";

setDefaultTimeout(20_000);

type Rows = readonly (readonly [count: number, different?: Partial<Ended>])[];
const error = { outcome: "error", status: 502, ttft_ms: null, cost_usd: null } as const;
const limited = {
  outcome: "refused",
  status: 429,
  code: "rate_limit_exceeded",
  ttft_ms: null,
  cost_usd: null,
} as const;
const left = { outcome: "cancelled", status: 499 } as const;

/** An arm with so many requests of each sort, of as many users as `users` says. */
function arm(name: string, rows: Rows, users: number): ArmFigures {
  const figures = new ArmFigures();
  for (const [count, different] of rows) {
    for (let at = 0; at < count; at++)
      figures.observe(ended({ user_hash: `${name} ${at % users}`, ...different }), () => false);
  }
  return figures;
}

/** 10 users in the canary, 90 beside it. */
const verdict = (stable: Rows, canary: Rows, elapsedMs = 60_000, more: Partial<Rollout> = {}) =>
  judge(arm("stable", stable, 90), arm("canary", canary, 10), { ...rules, ...more }, elapsedMs);

const end = rules.forMs;
const fine: Rows = [[1_890], [10, error]];

describe("a canary", () => {
  test("goes on while nothing is wrong, and is promoted at the end", () => {
    expect(verdict(fine, [[210], [2, error]], end - 1)).toEqual({ kind: "go_on" });
    expect(verdict(fine, [[210], [2, error]], end)).toEqual({
      kind: "promote",
      reason: "nothing got worse: canary errors 0.9 % of 212 requests, stable 0.5 % of 1,900",
    });
  });

  test("is taken back at once when errors cannot be chance", () => {
    expect(verdict([[1_892], [8, error]], [[170], [42, error]], 2_000)).toEqual({
      kind: "rollback",
      trip: "hard",
      reason: "canary errors 19.8 % of 212 requests, stable 0.4 % of 1,900",
    });
  });

  test.each<[string, Rows, Rows]>([
    ["three errors", [[100_000]], [[3, error]]],
    ["as many errors as in the other arm", [[900], [100, error]], [[90], [10, error]]],
    ["nothing to compare with", [], [[50, error]]],
    ["clients that left", [[900]], [[50], [50, left]]],
  ])("goes on with %s", (_, stable, canary) => {
    expect(verdict(stable, canary)).toEqual({ kind: "go_on" });
  });

  test("with fewer errors than a hard trip needs is taken back at the end, if they rose too much", () => {
    const canary: Rows = [[192], [8, error]];
    expect(verdict(fine, canary, end - 1).kind).toBe("go_on");
    expect(verdict(fine, canary, end)).toMatchObject({ kind: "rollback", trip: "soft" });
    expect(verdict(fine, canary, end, { maxErrorIncrease: 0.04 }).kind).toBe("promote");
  });

  test("that newly refuses its clients is taken back before it has served anybody", () => {
    expect(verdict([[300]], [[40, limited]], 3_000)).toEqual({
      kind: "rollback",
      trip: "hard",
      reason: "canary refused 100.0 % of 40 requests, stable 0.0 % of 300",
    });
    expect(verdict([[300]], [[40, limited]], 3_000, { maxErrorIncrease: 1 })).toEqual({ kind: "go_on" });
  });

  test("is not blamed for one client that is always over its limit", () => {
    const one: Rows = [[210], [400, { ...limited, user_hash: "canary 3" }]];
    expect(verdict([[1_900]], one, end).kind).toBe("promote");
  });

  test("is not blamed for one client whose requests all fail, unless it has them fail at a new endpoint", () => {
    const one: Rows = [[190], [22, { ...error, user_hash: "canary 3" }]];
    expect(verdict([[1_900]], one, end).kind).toBe("promote");
    const both: Rows = [[1_800], [100, { user_hash: "canary 3" }]];
    expect(verdict(both, one, end)).toMatchObject({ kind: "rollback", trip: "hard" });
    const canary = arm("canary", [[190]], 10);
    const attempts = [attempt({ endpoint_id: "new", outcome: "server" })];
    for (let at = 0; at < 22; at++) canary.observe(ended({ user_hash: "canary 3", attempts }), () => true);
    expect(judge(arm("stable", [[1_900]], 90), canary, rules, end)).toMatchObject({
      kind: "rollback",
      trip: "hard",
    });
  });

  const slow = (ms: number): Rows => [[150], [62, { ttft_ms: ms }]];
  test.each<[string, Rows, Rows, RegExp]>([
    [
      "slower",
      [[1_900]],
      slow(650),
      /^canary p95 to the first output 649 ms over 212 requests, stable 400 ms over 1,900$/,
    ],
    [
      "dearer",
      [[1_900]],
      [[212, { cost_usd: 0.0132 }]],
      /^canary costs \$0\.0132 a request over 212 requests, stable \$0\.01 over 1,900$/,
    ],
    [
      "dearer than free",
      [[1_900, { cost_usd: 0 }]],
      [[212]],
      /^canary costs \$0\.01 a request .* stable \$0 over 1,900$/,
    ],
  ])("that is %s is taken back once it has min_requests", (_, stable, canary, reason) => {
    const found = verdict(stable, canary);
    expect(found).toMatchObject({ kind: "rollback", trip: "soft" });
    expect("reason" in found ? found.reason : "").toMatch(reason);
    expect(verdict(stable, canary, 60_000, { minRequests: 213 })).toEqual({ kind: "go_on" });
  });

  test.each<[string, Rows, Rows]>([
    ["slower by less than is allowed", [[1_900]], slow(590)],
    ["slower by less than anybody notices", [[1_900, { ttft_ms: 10 }]], [[212, { ttft_ms: 59 }]]],
    ["dearer by less than is allowed", [[1_900]], [[212, { cost_usd: 0.0129 }]]],
    ["of unknown cost", [[1_900]], [[212, { cost_usd: null }]]],
    [
      "slow and dear for one client",
      [[1_900]],
      [[190], [22, { ttft_ms: 9_000, cost_usd: 1, user_hash: "canary 3" }]],
    ],
  ])("that is %s is promoted", (_, stable, canary) => {
    expect(verdict(stable, canary, end).kind).toBe("promote");
  });

  test.each(["promote", "hold", "rollback"] as const)(
    "without a verdict ends as on_inconclusive: %s says",
    (then) => {
      const more = { onInconclusive: then };
      const tooFew = { kind: "inconclusive", why: "too_few", then } as const;
      const noTraffic = { kind: "inconclusive", why: "no_traffic", then } as const;
      expect(verdict([[1_000]], [[199]], end, more)).toEqual(tooFew);
      // Who was refused or left has not tried it.
      expect(verdict([[1_800], [100, limited]], [[199], [10, limited], [50, left]], end, more)).toEqual(
        tooFew,
      );
      expect(verdict([[9_000]], [[400]], end, more)).toEqual(noTraffic);
      expect(verdict([[500]], [[4_000]], end, more)).toEqual(noTraffic);
      expect(verdict([], [], end, more)).toEqual(noTraffic);
      expect(verdict([], [[400]], end, { ...more, canary: 1 })).toEqual(noTraffic);
      expect(verdict([[9_000]], [[400]], end - 1, more)).toEqual({ kind: "go_on" });
    },
  );

  test("that holds is still taken back when it gets worse, and promoted when it has enough", () => {
    const hold = { onInconclusive: "hold" } as const;
    expect(verdict([[1_000]], [[150], [20, error]], 3 * end, hold)).toMatchObject({
      kind: "rollback",
      trip: "hard",
    });
    expect(verdict([[1_900]], [[200]], 3 * end, hold).kind).toBe("promote");
  });

  test("that is taken back would be with more errors too", () => {
    const count = fc.integer({ min: 0, max: 400 });
    fc.assert(
      fc.property(
        count,
        count,
        count,
        count,
        fc.constantFrom(1_000, end),
        (well, badly, canary, errors, at) => {
          const stable: Rows = [[well], [badly, error]];
          const isRolledBack = (failed: number) =>
            verdict(stable, [[canary], [failed, error]], at).kind === "rollback";
          if (isRolledBack(errors)) expect(isRolledBack(errors + 1 + Math.floor(errors / 4))).toBe(true);
        },
      ),
      { seed: 1, numRuns: 100 },
    );
  });
});
