import { describe, expect, test } from "bun:test";
import { type FailureKind, failureKinds } from "../../src/domain/failure.ts";
import { type AttemptFacts, Health } from "../../src/resilience/health.ts";

const start = Date.UTC(2026, 10, 21);
const facts: AttemptFacts = {
  endpointId: "openai https://api.test env:KEY gpt",
  credentialId: "openai https://api.test env:KEY",
  provider: "openai",
  upstream: "gpt",
  isKeyed: true,
  isRetry: false,
  breaker: { failures: 3, withinMs: 10_000, openForMs: 5_000 },
  fingerprint: "v1",
};
const { endpointId, credentialId } = facts;

function failing(
  health: Health,
  kind: FailureKind,
  now: number,
  more: Partial<AttemptFacts> & { retryAfterMs?: number } = {},
) {
  const { retryAfterMs = null, ...rest } = more;
  health.fail(health.begin({ ...facts, ...rest }, now), { kind, retryAfterMs }, now);
}

/** An endpoint whose circuit opened at `start`. */
function broken(): Health {
  const health = new Health();
  for (let index = 0; index < 3; index++) failing(health, "server", start);
  return health;
}

const consequences = {
  overloaded: { circuit: "open", setAside: null },
  server: { circuit: "open", setAside: null },
  timeout: { circuit: "open", setAside: null },
  network: { circuit: "open", setAside: null },
  malformed: { circuit: "open", setAside: null },
  not_found: { circuit: "open", setAside: null },
  rate_limited: { circuit: "closed", setAside: { until: start + 30_000, cause: "rate_limited" } },
  auth: { circuit: "closed", setAside: { until: start + 600_000, cause: "credential" } },
  quota: { circuit: "closed", setAside: { until: start + 600_000, cause: "credential" } },
  context_window: { circuit: "closed", setAside: null },
  content_policy: { circuit: "closed", setAside: null },
  bad_request: { circuit: "closed", setAside: null },
  cancelled: { circuit: "closed", setAside: null },
} as const satisfies Record<FailureKind, unknown>;

describe("what a failure means", () => {
  test.each(failureKinds.map((kind) => ({ kind, ...consequences[kind] })))(
    "three of $kind: circuit $circuit",
    ({ kind, circuit, setAside }) => {
      const health = new Health();
      for (let index = 0; index < 3; index++) failing(health, kind, start);
      expect(health.circuit(endpointId, start)).toBe(circuit);
      expect(health.setAside(credentialId, start, "v1")).toEqual(setAside);
    },
  );
});

test.each(["auth", "quota"] as const)("%s without a credential of the file is the endpoint's", (kind) => {
  const health = new Health();
  for (let index = 0; index < 2; index++) failing(health, kind, start, { isKeyed: false });
  expect(health.circuit(endpointId, start)).toBe("closed");
  failing(health, kind, start, { isKeyed: false });
  expect(health.circuit(endpointId, start)).toBe("open");
  expect(health.setAside(credentialId, start)).toBeNull();
});

describe("a circuit", () => {
  test("is of one endpoint", () => {
    expect(broken().circuit("another", start)).toBe("closed");
  });

  test("lets exactly one attempt through when it is half open", () => {
    const health = broken();
    const probes = Array.from({ length: 5 }, () => health.begin(facts, start + 5_000).isProbe);
    expect(probes).toEqual([true, false, false, false, false]);
    expect(health.circuit(endpointId, start + 5_000)).toBe("open");
  });

  test("is free for another probe when the client of the first has left", () => {
    const health = broken();
    health.cancel(health.begin(facts, start + 5_000), start + 5_100);
    expect(health.circuit(endpointId, start + 5_100)).toBe("probe");
  });

  test("closes with the probe's first output, and counts a stream that breaks afterwards as one failure", () => {
    const health = broken();
    const probe = health.begin(facts, start + 5_000);
    health.output(probe, 300, start + 5_300);
    expect(health.circuit(endpointId, start + 5_300)).toBe("closed");
    health.fail(probe, { kind: "malformed", retryAfterMs: null }, start + 9_000);
    expect(health.circuit(endpointId, start + 9_000)).toBe("closed");
  });

  test("hears of each attempt's end once", () => {
    const health = new Health();
    const attempt = health.begin(facts, start);
    for (let index = 0; index < 9; index++)
      health.fail(attempt, { kind: "server", retryAfterMs: null }, start);
    health.succeed(attempt, start);
    expect(health.circuit(endpointId, start)).toBe("closed");
    failing(health, "server", start);
    failing(health, "server", start);
    expect(health.circuit(endpointId, start)).toBe("open");
  });
});

