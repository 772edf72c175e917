import fc from "fast-check";
import { type FailureKind, failoverKinds } from "../../../src/domain/failure.ts";
import type { Case, Outcome } from "../../../src/simulate/scenario/case.ts";
import { outcomeOf } from "../../../src/simulate/scenario/outcome.ts";

/** A routing file as text, and what is asked of it. */
export interface Trial {
  readonly routes: string;
  readonly scene: Pick<Case, "given" | "send">;
}

const names = ["a", "b", "c"] as const;
/** One time in four: what is there everywhere lets nothing through. */
const maybe = <T>(arbitrary: fc.Arbitrary<T>) =>
  fc.oneof({ weight: 3, arbitrary: fc.constant(undefined) }, { weight: 1, arbitrary });
const some = <T>(items: readonly T[], minLength = 0) => fc.subarray([...items], { minLength });

const limits = fc
  .record({
    rpm: maybe(fc.integer({ min: 1, max: 8 })),
    tpm: maybe(fc.integer({ min: 200, max: 3_000 })),
    rpd: maybe(fc.integer({ min: 1, max: 9 })),
    tpr: maybe(fc.integer({ min: 100, max: 900 })),
    concurrency: maybe(fc.integer({ min: 1, max: 3 })),
  })
  .map(({ tpr, tpm, ...rest }) => ({
    ...rest,
    tpm,
    tpr: tpr === undefined || tpm === undefined ? tpr : Math.min(tpr, tpm),
  }));

const bound = maybe(fc.record({ max_tokens: fc.integer({ min: 1, max: 400 }) }));

const providerAt = (base: string) => (name: string) =>
  fc.record({
    kind: fc.constant("openai"),
    base_url: fc.constant(`${base}/${name}/v1`),
    api_key: maybe(
      fc.oneof(
        fc.constant(`env:KEY_${name}`),
        fc
          .record({ id: fc.constant("one"), key: fc.constant(`env:KEY_${name}`), limits: maybe(limits) })
          .map((one) => [one, `env:SPARE_${name}`]),
      ),
    ),
    limits: maybe(limits),
    tags: maybe(some(["x", "y"])),
    defaults: bound,
    overrides: bound,
    models: fc.record({
      "u1*": fc.record({
        // An answer that costs nothing is taken for an embedding.
        price: fc.record({ input: fc.integer({ min: 0, max: 9 }), output: fc.integer({ min: 1, max: 9 }) }),
        context: maybe(fc.integer({ min: 100, max: 900 })),
        limits: maybe(limits),
      }),
      "*": fc.constant({ price: { input: 1, output: 2 } }),
    }),
  });

const target = fc.record({
  provider: fc.constantFrom(...names),
  model: fc.constantFrom("u1", "u2"),
  weight: fc.integer({ min: 1, max: 4 }),
  limits: maybe(limits),
  defaults: bound,
});

const model = (later: readonly string[]) =>
  fc.record({
    // What answers faster is another thing on a clock that stands still.
    strategy: fc.constantFrom("priority", "priority", "weighted", "headroom", "cost"),
    stick_to: fc.constantFrom("request", "key", "user"),
    targets: fc.uniqueArray(target, {
      minLength: 1,
      maxLength: 4,
      selector: (one) => `${one.provider}/${one.model}`,
    }),
    defaults: bound,
    max: bound,
    fallbacks: fc.record({ any: some(later), context_window: some(later), content_policy: some(later) }),
  });

const policy = fc.record({
  on: some(failoverKinds, 7),
  max_attempts: fc.integer({ min: 1, max: 6 }),
  retries: fc.integer({ min: 0, max: 2 }),
  backoff: fc.constant({ base: "1ms", max: "2ms" }),
  breaker: fc.record({
    failures: fc.integer({ min: 1, max: 4 }),
    within: fc.constant("30s"),
    open_for: fc.constant("30s"),
  }),
});

