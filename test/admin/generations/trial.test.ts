import { describe, expect, test } from "bun:test";
import { chartsOfArms, pathOfArms, waitsFor } from "../../../src/admin/generations/trial.ts";
import type { Point } from "../../../src/admin/tally.ts";
import type { Status } from "../../../src/rollout/status.ts";

const arm = {
  ...{ requests: 60, errors: 0, refused: 5, cancelled: 5, error_rate: 0, refusal_rate: 0 },
  ...{ p95_ttft_ms: 12, cost_usd: null, cost_per_request_usd: null },
};
const canary: NonNullable<Status["canary"]> = {
  ...{ generation: 2, digest: "9f2c", share: 0.1, since: "2027-01-31T12:00:30.000Z" },
  ...{ until: "2027-01-31T12:05:30.000Z", min_requests: 200, arms: { stable: arm, canary: arm } },
};

describe("a canary waits", () => {
  const at = (minutes: number) => Date.parse(canary.since) + minutes * 60_000;

  test("for its time and its requests, of which those refused and left do not count", () => {
    expect(waitsFor(canary, at(2))).toStartWith(
      "It is judged in 3 min at the latest; it has served 50 of the 200 requests that it takes.",
    );
    expect(waitsFor({ ...canary, min_requests: 50 }, at(2))).toContain("it has served the 50 requests");
  });

  test("no longer once its time is over", () => {
    expect(waitsFor(canary, at(6))).toStartWith("Its time was over 1 min ago");
  });
});

test("arms are asked for from the minute in which the canary began", () => {
  const query = new URL(pathOfArms(canary.since), "http://gateway").searchParams;
  expect([query.get("from"), query.get("group_by")]).toEqual(["2027-01-31T12:00:00.000Z", "arm"]);
});

test("arms keep their colours, in whichever order they come and beside whatever belongs to neither", () => {
  const unknown = { p50: null, p95: null, p99: null };
  const point = (requests: number): Point => ({
    ...{ start: "2027-01-31T12:00:00.000Z", requests, errors: 1, refused: 1, cancelled: 0, fallbacks: 0 },
    tokens: { prompt: null, cached: null, completion: null, reasoning: null, total: null },
    ...{ unpriced: 0, cost_usd: null, success_rate: null, latency_ms: unknown, ttft_ms: unknown },
  });
  const [requests, failed] = chartsOfArms({
    ...{ from: "", to: "", bucket: "minute", points: [point(12)] },
    series: [
      { group: "canary", points: [point(4)] },
      { group: null, points: [point(0)] },
      { group: "stable", points: [point(8)] },
    ],
  });
  expect(requests?.drawing.lines).toEqual([
    { name: "stable", ink: "--line-1", values: [8] },
    { name: "canary", ink: "--line-3", values: [4] },
  ]);
  expect(failed?.drawing.lines.map(({ values }) => values)).toEqual([[0.25], [0.5]]);
});
