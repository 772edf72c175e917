import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import { chat, startGateway } from "../support/gateway.ts";
import { gate, until } from "../support/until.ts";
import { completion, json, startUpstream } from "../support/upstream.ts";
import { as, bearer, expectRefusal, type Site, secretOf, startSite } from "./site.ts";

setDefaultTimeout(20_000);

let site: Site;
beforeAll(async () => {
  site = await startSite();
  for (const model of ["good", "saved", "limited", "s500"]) await site.ask(model);
});
afterAll(() => site.stop());

describe("health", () => {
  test.each(["/health", "/v1/health"])(
    "%s is open, and tells the generation and how providers do",
    async (path) => {
      const response = await site.get(path, {});
      expect(response.status).toBe(200);
      const text = await response.text();
      const body = JSON.parse(text);
      expect(body).toMatchObject({
        status: "ok",
        generation: 1,
        digest: expect.stringMatching(/^[0-9a-f]{64}$/),
      });
      expect(body.providers.find(({ provider }: { provider: string }) => provider === "off")).toMatchObject({
        healthy: false,
      });
      for (const secret of [
        "sk-of-the-provider",
        "the-admin-key",
        "secret-of",
        "UPSTREAM",
        site.upstream.url,
      ])
        expect(text).not.toContain(secret);
    },
  );

  test("is 503 while the gateway drains, and so are new requests, while a stream goes on", async () => {
    const opened = gate();
    const slow = startUpstream(async () => {
      await opened.opened;
      return json(completion("late"));
    });
    const draining = await startGateway(
      `providers: { up: { kind: openai, base_url: "${slow.url}" } }\nmodels: { chat: { targets: [up/x] } }`,
    );
    const underWay = draining.post("/v1/chat/completions", chat("chat"));
    await until(() => slow.requests.length === 1, "a request under way");
    const stopped = draining.server.stop(5_000);
    const health = await fetch(`${draining.url}/health`);
    expect([health.status, (await health.json()).status]).toEqual([503, "draining"]);
    expect((await fetch(`${draining.url}/v1/health`)).status).toBe(503);
    await expectRefusal(await draining.post("/v1/chat/completions", chat("chat")), {
      status: 503,
      code: "draining",
      type: "api_error",
      headers: { "retry-after": "1", "retry-after-ms": "1000" },
    });
    opened.open();
    expect((await underWay).status).toBe(200);
    await stopped;
    await slow.stop();
  });
});

const quantiles = { p50: expect.anything(), p95: expect.anything(), p99: expect.anything() };
const nothing = { p50: null, p95: null, p99: null };
const tallyKeys = [
  "requests",
  "errors",
  "refused",
  "cancelled",
  "fallbacks",
  "unpriced",
  "tokens",
  "cost_usd",
  "success_rate",
  "latency_ms",
  "ttft_ms",
];
const rfc3339 = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/;

