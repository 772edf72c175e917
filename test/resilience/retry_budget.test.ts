import { describe, expect, setDefaultTimeout, test } from "bun:test";
import fc from "fast-check";
import { RetryBudget, retriesPerSecond, retryShare } from "../../src/resilience/retry_budget.ts";

setDefaultTimeout(20_000);

const start = Date.UTC(2026, 10, 21);

function retry(budget: RetryBudget, now: number): boolean {
  const allowed = budget.allows(now);
  if (allowed) budget.count(true, now);
  return allowed;
}

describe("the retry budget of a provider", () => {
  test("allows ten a second to a provider that has no requests, five seconds at once", () => {
    const budget = new RetryBudget();
    const allowed = Array.from({ length: 200 }, () => retry(budget, start)).filter(Boolean);
    expect(allowed).toHaveLength(50);
    expect(retry(budget, start + 5_000)).toBe(false);
    expect(retry(budget, start + 5_500)).toBe(true);
  });

  test("grows by a fifth of the requests", () => {
    const budget = new RetryBudget();
    for (let index = 0; index < 100; index++) budget.count(false, start);
    const allowed = Array.from({ length: 200 }, () => retry(budget, start)).filter(Boolean);
    expect(allowed).toHaveLength(70);
  });

  test("an outage at 500 requests a second stays under a quarter more", () => {
    const budget = new RetryBudget();
    let retries = 0;
    for (let index = 0; index < 30 * 500; index++) {
      budget.count(false, start + index * 2);
      if (retry(budget, start + index * 2)) retries++;
    }
    expect(retries / (30 * 500)).toBeLessThanOrEqual(0.25);
    expect(retries / (30 * 500)).toBeGreaterThanOrEqual(0.19);
  });

  test("holds over any five seconds", () => {
    const step = fc.record({
      after: fc.oneof(fc.nat(30), fc.nat(1_200)),
      requests: fc.nat(20),
      retries: fc.nat(20),
    });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 150 }), (steps) => {
        const budget = new RetryBudget();
        const log: { at: number; isRetry: boolean }[] = [];
        let now = start;
        for (const { after, requests, retries } of steps) {
          now += after;
          for (let index = 0; index < requests; index++) {
            budget.count(false, now);
            log.push({ at: now, isRetry: false });
          }
          for (let index = 0; index < retries; index++)
            if (retry(budget, now)) log.push({ at: now, isRetry: true });
          const recent = log.filter(({ at }) => at > now - 5_000);
          const made = recent.filter(({ isRetry }) => isRetry).length;
          const allowance = retryShare * (recent.length - made) + 5 * retriesPerSecond;
          if (log.at(-1)?.isRetry) expect(made).toBeLessThanOrEqual(allowance);
        }
      }),
      { seed: 11, numRuns: 60 },
    );
  });

  test("asking changes nothing, and a clock set back does not hold it", () => {
    const budget = new RetryBudget();
    for (let index = 0; index < 50; index++) budget.count(true, start);
    expect(budget.allows(start + 60_000)).toBe(true);
    expect(budget.allows(start)).toBe(false);
    expect(budget.allows(start - 3_600_000)).toBe(true);
  });
});
