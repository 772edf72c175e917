import { describe, expect, test } from "bun:test";
import { noUsage } from "../../src/domain/usage.ts";
import { expositionFor, type Family } from "../../src/metrics/exposition.ts";
import { openLive } from "../../src/metrics/live.ts";
import { snapshotOf } from "../support/snapshot.ts";
import { attempt, refusal, request } from "./traffic.ts";

/** Reads a scrape as Prometheus does: every line is a comment or a sample of a family that was announced before it. */
function parse(text: string): Map<string, number> {
  const samples = new Map<string, number>();
  let family = "";
  for (const line of text.split("\n")) {
    const announced = /^# (HELP|TYPE|EOF) ?(\S*)/.exec(line);
    if (announced !== null) family = announced[2] ?? "";
    else if (line !== "") {
      const sample = /^([a-z_]+)(\{(?:[a-z_]+="(?:[^"\\\n]|\\["\\n])*",?)*\})? (\S+)$/.exec(line);
      if (sample === null || !(sample[1] ?? "").startsWith(family))
        throw new Error(`not a sample of ${family}: ${line}`);
      const id = `${sample[1]}${sample[2] ?? ""}`;
      if (samples.has(id)) throw new Error(`twice: ${id}`);
      samples.set(id, Number(sample[3]));
    }
  }
  return samples;
}

test("every name is announced before anything happened, and histograms start at zero", () => {
  const text = openLive().render("prometheus", null, []);
  for (const name of ["requests_total", "attempts_total", "tokens_total", "cost_usd_total"]) {
    expect(text).toContain(`# TYPE switchyard_${name} counter\n`);
  }
  for (const name of [
    "request_duration_seconds",
    "time_to_first_token_seconds",
    "gateway_overhead_seconds",
  ]) {
    expect(parse(text).get(`switchyard_${name}_count`)).toBe(0);
    expect(parse(text).get(`switchyard_${name}_bucket{le="+Inf"}`)).toBe(0);
  }
});

test("one request with a failed attempt is counted under the contract's names and labels", () => {
  const live = openLive();
  live.observe(request({ attempts: [attempt({ outcome: "server", status: 500 }), attempt()] }));
  live.observe(request({ outcome: "error", cost_usd: null }));
  const samples = parse(live.render("prometheus", null, []));
  const labels = 'model="chat",provider="openai",key="web-app"';
  expect(samples.get(`switchyard_requests_total{${labels},outcome="ok"}`)).toBe(1);
  expect(samples.get(`switchyard_requests_total{${labels},outcome="error"}`)).toBe(1);
  expect(samples.get(`switchyard_requests_total{${labels},outcome="refused"}`)).toBe(0);
  expect(samples.get(`switchyard_cost_usd_total{${labels}}`)).toBe(0.1);
  expect(samples.get('switchyard_attempts_total{provider="openai",model="chat",outcome="server"}')).toBe(1);
  expect(samples.get('switchyard_attempts_total{provider="openai",model="chat",outcome="ok"}')).toBe(2);
  expect(samples.get('switchyard_tokens_total{model="chat",provider="openai",kind="prompt"}')).toBe(200);
  expect(
    samples.get('switchyard_tokens_total{model="chat",provider="openai",kind="cached"}'),
  ).toBeUndefined();
  expect(samples.get('switchyard_request_duration_seconds_bucket{le="0.1"}')).toBe(0);
  expect(samples.get('switchyard_request_duration_seconds_bucket{le="0.25"}')).toBe(2);
  expect(samples.get("switchyard_request_duration_seconds_sum")).toBeCloseTo(0.24);
});

test("tokens of two keys are one sample, for the key is no label of theirs", () => {
  const live = openLive();
  live.observe(request({ key_id: "a" }));
  live.observe(request({ key_id: "b" }));
  expect(
    parse(live.render("prometheus", null, [])).get(
      'switchyard_tokens_total{model="chat",provider="openai",kind="completion"}',
    ),
  ).toBe(40);
});

test("names that clients invent share one series", () => {
  const live = openLive();
  for (let at = 0; at < 100; at += 1)
    live.observe(refusal({ asked: `invented-${at}`, model: null, key_id: null }));
  const samples = parse(live.render("prometheus", null, []));
  expect(samples.get('switchyard_requests_total{model="other",provider="",key="",outcome="refused"}')).toBe(
    100,
  );
});

test("series are bounded whatever the labels are", () => {
  const live = openLive();
  for (let at = 0; at < 5_100; at += 1) live.observe(request({ key_id: `key-${at}`, attempts: [] }));
  const samples = parse(live.render("prometheus", null, []));
  expect(
    samples.get('switchyard_requests_total{model="other",provider="other",key="other",outcome="ok"}'),
  ).toBe(100);
});

const facts: readonly Family[] = [
  {
    name: "switchyard_in_flight",
    help: "Now.",
    type: "gauge",
    samples: [{ labels: {}, value: 3 }],
  },
  {
    name: "switchyard_limit_used_ratio",
    help: 'A "quote", a \\ and a\nline.',
    type: "gauge",
    samples: [{ labels: { scope: "key", name: 'we"b\\a\npp', limit: "rpm" }, value: 0.5 }],
  },
  {
    name: "switchyard_config_info",
    help: "Config.",
    type: "info",
    samples: [{ labels: { generation: "3" }, value: 1 }],
  },
];

test("facts of the caller are shown, and whatever they hold is escaped", () => {
  const samples = parse(openLive().render("prometheus", null, facts));
  expect(samples.get("switchyard_in_flight")).toBe(3);
  expect(samples.get('switchyard_limit_used_ratio{scope="key",name="we\\"b\\\\a\\npp",limit="rpm"}')).toBe(
    0.5,
  );
  expect(samples.get('switchyard_config_info{generation="3"}')).toBe(1);
});

