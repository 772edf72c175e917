import { expect, setDefaultTimeout, test } from "bun:test";
import fc from "fast-check";
import {
  addSample,
  loadSamples,
  mergeSamples,
  noSamples,
  quantiles,
  storeSamples,
} from "../../src/metrics/samples.ts";
import {
  addTo,
  type Counted,
  clearCount,
  loadCount,
  noCount,
  storeCount,
  tallyOf,
} from "../../src/metrics/tally.ts";

setDefaultTimeout(20_000);

const answered: Counted = {
  outcome: "ok",
  model: "chat",
  served_model: "chat",
  provider: "openai",
  duration_ms: 100,
  ttft_ms: 20,
  prompt_tokens: 10,
  cached_tokens: null,
  completion_tokens: 5,
  reasoning_tokens: null,
  total_tokens: 15,
  cost_usd: 0.1,
};
const nobody: Partial<Counted> = {
  ...{ served_model: null, provider: null, ttft_ms: null, cost_usd: null },
  ...{ prompt_tokens: null, completion_tokens: null, total_tokens: null },
};
const tally = (...rows: readonly Partial<Counted>[]) => {
  const count = noCount();
  for (const row of rows) addTo(count, { ...answered, ...row });
  return tallyOf(count);
};

test("an empty tally knows that nothing happened, and nothing else", () => {
  expect(tally()).toEqual({
    ...{ requests: 0, errors: 0, refused: 0, cancelled: 0, fallbacks: 0, unpriced: 0 },
    tokens: { prompt: null, cached: null, completion: null, reasoning: null, total: null },
    cost_usd: null,
    success_rate: null,
    latency_ms: { p50: null, p95: null, p99: null },
    ttft_ms: { p50: null, p95: null, p99: null },
  });
});

test("refused and cancelled requests do not touch the success rate", () => {
  const mixed = tally(
    ...[{}, {}, {}, { ...nobody, outcome: "error" as const }],
    ...[
      { ...nobody, outcome: "refused" as const },
      { ...nobody, outcome: "cancelled" as const },
    ],
  );
  expect(mixed).toMatchObject({ requests: 6, errors: 1, refused: 1, cancelled: 1, success_rate: 0.75 });
});

test("a success rate needs somebody to have been served", () => {
  expect(tally({ ...nobody, outcome: "refused" }).success_rate).toBeNull();
});

test("an error nobody answered is neither unpriced nor a fallback, but it has a latency", () => {
  const failed = tally({ ...nobody, outcome: "error", duration_ms: 900 });
  expect(failed).toMatchObject({ unpriced: 0, fallbacks: 0, cost_usd: null, success_rate: 0 });
  expect(failed.latency_ms.p50).toBe(900);
});

test("a refusal's latency is not a sample", () => {
  expect(tally({ ...nobody, outcome: "refused" }).latency_ms.p50).toBeNull();
});

test("known costs are summed as decimals, and the unknown ones are counted", () => {
  expect(tally({ cost_usd: 0.1 }, { cost_usd: 0.2 }, { cost_usd: null })).toMatchObject({
    cost_usd: 0.3,
    unpriced: 1,
  });
});

test("a cost of zero is known", () => {
  expect(tally({ cost_usd: 0 })).toMatchObject({ cost_usd: 0, unpriced: 0 });
});

test("tokens that no provider mentions stay unknown beside those that one did", () => {
  expect(tally({}, { cached_tokens: 4 }, { ...nobody, outcome: "error" }).tokens).toEqual({
    ...{ prompt: 20, cached: 4, completion: 10, reasoning: null, total: 30 },
  });
});

test("a missing total is the sum of both parts, when both are known", () => {
  expect(tally({ total_tokens: null }).tokens.total).toBe(15);
  expect(tally({ total_tokens: null, completion_tokens: null }).tokens.total).toBeNull();
});

test("an answer by another model than the one asked for is a fallback", () => {
  expect(tally({ served_model: "small" }, {}).fallbacks).toBe(1);
});

test.each([
  ["nothing", [], null, null, null],
  ["one value", [7.123], 7.123, 7.123, 7.123],
  ["two values", [1, 2], 1, 2, 2],
])("percentiles of %s are by nearest rank", (_name, values, p50, p95, p99) => {
  const samples = noSamples();
  for (const value of values) addSample(samples, value);
  expect(quantiles(samples)).toEqual({ p50, p95, p99 });
});

const durations = fc.array(fc.double({ min: 0.01, max: 600_000, noNaN: true }), { minLength: 1 });

test("percentiles are within one percent of the exact ones", () => {
  fc.assert(
    fc.property(durations, (values) => {
      const samples = noSamples();
      for (const value of values) addSample(samples, value);
      const sorted = values.toSorted((a, b) => a - b);
      const near = quantiles(samples);
      for (const [name, share] of [["p50", 0.5] as const, ["p95", 0.95] as const, ["p99", 0.99] as const]) {
        const exact = sorted[Math.ceil(share * values.length) - 1] ?? 0;
        expect(Math.abs((near[name] ?? 0) - exact)).toBeLessThanOrEqual(exact * 0.0101 + 0.001);
      }
    }),
  );
});

test("parts of samples, in any order, add up to what they would have been as one", () => {
  fc.assert(
    fc.property(fc.array(durations, { minLength: 1, maxLength: 5 }), (parts) => {
      const [whole, merged] = [noSamples(), noSamples()];
      for (const part of parts.toReversed()) {
        const samples = noSamples();
        for (const value of part) addSample(samples, value);
        mergeSamples(merged, samples);
      }
      for (const value of parts.flat()) addSample(whole, value);
      expect(storeSamples(merged)).toEqual(storeSamples(whole));
    }),
  );
});

test.each([0, -1, Number.NaN, Number.POSITIVE_INFINITY])("a duration of %d breaks nothing", (odd) => {
  const samples = noSamples();
  addSample(samples, odd);
  expect(samples.count).toBe(1);
});

test("samples take no more room however many they are", () => {
  const samples = noSamples();
  for (let at = 0; at < 60_000; at += 1) addSample(samples, 1 + (at % 1_000));
  expect(samples.used).toBeLessThan(500);
  expect(Math.abs((quantiles(samples).p50 ?? 0) - 500)).toBeLessThan(10);
});

test("a count that was cleared is as good as new", () => {
  const count = noCount();
  addTo(count, { ...answered, cached_tokens: 3 });
  clearCount(count);
  expect(tallyOf(count)).toEqual(tallyOf(noCount()));
});

test("a count comes back from storage as it was", () => {
  const count = noCount();
  for (const ms of [1, 10, 100]) addTo(count, { ...answered, duration_ms: ms });
  const again = loadCount(JSON.parse(JSON.stringify(storeCount(count))));
  expect(tallyOf(again)).toEqual(tallyOf(count));
  expect(quantiles(loadSamples(storeSamples(noSamples()))).p50).toBeNull();
});

test("a cost that an older version stored as a number is read", () => {
  const stored = { ...storeCount(noCount()), cost: 12.345678 };
  expect(tallyOf(loadCount(stored)).cost_usd).toBe(12.345678);
});