describe("a reset", () => {
  const mine = { provider: "openai", upstream: "gpt" };

  test("closes the circuit, and nothing is held against it any more", () => {
    const health = broken();
    expect(health.reset(mine, start)).toBe(true);
    expect(health.circuit(endpointId, start)).toBe("closed");
    failing(health, "server", start + 1);
    failing(health, "server", start + 1);
    expect(health.circuit(endpointId, start + 1)).toBe("closed");
    failing(health, "server", start + 1);
    expect(health.circuit(endpointId, start + 1)).toBe("open");
  });

  test("closes every circuit of the upstream model, and of no other", () => {
    const health = broken();
    const spare = { endpointId: "openai https://api.test env:SPARE gpt" };
    const mini = { endpointId: "openai https://api.test env:KEY mini", upstream: "mini" };
    for (const more of [spare, mini])
      for (let index = 0; index < 3; index++) failing(health, "server", start, more);
    expect(health.reset(mine, start)).toBe(true);
    expect([endpointId, spare.endpointId, mini.endpointId].map((id) => health.circuit(id, start))).toEqual([
      ...["closed", "closed", "open"],
    ] as ("closed" | "open")[]);
  });

  test("of a half-open one outlives the probe that was under way", () => {
    const health = broken();
    const probe = health.begin(facts, start + 5_000);
    expect(health.reset(mine, start + 5_000)).toBe(true);
    health.fail(probe, { kind: "server", retryAfterMs: null }, start + 5_001);
    expect(health.circuit(endpointId, start + 5_001)).toBe("closed");
  });

  test("keeps what is known of latency and of credentials", () => {
    const health = broken();
    health.output(health.begin(facts, start), 120, start);
    failing(health, "rate_limited", start);
    health.reset(mine, start);
    expect(health.latency(endpointId, start)).toBe(120);
    expect(health.setAside(credentialId, start, "v1")?.cause).toBe("rate_limited");
  });

  test.each([
    ["a circuit that is closed", new Health(), mine],
    ["an endpoint that nobody used", broken(), { ...mine, upstream: "other" }],
  ])("finds nothing to do at %s", (_, health, what) => {
    expect(health.reset(what, start)).toBe(false);
  });
});

describe("a credential that met a 429", () => {
  test("is set aside for as long as the provider said", () => {
    const health = new Health();
    failing(health, "rate_limited", start, { retryAfterMs: 2_000 });
    expect(health.setAside(credentialId, start + 1_999)).toEqual({
      until: start + 2_000,
      cause: "rate_limited",
    });
    expect(health.setAside(credentialId, start + 2_000)).toBeNull();
  });

  test.each([
    { name: "a shorter one later", second: 1_000, until: 20_000 },
    { name: "a longer one later", second: 60_000, until: 60_500 },
  ])("takes the later of two: $name", ({ second, until }) => {
    const health = new Health();
    failing(health, "rate_limited", start, { retryAfterMs: 20_000 });
    failing(health, "rate_limited", start + 500, { retryAfterMs: second });
    expect(health.setAside(credentialId, start + 600)?.until).toBe(start + until);
  });

  test("is not taken back by an answer that was under way", () => {
    const health = new Health();
    const other = health.begin(facts, start);
    failing(health, "rate_limited", start + 10);
    health.succeed(other, start + 20);
    expect(health.setAside(credentialId, start + 21)?.cause).toBe("rate_limited");
  });
});