describe("metrics", () => {
  const read = async (path: string) => (await site.get(path, as("viewer"))).json();

  test("have the overview's shape, to the letter", async () => {
    await until(async () => (await read("/metrics")).totals.requests > 0, "requests written down");
    const body = await read("/metrics");
    expect(Object.keys(body).sort()).toEqual(
      [
        "now",
        "uptime_s",
        "generation",
        "digest",
        "in_flight",
        "totals",
        "last_minute",
        "last_hour",
        "last_day",
        "providers",
      ].sort(),
    );
    expect(body.now).toMatch(rfc3339);
    for (const name of ["totals", "last_minute", "last_hour", "last_day"]) {
      expect(Object.keys(body[name]).sort()).toEqual([...tallyKeys].sort());
      expect(Object.keys(body[name].tokens)).toEqual([
        "prompt",
        "cached",
        "completion",
        "reasoning",
        "total",
      ]);
      expect(body[name].latency_ms).toMatchObject(quantiles);
    }
    expect(Object.keys(body.providers[0]).sort()).toEqual(
      ["provider", "healthy", "circuit", "limits", ...tallyKeys].sort(),
    );
    const limited = body.providers.find(({ provider }: { provider: string }) => provider === "limited");
    expect(limited.limits).toEqual([
      { limit: "rpm", used: expect.any(Number), of: 40 },
      { limit: "tpm", used: expect.any(Number), of: 1_000_000 },
    ]);
    // What nobody knows is null, and not 0.
    expect(body.totals.cost_usd).toBeNull();
    expect(body.totals.tokens.reasoning).toBeNull();
  });

  test("have one entry for each public model, used or not", async () => {
    const body = await read("/metrics/models?hours=1");
    expect(Object.keys(body).sort()).toEqual(["from", "models", "to"]);
    const named = new Map<string, Record<string, unknown>>(
      body.models.map((entry: { model: string }) => [entry.model, entry]),
    );
    expect(named.size).toBe(body.models.length);
    const unused = named.get("wild-*");
    expect(Object.keys(unused ?? {}).sort()).toEqual(
      ["model", "providers", "last_used", ...tallyKeys].sort(),
    );
    expect(unused).toMatchObject({
      providers: ["up"],
      last_used: null,
      requests: 0,
      success_rate: null,
      latency_ms: nothing,
      cost_usd: null,
    });
    expect(named.get("good")).toMatchObject({ last_used: expect.stringMatching(rfc3339) });
    expect(named.get("saved")).toMatchObject({ fallbacks: 1, providers: ["up"] });
  });

  test("of a day by the hour are 24 points, the last one the current hour", async () => {
    const body = await read("/metrics/trends?hours=24&bucket=hour");
    expect(Object.keys(body).sort()).toEqual(["bucket", "from", "points", "to"]);
    expect(body.bucket).toBe("hour");
    expect(body.points).toHaveLength(24);
    const hour = 3_600_000;
    const starts = body.points.map(({ start }: { start: string }) => Date.parse(start));
    expect(starts.at(-1)).toBe(Math.floor(Date.parse(body.to) / hour) * hour);
    for (const [index, start] of starts.entries()) expect(start).toBe(starts[0] + index * hour);
    expect(Object.keys(body.points[0]).sort()).toEqual(["start", ...tallyKeys].sort());
    expect(body.points[0]).toMatchObject({ requests: 0, success_rate: null, latency_ms: nothing });
    expect(body.points.at(-1).requests).toBeGreaterThan(0);
  });

  test("can be had by group, and refuse what cannot be meant", async () => {
    const body = await read("/metrics/trends?hours=1&group_by=key");
    expect(body.series.map(({ group }: { group: string }) => group)).toContain("all");
    expect(body.series[0].points).toHaveLength(1);
    for (const [query, param] of [
      ["hours=x", "hours"],
      ["bucket=week", "bucket"],
      ["group_by=shoe_size", "group_by"],
      ["colour=red", "colour"],
      ["hours=1&hours=2", "hours"],
    ]) {
      const response = await site.get(`/metrics/trends?${query}`, as("viewer"));
      expect([response.status, (await response.json()).error]).toMatchObject([
        400,
        { code: "invalid_request", param },
      ]);
    }
  });

  test.each(["/metrics", "/metrics/models", "/metrics/trends"])(
    "at %s are for viewers, admins and ADMIN_KEY",
    async (path) => {
      for (const token of [secretOf("viewer"), secretOf("boss"), "the-admin-key"])
        expect((await site.get(path, bearer(token))).status).toBe(200);
      expect((await site.get(path, {})).status).toBe(401);
      expect((await site.get(path, bearer("the-admin-ke"))).status).toBe(401);
      const client = await site.get(path, as("all"));
      expect([client.status, (await client.json()).error.code]).toEqual([403, "role_not_allowed"]);
    },
  );

  test.each([
    ["text/plain", "text/plain; version=0.0.4; charset=utf-8"],
    [
      "application/openmetrics-text; version=1.0.0,text/plain;q=0.5",
      "application/openmetrics-text; version=1.0.0; charset=utf-8",
    ],
  ])("are a scrape for %s", async (accept, type) => {
    const response = await site.get("/metrics", { ...as("viewer"), accept });
    expect([response.status, response.headers.get("content-type")]).toEqual([200, type]);
    const text = await response.text();
    for (const name of [
      "switchyard_requests_total",
      "switchyard_attempts_total",
      "switchyard_tokens_total",
      "switchyard_cost_usd_total",
      "switchyard_request_duration_seconds_bucket",
      "switchyard_time_to_first_token_seconds_bucket",
      "switchyard_gateway_overhead_seconds_bucket",
      "switchyard_in_flight",
      "switchyard_limit_used_ratio",
      "switchyard_circuit_open",
      "switchyard_config_last_reload_successful",
      "switchyard_config_last_reload_success_timestamp_seconds",
      "switchyard_config_info",
    ])
      expect(text).toMatch(
        new RegExp(`^(# TYPE ${name.replace(/_total|_info/, "(_total|_info)?")} |${name}[ {])`, "m"),
      );
    expect(text).toMatch(
      /^switchyard_requests_total\{model="good",provider="up",key="all",outcome="ok"\} \d+$/m,
    );
    expect(text).toMatch(/^switchyard_attempts_total\{provider="up",model="s500",outcome="server"\} \d+$/m);
    expect(text).toMatch(
      /^switchyard_limit_used_ratio\{scope="provider",name="limited",limit="rpm"\} 0\.\d+$/m,
    );
    expect(text).toMatch(/^switchyard_config_info\{generation="1",digest="[0-9a-f]{64}",git_sha=""\} 1$/m);
  });
});
