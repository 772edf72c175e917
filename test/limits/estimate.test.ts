import { describe, expect, test } from "bun:test";
import { ceilingTokens, estimateTokens } from "../../src/limits/estimate.ts";

describe("tokens of a request", () => {
  test.each([
    { name: "text and a bound", size: { textBytes: 400, maxTokens: 50, n: 1 }, estimated: 150, ceiling: 150 },
    {
      name: "text without a bound",
      size: { textBytes: 400, maxTokens: null, n: 1 },
      estimated: 356,
      ceiling: 100,
    },
    { name: "three answers", size: { textBytes: 400, maxTokens: 50, n: 3 }, estimated: 250, ceiling: 250 },
    { name: "a started token counts", size: { textBytes: 1, maxTokens: 1, n: 1 }, estimated: 2, ceiling: 2 },
    {
      name: "an embedding has no answer",
      size: { textBytes: 40, maxTokens: 0, n: 1 },
      estimated: 10,
      ceiling: 10,
    },
    { name: "nothing", size: { textBytes: 0, maxTokens: 0, n: 0 }, estimated: 0, ceiling: 0 },
  ])("$name", ({ size, estimated, ceiling }) => {
    expect(estimateTokens(size, 1 / 4, 256)).toBe(estimated);
    expect(ceilingTokens(size)).toBe(ceiling);
  });

  test("what was learned changes the estimate and never the ceiling", () => {
    const size = { textBytes: 1_000, maxTokens: null, n: 2 };
    expect(estimateTokens(size, 0.5, 100.4)).toBe(500 + 2 * 101);
    expect(ceilingTokens(size)).toBe(250);
  });
});
