import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { parse } from "yaml";
import { isRecord } from "../../src/core/record.ts";
import { chat, type Running, startGateway } from "../support/gateway.ts";
import { gate, until } from "../support/until.ts";
import { answer, startUpstream, type Upstream } from "../support/upstream.ts";

const held = gate();
let upstream: Upstream;
let gateway: Running;
const file = (name: string, more = "") =>
  `${more}providers: { p: { kind: openai, base_url: "${upstream.url}" } }\nmodels: { ${name}: { targets: [p/x] } }\n`;
const env = { ADMIN_KEY: "admin-key-of-a-test" };
beforeAll(async () => {
  upstream = startUpstream(({ body }) =>
    body["user"] === "slow" ? held.opened.then(() => answer(body)) : undefined,
  );
  gateway = await startGateway(file("one"), { env });
});
afterAll(async () => {
  await gateway.stop();
  await upstream.stop();
});

const scrape = async (): Promise<string> =>
  (await fetch(`${gateway.url}/metrics`, { headers: { accept: "text/plain" } })).text();
/** The value of one series, as it is written; undefined where it is not there. */
const valueIn = (text: string, series: string): string | undefined =>
  text
    .split("\n")
    .find((line) => line.startsWith(`${series} `))
    ?.slice(series.length + 1);
const order = async (action: string, body: object = {}) => {
  const response = await gateway.post(`/admin/api/${action}`, body, {
    authorization: `Bearer ${env.ADMIN_KEY}`,
  });
  expect(response.status).toBe(200);
};

describe("a scrape", () => {
  test("has everything that an alert may be made of from the start, at its first value", async () => {
    const text = await scrape();
    const first: Readonly<Record<string, string>> = {
      switchyard_config_last_reload_successful: "1",
      switchyard_config_degraded: "0",
      'switchyard_config_drift{kind="disabled"}': "0",
      'switchyard_config_drift{kind="pinned"}': "0",
      'switchyard_config_drift{kind="suspended"}': "0",
      'switchyard_config_drift{kind="quarantined"}': "0",
      'switchyard_config_inflight{generation="1"}': "0",
      'switchyard_config_reloads_total{source="file",result="applied"}': "1",
      'switchyard_config_reloads_total{source="file",result="rejected"}': "0",
      'switchyard_config_reloads_total{source="file",result="rolled_back"}': "0",
      switchyard_canary_share: "0",
      'switchyard_canary_verdicts_total{verdict="promote"}': "0",
      'switchyard_canary_verdicts_total{verdict="rollback"}': "0",
      'switchyard_canary_verdicts_total{verdict="inconclusive"}': "0",
      switchyard_git_sync_last_success_timestamp_seconds: "0",
      switchyard_git_sync_consecutive_failures: "0",
      'switchyard_git_sync_failures_total{class="auth"}': "0",
      'switchyard_git_sync_failures_total{class="timeout"}': "0",
    };
    expect(Object.fromEntries(Object.keys(first).map((series) => [series, valueIn(text, series)]))).toEqual(
      first,
    );
    expect(Number(valueIn(text, "switchyard_config_last_reload_success_timestamp_seconds"))).toBeCloseTo(
      Date.now() / 1_000,
      -2,
    );
    const about = 'generation="1",digest="[0-9a-f]{64}",git_sha=""';
    expect(text).toMatch(new RegExp(`^switchyard_config_info\\{${about}\\} 1$`, "m"));
    expect(text).toMatch(
      /^switchyard_config_attempted_info\{generation="1",state="active",stage="active",.*\} 1$/m,
    );
  });

  test("tells of requests under way by the generation that they began with, to their end", async () => {
    const slow = gateway.post("/v1/chat/completions", chat("one", { user: "slow" }));
    await until(
      async () => valueIn(await scrape(), 'switchyard_config_inflight{generation="1"}') === "1",
      "a request",
    );
    await gateway.write(file("two"));
    const text = await scrape();
    expect(valueIn(text, 'switchyard_config_inflight{generation="1"}')).toBe("1");
    expect(valueIn(text, 'switchyard_config_inflight{generation="2"}')).toBe("0");
    held.open();
    expect((await slow).status).toBe(200);
    const after = await scrape();
    expect(valueIn(after, 'switchyard_config_inflight{generation="1"}')).toBeUndefined();
    expect(valueIn(after, 'switchyard_config_inflight{generation="2"}')).toBe("0");
  });

  test("follows what becomes of changes, canaries and orders", async () => {
    await gateway.write("modles: {}\n");
    const refused = await scrape();
    expect(valueIn(refused, "switchyard_config_last_reload_successful")).toBe("0");
    expect(valueIn(refused, "switchyard_config_degraded")).toBe("1");
    expect(refused).toMatch(
      /^switchyard_config_attempted_info\{generation="3",state="rejected",stage="compiled",.*\} 1$/m,
    );
    await gateway.write(file("three", "rollout: { canary: 25%, for: 10m }\n"));
    await gateway.write(file("four"));
    expect(valueIn(await scrape(), "switchyard_canary_share")).toBe("0.25");
    await order("rollback");
    await order("disable", { kind: "provider", name: "p" });
    await order("pin");
    const text = await scrape();
    expect(valueIn(text, "switchyard_canary_share")).toBe("0");
    expect(valueIn(text, 'switchyard_config_drift{kind="disabled"}')).toBe("1");
    expect(valueIn(text, 'switchyard_config_drift{kind="pinned"}')).toBe("1");
    expect(valueIn(text, 'switchyard_config_drift{kind="quarantined"}')).toBe("1");
    const results = ["applied", "canary", "rejected", "rolled_back"].map((result) =>
      valueIn(text, `switchyard_config_reloads_total{source="file",result="${result}"}`),
    );
    expect(results).toEqual(["3", "1", "1", "1"]);
  });
});