test("OpenMetrics names families without their suffix and ends with EOF", () => {
  const live = openLive();
  live.observe(request());
  const text = live.render("openmetrics", null, facts);
  expect(text.endsWith("\n# EOF\n")).toBe(true);
  expect(text).toContain("# TYPE switchyard_requests counter\nswitchyard_requests_total{");
  expect(text).toContain("# TYPE switchyard_config info\nswitchyard_config_info{");
  expect(parse(text).size).toBeGreaterThan(30);
});

test.each([
  ["text/plain", "prometheus"],
  ["application/openmetrics-text; version=1.0.0", "openmetrics"],
  [
    "application/openmetrics-text;version=1.0.0;q=0.5,text/plain;version=0.0.4;q=0.3,*/*;q=0.1",
    "openmetrics",
  ],
  ["text/plain;q=0.9, application/openmetrics-text;q=0.2", "prometheus"],
  ["application/json, text/plain;q=0.1", null],
  ["text/html,*/*;q=0.8", null],
  ["constructor", null],
  [null, null],
] as const)("Accept: %s means %s", (accept, format) => {
  expect(expositionFor(accept)).toBe(format);
});

describe("what a configuration lets expect begins at zero", () => {
  const file = (keys: number): string => `
version: 1
${keys === 0 ? "" : `auth: { keys: [${Array.from({ length: keys }, (_, at) => `{ id: k${at}, secret: "sha256:${String(at).padStart(64, "0")}" }`).join(", ")}] }`}
providers:
  p: { kind: simulated, models: { dear: { price: { input: 1, output: 2 } } } }
  q: { kind: simulated }
models:
  chat: { targets: [p/dear, q/x] }
  small: { targets: [q/x] }
`;
  const scrape = (keys: number): Map<string, number> => {
    const live = openLive();
    const snapshot = snapshotOf(file(keys));
    live.render("prometheus", snapshot, []);
    return parse(live.render("prometheus", snapshot, []));
  };

  test("for each model, the providers of its targets and each key", () => {
    const samples = scrape(2);
    const zeros = [
      'switchyard_requests_total{model="chat",provider="p",key="k0",outcome="ok"}',
      'switchyard_requests_total{model="chat",provider="q",key="k1",outcome="error"}',
      'switchyard_requests_total{model="small",provider="",key="k1",outcome="refused"}',
      'switchyard_attempts_total{provider="q",model="small",outcome="ok"}',
      'switchyard_tokens_total{model="chat",provider="p",kind="completion"}',
      'switchyard_cost_usd_total{model="chat",provider="p",key="k0"}',
    ];
    expect(zeros.map((id) => samples.get(id))).toEqual(zeros.map(() => 0));
    const unknown = 'switchyard_cost_usd_total{model="chat",provider="q",key="k0"}';
    expect(samples.get(unknown)).toBeUndefined();
    expect([...samples.keys()].filter((id) => id.includes('provider="p"') && id.includes("small"))).toEqual(
      [],
    );
  });

  test("without keys for everybody, and with too many for nobody", () => {
    const id = 'switchyard_requests_total{model="chat",provider="p",key="",outcome="ok"}';
    expect(scrape(0).get(id)).toBe(0);
    const many = scrape(400);
    expect([...many.keys()].filter((id) => id.startsWith("switchyard_requests_total"))).toEqual([]);
    expect(many.get('switchyard_attempts_total{provider="p",model="chat",outcome="ok"}')).toBe(0);
  });
});

describe("calls by OpenTelemetry's names", () => {
  test("tell duration and tokens of each attempt", () => {
    const live = openLive();
    const failed = attempt({
      provider: "gemini",
      upstream: "g",
      outcome: "server",
      usage: noUsage,
      duration_ms: 50,
    });
    live.observe(request({ endpoint: "completions", attempts: [failed, attempt()] }));
    const samples = parse(live.render("openmetrics", null, []));
    const of = (provider: string, model: string) =>
      `gen_ai_operation_name="text_completion",gen_ai_provider_name="${provider}",gen_ai_request_model="${model}"`;
    const openai = of("openai", "gpt-4o");
    const seconds = "gen_ai_client_operation_duration_seconds";
    expect(samples.get(`${seconds}_bucket{${openai},le="0.08"}`)).toBe(0);
    expect(samples.get(`${seconds}_bucket{${openai},le="0.16"}`)).toBe(1);
    expect(samples.get(`${seconds}_count{${of("gcp.gemini", "g")},error_type="server"}`)).toBe(1);
    expect(samples.get(`gen_ai_client_token_usage_sum{${openai},gen_ai_token_type="input"}`)).toBe(100);
    expect(
      samples.get(`gen_ai_client_token_usage_bucket{${openai},gen_ai_token_type="output",le="16.0"}`),
    ).toBe(0);
    expect(
      samples.get(`gen_ai_client_token_usage_count{${of("gcp.gemini", "g")},gen_ai_token_type="output"}`),
    ).toBe(0);
  });

  test("are bounded whatever models there are", () => {
    const live = openLive();
    for (let at = 0; at < 300; at += 1)
      live.observe(request({ attempts: [attempt({ upstream: `model-${at}` })] }));
    const counts = [...parse(live.render("prometheus", null, [])).keys()].filter((id) =>
      id.startsWith("gen_ai_client_operation_duration_seconds_count"),
    );
    expect(counts).toHaveLength(201);
  });
});
