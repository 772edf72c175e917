import { describe, expect, test } from "bun:test";
import { type FailureKind, failure } from "../../src/domain/failure.ts";
import { noon, requestFor, run, stateWith, without } from "../support/scene.ts";
import { snapshotOf } from "../support/snapshot.ts";

const providers = `
providers:
  a: { kind: openai, base_url: "http://127.0.0.1:1/v1" }
  b: { kind: openai, base_url: "http://127.0.0.1:2/v1" }
  c: { kind: openai, base_url: "http://127.0.0.1:3/v1" }
  pool: { kind: openai, base_url: "http://127.0.0.1:4/v1", api_key: [env:ONE, env:TWO] }
`;

const usual = snapshotOf(`${providers}
models:
  chat: { targets: [a/x, b/x] }
  solo: { targets: [a/x] }
  safe: { targets: [a/x], fallbacks: [other] }
  other: { targets: [b/x], fallbacks: [third] }
  third: { targets: [c/x] }
  caused: { targets: [a/x, b/x], fallbacks: { any: [third], context_window: [other], content_policy: [third] } }
  pooled: { targets: [pool/x] }
  quick: { targets: [a/x, b/x], failover: once }
  narrow: { targets: [a/x, b/x], failover: timeouts }
failover:
  once: { max_attempts: 1 }
  timeouts: { on: [timeout] }
`);

