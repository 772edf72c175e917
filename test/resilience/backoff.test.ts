import { describe, expect, test } from "bun:test";
import { backoff } from "../../src/resilience/backoff.ts";

const standard = { baseMs: 250, maxMs: 4_000 };

describe("backoff", () => {
  test.each([
    { retry: 1, chance: 0, waitMs: 0 },
    { retry: 1, chance: 0.5, waitMs: 125 },
    { retry: 1, chance: 0.999, waitMs: 249 },
    { retry: 2, chance: 0.5, waitMs: 250 },
    { retry: 3, chance: 0.5, waitMs: 500 },
    { retry: 5, chance: 0.5, waitMs: 2_000 },
    { retry: 6, chance: 0.5, waitMs: 2_000 },
    { retry: 5_000, chance: 0.999, waitMs: 3_996 },
    { retry: 0, chance: 0.5, waitMs: 125 },
  ])("waits $waitMs ms before retry $retry when chance is $chance", ({ retry, chance, waitMs }) => {
    expect(backoff(standard, retry, chance)).toBe(waitMs);
  });

  test("a base of nothing never waits", () => {
    expect(backoff({ baseMs: 0, maxMs: 4_000 }, 9_999, 0.9)).toBe(0);
  });
});
