import { expect, test } from "bun:test";
import { expositionFor, type Family } from "../../src/metrics/exposition.ts";
import { openLive } from "../../src/metrics/live.ts";
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
  const text = openLive().render("prometheus", []);
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
  const samples = parse(live.render("prometheus", []));
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
    parse(live.render("prometheus", [])).get(
      'switchyard_tokens_total{model="chat",provider="openai",kind="completion"}',
    ),
  ).toBe(40);
});

test("names that clients invent share one series", () => {
  const live = openLive();
  for (let at = 0; at < 100; at += 1)
    live.observe(refusal({ asked: `invented-${at}`, model: null, key_id: null }));
  const samples = parse(live.render("prometheus", []));
  expect(samples.get('switchyard_requests_total{model="other",provider="",key="",outcome="refused"}')).toBe(
    100,
  );
});

test("series are bounded whatever the labels are", () => {
  const live = openLive();
  for (let at = 0; at < 5_100; at += 1) live.observe(request({ key_id: `key-${at}`, attempts: [] }));
  const samples = parse(live.render("prometheus", []));
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
  const samples = parse(openLive().render("prometheus", facts));
  expect(samples.get("switchyard_in_flight")).toBe(3);
  expect(samples.get('switchyard_limit_used_ratio{scope="key",name="we\\"b\\\\a\\npp",limit="rpm"}')).toBe(
    0.5,
  );
  expect(samples.get('switchyard_config_info{generation="3"}')).toBe(1);
});

test("OpenMetrics names families without their suffix and ends with EOF", () => {
  const live = openLive();
  live.observe(request());
  const text = live.render("openmetrics", facts);
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