describe("plan, after failures", () => {
  const cases: readonly {
    says: string;
    model: string;
    script: readonly FailureKind[];
    went: readonly string[];
    code?: string | null;
    status?: number;
  }[] = [
    { says: "answers from the first target", model: "chat", script: [], went: ["chat:a"] },
    {
      says: "retries the same target once, then moves on",
      model: "chat",
      script: ["server", "server"],
      went: ["chat:a", "chat:a", "chat:b"],
    },
    {
      says: "moves on from a 429 at once while another target is free",
      model: "chat",
      script: ["rate_limited"],
      went: ["chat:a", "chat:b"],
    },
    {
      says: "asks the only one who said 429 again",
      model: "solo",
      script: ["rate_limited", "rate_limited"],
      went: ["solo:a", "solo:a"],
      code: "rate_limit_exceeded",
      status: 429,
    },
    {
      says: "does not ask again for a model that is not there",
      model: "chat",
      script: ["not_found"],
      went: ["chat:a", "chat:b"],
    },
    {
      says: "goes through fallbacks of fallbacks",
      model: "safe",
      script: ["auth", "auth"],
      went: ["safe:a", "other:b", "third:c"],
    },
    {
      says: "stops at max_attempts over all targets",
      model: "chat",
      script: ["server", "server", "server", "server"],
      went: ["chat:a", "chat:a", "chat:b", "chat:b"],
      code: "upstream_error",
      status: 502,
    },
    {
      says: "stops at the policy's own max_attempts",
      model: "quick",
      script: ["server"],
      went: ["quick:a"],
      code: "upstream_error",
      status: 502,
    },
    {
      says: "leaves what the policy does not name to the client",
      model: "narrow",
      script: ["server"],
      went: ["narrow:a"],
      code: "upstream_error",
      status: 502,
    },
    {
      says: "never fails over from a bad request",
      model: "chat",
      script: ["bad_request"],
      went: ["chat:a"],
      code: null,
      status: 400,
    },
    {
      says: "leaves by the list for context windows, past other targets",
      model: "caused",
      script: ["context_window"],
      went: ["caused:a", "other:b"],
    },
    {
      says: "leaves by the list for content policy",
      model: "caused",
      script: ["content_policy"],
      went: ["caused:a", "third:c"],
    },
    {
      says: "passes a context window on where no list takes it",
      model: "chat",
      script: ["context_window"],
      went: ["chat:a"],
      code: "context_length_exceeded",
      status: 400,
    },
    {
      says: "passes a content policy on where no list takes it",
      model: "safe",
      script: ["content_policy"],
      went: ["safe:a"],
      code: "content_filter",
      status: 400,
    },
    {
      says: "uses the general list for the rest",
      model: "caused",
      script: ["not_found", "not_found"],
      went: ["caused:a", "caused:b", "third:c"],
    },
    {
      says: "rotates the pool on a refused key, without waiting",
      model: "pooled",
      script: ["auth"],
      went: ["pooled:pool#TWO", "pooled:pool#ONE"],
    },
    {
      says: "tells refused credentials apart",
      model: "pooled",
      script: ["auth", "quota"],
      went: ["pooled:pool#TWO", "pooled:pool#ONE"],
      code: "upstream_credentials",
      status: 502,
    },
    {
      says: "tells timeouts apart",
      model: "solo",
      script: ["timeout", "timeout"],
      went: ["solo:a", "solo:a"],
      code: "upstream_timeout",
      status: 504,
    },
    {
      says: "says 404 when no provider has the model",
      model: "chat",
      script: ["not_found", "not_found"],
      went: ["chat:a", "chat:b"],
      code: "model_not_found",
      status: 404,
    },
    {
      says: "ends when the client left",
      model: "chat",
      script: ["cancelled"],
      went: ["chat:a"],
      code: "cancelled",
      status: 499,
    },
  ];
  test.each([...cases])("$says", ({ model, script, went, code, status }) => {
    const ran = run(usual, requestFor(model), script);
    expect(ran.went).toEqual([...went]);
    expect(ran.stop?.refusal.code).toEqual(code);
    expect(ran.stop?.refusal.status).toEqual(status);
    if (ran.stop !== null) expect(ran.stop.refusal.shouldRetry).toBe(code === "cancelled" ? null : false);
  });

  test("is deterministic: the same arguments give the same decision", () => {
    const one = run(usual, requestFor("chat"), ["server", "server", "timeout"]);
    expect(run(usual, requestFor("chat"), ["server", "server", "timeout"])).toEqual(one);
  });

  test("waits out a Retry-After that is longer than the backoff", () => {
    const limited = failure("rate_limited", "slow down", { retryAfterMs: 20_000 });
    expect(run(usual, requestFor("solo"), [limited]).waits).toEqual([0, 20_000]);
  });

  test("starts no attempt after the deadline", () => {
    const limited = failure("rate_limited", "slow down", { retryAfterMs: 91_000 });
    const { went, stop } = run(usual, requestFor("solo"), [limited]);
    expect(went).toEqual(["solo:a"]);
    expect(stop?.refusal).toMatchObject({ status: 429, retryAfterMs: 91_000, shouldRetry: false });
  });

  test("keeps within the retry budget of a provider", () => {
    const state = stateWith({ mayRetry: (provider) => provider !== "b" });
    expect(run(usual, requestFor("chat"), ["not_found"], state).went).toEqual(["chat:a"]);
  });
});