describe("the alerts of the README", () => {
  const readme = readFileSync(join(import.meta.dir, "../../README.md"), "utf8");
  const [block = ""] = [...readme.matchAll(/```yml\n(groups:\n[\s\S]*?)```/g)].map(([, text]) => text ?? "");
  const groups: unknown = parse(block)?.groups;
  const rules = (Array.isArray(groups) ? groups : []).flatMap(({ rules: all }) => all).filter(isRecord);

  test("are rules with a name, a condition, a severity and a sentence", () => {
    expect(rules.length).toBeGreaterThan(8);
    for (const rule of structuredClone(rules)) {
      expect(rule).toMatchObject({
        alert: expect.stringMatching(/^Switchyard[A-Z]\w+$/),
        expr: expect.any(String),
        labels: { severity: expect.stringMatching(/^(info|warning|critical)$/) },
        annotations: { summary: expect.any(String) },
      });
      expect(rule["for"] ?? "1m").toMatch(/^\d+[mhd]$/);
    }
    expect(new Set(rules.map(({ alert }) => alert)).size).toBe(rules.length);
  });

  test("are about what a scrape has, and name no label that it lacks", async () => {
    await gateway.post("/v1/chat/completions", chat("two"));
    const text = await scrape();
    const families = new Set([...text.matchAll(/^# TYPE (\S+) /gm)].map(([, name]) => name));
    const labelsOf = (name: string) =>
      new Set(
        [...text.matchAll(new RegExp(`^${name}\\{(.*)\\} `, "gm"))].flatMap(([, labels = ""]) =>
          [...labels.matchAll(/(\w+)="/g)].map(([, label]) => label),
        ),
      );
    for (const { alert, expr } of rules) {
      const named = [...String(expr).matchAll(/\b(switchyard_\w+)(?:\{([^}]*)\})?/g)];
      expect([alert, named.length > 0]).toEqual([alert, true]);
      for (const [, name = "", selector = ""] of named) {
        expect([alert, name, families.has(name)]).toEqual([alert, name, true]);
        for (const [, label] of selector.matchAll(/(\w+)\s*(?:=~|!=|!~|=)/g))
          expect([alert, label, labelsOf(name).has(label)]).toEqual([alert, label, true]);
      }
    }
  });

  test("name every family of generations in the text above them that a scrape has", async () => {
    const text = await scrape();
    const ours = [...text.matchAll(/^# TYPE (switchyard_(?:config|canary|git_sync)\S+) /gm)].map(
      ([, name]) => name ?? "",
    );
    expect(ours.length).toBeGreaterThan(12);
    expect(ours.filter((name) => !readme.includes(`\`${name}`))).toEqual([]);
  });
});
