import { describe, expect, test } from "bun:test";
import {
  causeOf,
  everything,
  pathOf,
  placeOf,
  ruleParts,
  withOlder,
} from "../../../src/admin/errors/wish.ts";
import { parseErrors } from "../../../src/metrics/errors_query.ts";

const queryOf = (path: string) => new URLSearchParams(path.slice(path.indexOf("?")));

test.each([
  [everything, null, { hours: "24" }],
  [
    { ...everything, rule: "key web rpm", provider: " a&b " },
    null,
    { hours: "24", provider: "a&b", rule: "key web rpm" },
  ],
  [everything, "2027-01-31T12:00:00.000Z,7", { hours: "24", before: "2027-01-31T12:00:00.000Z,7" }],
])("a wish becomes a query that the gateway reads", (wish, before, query) => {
  const path = pathOf(wish, before);
  expect(path.split("?")[0]).toBe("/admin/api/errors");
  expect(Object.fromEntries(queryOf(path))).toEqual(query);
  expect(parseErrors(queryOf(path), Date.parse("2027-01-31T12:30:00Z")).ok).toBe(true);
});

test("older errors follow, and the counts stay those of the first look", () => {
  const entry = { request_id: "a" };
  const first = { found: 3, complete: false, looked_back_to: "b", next: "n", errors: [entry] };
  const older = { found: 9, complete: true, looked_back_to: "a", next: null, errors: [{ request_id: "b" }] };
  // Nothing else of an error is looked at.
  const joined = withOlder(first as never, [older as never]);
  expect(joined).toMatchObject({ found: 3, complete: true, looked_back_to: "a", next: null });
  expect(joined.errors.map(({ request_id }) => request_id)).toEqual(["a", "b"]);
  expect(withOlder(first as never, [])).toEqual(first as never);
});

test.each([
  ["key web rpm routes.yaml:3:54", "key web rpm", "routes.yaml:3:54"],
  ["key web rpm teams/a b.yaml:3:54", "key web rpm teams/a", "b.yaml:3:54"],
  ["something else", "something else", ""],
])("the rule %j is %j at %j", (rule, says, at) => {
  expect(ruleParts(rule)).toEqual([says, at]);
});

const attempt = (outcome: "ok" | "server" | "rate_limited") => ({ outcome }) as never;
test.each([
  ["rate_limit_exceeded", [], "rate_limit_exceeded"],
  [
    "upstream_error",
    [attempt("server"), attempt("rate_limited"), attempt("server")],
    "upstream_error: server, rate limited",
  ],
  [null, [attempt("ok")], "status 502"],
])("%p after %p reads %p", (code, attempts, says) => {
  expect(causeOf({ code, status: 502, attempts })).toBe(says);
});

describe("an attempt's place in time", () => {
  test.each([
    [{ start_ms: 10, duration_ms: 20 }, 40, 0.25, 0.5],
    [{ start_ms: 0, duration_ms: 0 }, 40, 0, 0.005],
    [{ start_ms: 0, duration_ms: 80 }, 40, 0, 1],
    [{ start_ms: 0, duration_ms: 0 }, 0, 0, 0.005],
  ])("%p of %d ms", (times, total, left, width) => {
    expect(placeOf(times, total)).toEqual({ left, width });
  });
});