const auth = maybe(
  fc.record({
    teams: fc.record({
      crew: fc.record({
        limits: maybe(limits),
        any_tag: maybe(fc.constant(["x"])),
        models: maybe(fc.constant(["!m2"])),
      }),
    }),
    keys: fc
      .record({
        models: maybe(fc.constantFrom(["m*"], ["m0", "old"], ["*", "!m1"])),
        limits: maybe(limits),
        any_tag: maybe(fc.constant(["y"])),
        budget: maybe(
          fc.record({ usd: fc.constantFrom(0.001, 0.01, 5), per: fc.constantFrom("day", "month") }),
        ),
        team: maybe(fc.constant("crew")),
      })
      .map((key) => [{ id: "k", secret: "env:CLIENT", ...key }]),
  }),
);

const outcome: fc.Arbitrary<Outcome> = fc.oneof(
  { weight: 2, arbitrary: fc.constant(outcomeOf("ok")) },
  {
    weight: 3,
    arbitrary: fc
      .record({
        kind: fc.constantFrom<FailureKind>(
          ...failoverKinds,
          "context_window",
          "content_policy",
          "bad_request",
        ),
        isLong: fc.boolean(),
      })
      .map(({ kind, isLong }) => ({
        ...outcomeOf(kind),
        // Longer than any deadline: nobody waits for it.
        retryAfterMs: isLong && (kind === "rate_limited" || kind === "overloaded") ? 3_600_000 : null,
      })),
  },
);

const script = fc.array(outcome, { minLength: 1, maxLength: 9 });

/** Configurations, requests, states and fault scripts; providers are asked at `base`. */
export function trials(base: string): fc.Arbitrary<Trial> {
  const provider = providerAt(base);
  const routes = fc
    .record({
      auth,
      providers: fc.record({ a: provider("a"), b: provider("b"), c: provider("c") }),
      models: fc.record({ m0: model(["m1", "m2"]), m1: model(["m2"]), m2: model([]) }),
      policy,
      auto: fc.constantFrom("priority", "weighted", "headroom", "cost"),
    })
    .map(({ auth: whom, policy: standard, auto, ...rest }) => ({
      version: 1,
      ...(whom === undefined ? {} : { auth: whom }),
      attribution: { user: "body:user" },
      ...rest,
      aliases: { old: "m1" },
      auto: { models: ["m1", "m0"], strategy: auto },
      default_model: "m0",
      failover: { default: standard },
    }));
  const given = fc.record({
    at: fc.constant(Date.UTC(2026, 0, 1)),
    disabled: maybe(
      some(
        [
          { kind: "provider", name: "c" },
          { kind: "target", name: "a/u2" },
          { kind: "model", name: "m2" },
        ] as const,
        1,
      ),
    ).map((disabled) => disabled ?? []),
    spent: maybe(fc.constantFrom(0.0005, 4.99995)).map(
      (usd) => new Map(usd === undefined ? [] : [["k", usd]]),
    ),
    providers: fc
      .record({ a: script, b: script, c: script })
      .map((scripts) => new Map(Object.entries(scripts))),
  });
  const send = fc.record({
    model: fc.constantFrom("m0", "m0", "m0", "m1", "m1", "old", "auto", "auto", "m2", "none", null),
    user: fc.constantFrom(null, "bob"),
    tokens: fc.integer({ min: 1, max: 600 }),
    maxTokens: fc.option(fc.integer({ min: 1, max: 500 })),
    stream: fc.boolean(),
    tools: fc.constant(false),
    images: fc.constant(false),
    params: fc.constant({}),
    repeat: fc.integer({ min: 1, max: 5 }),
    // Longer than the pauses of a chain: one is over before the next begins.
    everyMs: fc.constant(20),
    seed: fc.nat(1_000),
  });
  return fc.record({ routes, given, send }).map(({ routes: file, given: world, send: sent }) => ({
    routes: JSON.stringify(file),
    scene: { given: world, send: { ...sent, key: "auth" in file ? "k" : null } },
  }));
}