describe("plan, before the first attempt", () => {
  test("skips a target whose circuit is open", () => {
    const state = stateWith({ circuit: (endpoint) => (endpoint.includes(":1/") ? "open" : "closed") });
    expect(run(usual, requestFor("chat"), [], state).went).toEqual(["chat:b"]);
  });

  test("opens a sole target with fallbacks like any other", () => {
    const state = stateWith({ circuit: (endpoint) => (endpoint.includes(":1/") ? "open" : "closed") });
    expect(run(usual, requestFor("safe"), [], state).went).toEqual(["other:b"]);
  });

  test("tries all when every circuit is open", () => {
    const state = stateWith({ circuit: () => "open" });
    expect(run(usual, requestFor("chat"), ["not_found"], state).went).toEqual(["chat:a", "chat:b"]);
  });

  test("lets one probe through a half-open circuit", () => {
    const { last } = run(usual, requestFor("solo"), [], stateWith({ circuit: () => "probe" }));
    expect(last?.isProbe).toBe(true);
  });

  test("goes to the fallback when limits keep every target out", () => {
    const state = stateWith({
      setAside: (credential) =>
        credential.includes(":1/") ? { until: noon + 9_000, cause: "rate_limited" } : null,
    });
    expect(run(usual, requestFor("safe"), [], state).went).toEqual(["other:b"]);
  });

  test("says 429 with the earliest moment when only limits are in the way", () => {
    const limited = snapshotOf(`
providers:
  a: { kind: openai, base_url: "http://127.0.0.1:1/v1", limits: { rpm: 5 } }
  b: { kind: openai, base_url: "http://127.0.0.1:2/v1", limits: { tpm: 5k } }
models: { chat: { targets: [a/x, b/x] } }
`);
    const state = stateWith({ wait: (claim) => (claim.rule.limit === "rpm" ? 12_300 : 7_000) });
    const { stop } = run(limited, requestFor("chat"), [], state);
    expect(stop?.refusal).toMatchObject({
      status: 429,
      code: "rate_limit_exceeded",
      retryAfterMs: 7_000,
      shouldRetry: null,
    });
    expect(stop?.refusal.message).toContain('Provider "b" is over its tpm of 5000');
    expect(stop?.refusal.message).toContain("routes.yaml:5:");
  });

  test("takes what was said last of who said 429 twice", () => {
    const limited = failure("rate_limited", "slow down", { retryAfterMs: 7_000 });
    const { waits, stop } = run(usual, requestFor("solo"), [limited, limited]);
    expect(waits).toEqual([0, 7_000]);
    expect(stop?.refusal).toMatchObject({ status: 429, retryAfterMs: 7_000 });
  });

  test("says 503 when nothing but a limit would not help", () => {
    const state = stateWith({ isSet: () => false });
    const { stop } = run(usual, requestFor("pooled"), [], state);
    expect(stop?.refusal).toMatchObject({ status: 503, code: "no_target_available" });
  });

  test("says 503 where a login lacks one of its secrets", () => {
    const service = snapshotOf(`
providers:
  a:
    kind: request
    base_url: "http://127.0.0.1:1"
    login: { url: "http://127.0.0.1:2", body: { user: env:U, pass: env:P } }
models: { chat: { targets: [a/x] } }
`);
    const state = stateWith({ isSet: (ref) => ref.kind !== "env" || ref.name !== "P" });
    const { stop } = run(service, requestFor("chat"), [], state);
    expect(stop?.refusal).toMatchObject({ status: 503, code: "no_target_available" });
    expect(stop?.refusal.message).toContain("env:P is not set");
    expect(run(service, requestFor("chat"), []).went).toEqual(["chat:a"]);
  });

  test("says that a tpr can never fit, and not to retry", () => {
    const limited = snapshotOf(`
providers: { a: { kind: openai, base_url: "http://127.0.0.1:1/v1", limits: { tpr: 100 } } }
models: { chat: { targets: [a/x] } }
`);
    const state = stateWith(without((claim) => claim.rule.limit === "tpr", Number.POSITIVE_INFINITY));
    const { stop } = run(limited, requestFor("chat", { textBytes: 4_000 }), [], state);
    expect(stop?.refusal).toMatchObject({ status: 429, shouldRetry: false, retryAfterMs: null });
  });

  test("answers 503 for a request that fits no context", () => {
    const small = snapshotOf(`
providers: { a: { kind: openai, base_url: "http://127.0.0.1:1/v1", models: { "*": { context: 100 } } } }
models: { chat: { targets: [a/x] } }
`);
    expect(run(small, requestFor("chat", { textBytes: 4_000 }), []).stop?.refusal.code).toBe(
      "no_target_available",
    );
  });

  test("takes what people disabled away", () => {
    const state = stateWith({
      disabled: (what) => (what.kind === "provider" && what.name === "a" ? { reason: "3 a.m." } : null),
    });
    expect(run(usual, requestFor("chat"), [], state).went).toEqual(["chat:b"]);
  });
});