describe("a credential that was refused", () => {
  test("is usable at once when its value changes, and only then", () => {
    const health = new Health();
    failing(health, "auth", start);
    expect(health.setAside(credentialId, start + 1, "v1")?.cause).toBe("credential");
    expect(health.setAside(credentialId, start + 1)?.cause).toBe("credential");
    expect(health.setAside(credentialId, start + 1, "v2")).toBeNull();
  });

  test("is not set aside by a late refusal of its old value", () => {
    const health = new Health();
    const old = health.begin(facts, start);
    health.succeed(health.begin({ ...facts, fingerprint: "v2" }, start + 10), start + 20);
    health.fail(old, { kind: "auth", retryAfterMs: null }, start + 30);
    expect(health.setAside(credentialId, start + 31, "v2")).toBeNull();
  });

  test("gets one probe after ten minutes", () => {
    const health = new Health();
    failing(health, "quota", start);
    expect(health.setAside(credentialId, start + 599_999, "v1")).not.toBeNull();
    expect(health.setAside(credentialId, start + 600_000, "v1")).toBeNull();
    health.begin(facts, start + 600_000);
    expect(health.setAside(credentialId, start + 600_001, "v1")?.cause).toBe("credential");
  });

  test.each<{ name: string; kind: FailureKind | "ok"; after: string | null; at: number }>([
    { name: "an answer lifts it", kind: "ok", after: null, at: 0 },
    { name: "a bad request lifts it, for the provider let it in", kind: "bad_request", after: null, at: 0 },
    { name: "another refusal sets it aside as long again", kind: "auth", after: "credential", at: 599_000 },
    { name: "a 429 sets it aside for less", kind: "rate_limited", after: "rate_limited", at: 29_000 },
    {
      name: "an outage says nothing, and leaves room for another probe",
      kind: "network",
      after: null,
      at: 0,
    },
    { name: "so does a client that leaves", kind: "cancelled", after: null, at: 0 },
  ])("then: $name", ({ kind, after, at }) => {
    const health = new Health();
    failing(health, "auth", start);
    const probeAt = start + 600_000;
    const probe = health.begin(facts, probeAt);
    if (kind === "ok") health.succeed(probe, probeAt + 100);
    else health.fail(probe, { kind, retryAfterMs: null }, probeAt + 100);
    expect(health.setAside(credentialId, probeAt + 100 + at, "v1")?.cause ?? null).toBe(after as null);
  });

  test("an answer that began before the refusal does not lift it", () => {
    const health = new Health();
    const other = health.begin(facts, start);
    failing(health, "auth", start + 10);
    health.succeed(other, start + 20);
    expect(health.setAside(credentialId, start + 21, "v1")?.cause).toBe("credential");
  });
});

describe("what others see", () => {
  test("the average of an endpoint comes from first outputs", () => {
    const health = new Health();
    health.output(health.begin(facts, start), 420, start + 420);
    expect(health.latency(endpointId, start + 500)).toBe(420);
    expect(health.latency("another", start + 500)).toBeNull();
  });

  test("the retry budget counts retries that begin", () => {
    const health = new Health();
    for (let index = 0; index < 50; index++) health.begin({ ...facts, isRetry: true }, start);
    expect(health.mayRetry("openai", start)).toBe(false);
    expect(health.mayRetry("anthropic", start)).toBe(true);
  });

  test("the list names each endpoint's circuit and average", () => {
    const health = broken();
    health.output(health.begin({ ...facts, endpointId: "b", upstream: "mini" }, start), 90, start);
    expect(health.list(start + 5_000)).toEqual([
      { endpointId, provider: "openai", upstream: "gpt", circuit: "half_open", latencyMs: null },
      { endpointId: "b", provider: "openai", upstream: "mini", circuit: "closed", latencyMs: 90 },
    ]);
  });

  test("only the latest endpoints are remembered", () => {
    const health = new Health();
    for (let index = 0; index < 5_000; index++) health.begin({ ...facts, endpointId: `e${index}` }, start);
    expect(health.list(start)).toHaveLength(4_096);
    expect(health.list(start).at(-1)?.endpointId).toBe("e4999");
  });

  test("averages and set-aside credentials survive a restart, in plain JSON", () => {
    const health = new Health();
    health.output(health.begin(facts, start), 420, start);
    failing(health, "auth", start);
    failing(health, "rate_limited", start, { credentialId: "other", retryAfterMs: 500 });
    const restored = new Health();
    restored.restore(JSON.parse(JSON.stringify(health.saved(start + 1_000))));
    expect(restored.latency(endpointId, start + 1_000)).toBe(420);
    expect(restored.setAside(credentialId, start + 1_000, "v1")?.until).toBe(start + 600_000);
    expect(health.saved(start + 1_000).cooldowns.map((each) => each.credentialId)).toEqual([credentialId]);
  });
});
