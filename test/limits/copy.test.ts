import { expect, setDefaultTimeout, test } from "bun:test";
import fc from "fast-check";
import type { Claim } from "../../src/domain/limits.ts";
import { Lessons } from "../../src/limits/learn.ts";
import { Ledger } from "../../src/limits/ledger.ts";

setDefaultTimeout(20_000);

const start = Date.UTC(2026, 10, 21, 8, 30);
const at = { file: "routes.yaml", line: 1, column: 1 };
const rules = [
  { limit: "rpm", of: 4, at },
  { limit: "tpm", of: 90, at },
  { limit: "rpd", of: 9, at },
  { limit: "concurrency", of: 3, at },
  { limit: "budget_day", of: 20, at },
] as const;
const claims = (amount: number): readonly Claim[] =>
  rules.map((rule) => ({
    scope: rule.limit === "budget_day" ? "key" : "provider",
    name: "x",
    rule,
    amount: rule.limit === "tpm" || rule.limit === "budget_day" ? amount : 1,
  }));

/** Takes and settles after each other; how each was answered. */
function spend(ledger: Ledger, steps: readonly Step[], from: number): readonly unknown[] {
  let now = from;
  return steps.map(({ afterMs, amount, ends }) => {
    now += afterMs;
    const answer = ledger.reserve(claims(amount), now);
    if ("refused" in answer) return [answer.refused.rule.limit, answer.waitMs];
    if (ends) answer.endRequest(amount - 1, now, 1);
    return [ledger.usage(now), claims(1).map((claim) => ledger.untilReset(claim, now))];
  });
}

interface Step {
  readonly afterMs: number;
  readonly amount: number;
  readonly ends: boolean;
}
const steps = fc.array(
  fc.record({
    afterMs: fc.integer({ min: 0, max: 40_000 }),
    amount: fc.integer({ min: 1, max: 30 }),
    ends: fc.boolean(),
  }),
  { maxLength: 12 },
);

test("a copy of a ledger goes on as the ledger does, and leaves it alone", () => {
  fc.assert(
    fc.property(steps, steps, (before, after) => {
      const ledger = new Ledger();
      spend(ledger, before, start);
      const now = start + before.reduce((sum, { afterMs }) => sum + afterMs, 0);
      const usage = ledger.usage(now);
      const copy = ledger.copy();
      expect(copy.usage(now)).toEqual(usage);
      const there = spend(copy, after, now);
      expect(ledger.usage(now)).toEqual(usage);
      expect(spend(ledger, after, now)).toEqual(there);
    }),
  );
});

test("a copy of what was learned goes its own way", () => {
  const lessons = new Lessons();
  const seen = { textBytes: 100, maxTokens: null, n: 1, promptTokens: 50, completionTokens: 70 };
  lessons.observe("p/x", seen);
  const copy = lessons.copy();
  expect([copy.tokensPerByte("p/x"), copy.meanAnswer("p/x")]).toEqual([
    lessons.tokensPerByte("p/x"),
    lessons.meanAnswer("p/x"),
  ]);
  copy.observe("p/x", seen);
  expect(copy.meanAnswer("p/x")).not.toBe(lessons.meanAnswer("p/x"));
});
