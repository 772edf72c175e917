import { expect, setDefaultTimeout, test } from "bun:test";
import fc from "fast-check";
import { failureKinds } from "../../src/domain/failure.ts";
import { Health } from "../../src/resilience/health.ts";

setDefaultTimeout(20_000);

const start = Date.UTC(2026, 10, 21);
const names = ["a", "b"] as const;

const step = fc.record({
  name: fc.constantFrom(...names),
  kind: fc.constantFrom("ok", ...failureKinds),
  isRetry: fc.boolean(),
  // Mostly at once, so that a retry budget can be spent.
  afterMs: fc.oneof({ weight: 9, arbitrary: fc.constant(0) }, fc.integer({ min: 0, max: 3_000 })),
});
type Step = typeof step extends fc.Arbitrary<infer T> ? T : never;

function live(health: Health, steps: readonly Step[], from: number): readonly unknown[] {
  let now = from;
  return steps.map(({ name, kind, isRetry, afterMs }) => {
    now += afterMs;
    const started = health.begin(
      {
        ...{ endpointId: name, credentialId: name, provider: name, upstream: "x", isKeyed: true, isRetry },
        ...{ breaker: { failures: 2, withinMs: 10_000, openForMs: 4_000 }, fingerprint: "v1" },
      },
      now,
    );
    if (kind === "ok") {
      health.output(started, 30, now);
      health.succeed(started, now);
    } else health.fail(started, { kind, retryAfterMs: null }, now);
    return seen(health, now);
  });
}

const seen = (health: Health, now: number) => [
  health.list(now),
  names.map((name) => [
    health.circuit(name, now),
    health.setAside(name, now, "v1"),
    health.mayRetry(name, now),
  ]),
];

test("a copy goes on as the original does, and leaves it alone", () => {
  fc.assert(
    fc.property(
      fc.array(step, { maxLength: 30 }),
      fc.array(step, { maxLength: 90, size: "max" }),
      (before, after) => {
        const health = new Health();
        live(health, before, start);
        const now = start + before.reduce((sum, { afterMs }) => sum + afterMs, 0);
        const known = seen(health, now);
        const copy = health.copy();
        expect(seen(copy, now)).toEqual(known);
        const there = live(copy, after, now);
        expect(seen(health, now)).toEqual(known);
        expect(live(health, after, now)).toEqual(there);
      },
    ),
  );
});
