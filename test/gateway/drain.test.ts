import { afterEach, expect, setDefaultTimeout, test } from "bun:test";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Child, serving } from "../support/child.ts";
import { chat } from "../support/gateway.ts";
import { until } from "../support/until.ts";
import { chunks, sse, startUpstream } from "../support/upstream.ts";

setDefaultTimeout(20_000);

const made: string[] = [];
const children: Child[] = [];

afterEach(async () => {
  for (const child of children.splice(0)) {
    child.signal("SIGKILL");
    await child.exited;
  }
  for (const directory of made.splice(0)) rmSync(directory, { recursive: true, force: true });
});

function here(yaml: string): string {
  const directory = mkdtempSync(join(tmpdir(), "switchyard-drain-"));
  made.push(directory);
  writeFileSync(join(directory, "routes.yaml"), yaml);
  return directory;
}

const child = async (...args: Parameters<typeof serving>): Promise<Child> => {
  const started = await serving(...args);
  children.push(started);
  return started;
};

const ask = (url: string, more: object = {}) =>
  fetch(`${url}/v1/chat/completions`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify(chat("m", more)),
  });
const askOften = (url: string, times: number, more: object) =>
  Promise.all(Array.from({ length: times }, () => ask(url, more)));
const healthOf = async (url: string) => (await fetch(`${url}/health`)).json();
const metricsOf = async (url: string) => (await fetch(`${url}/metrics`)).json();
const labelOf = async (url: string) => (await ask(url)).headers.get("x-gateway-config") ?? "";
const simulated = (more = "") => `version: 1
providers: { p: { kind: simulated${more} } }
models: { m: { targets: [p/x] } }
`;

const words = chunks("one two three four five six seven eight");
const proxied = (url: string) => `version: 1
providers: { p: { kind: openai, base_url: "${url}" } }
models: { m: { targets: [p/x] } }
`;

test("SIGHUP looks at the file at once", async () => {
  const directory = here(simulated());
  const running = await child(directory);
  writeFileSync(join(directory, "routes.yaml"), simulated(", limits: { rpm: 9 }"));
  running.signal("SIGHUP");
  await until(async () => (await labelOf(running.url)).startsWith("2-"), "the new file served");
});

test("SIGTERM refuses what is new, lets open streams end, and exits with 0", async () => {
  const upstream = startUpstream(() => sse([...words, "[DONE]"], { everyMs: 60 }));
  const running = await child(here(proxied(upstream.url)));
  const streams = await askOften(running.url, 50, { stream: true });
  running.signal("SIGTERM");
  await until(async () => (await fetch(`${running.url}/health`)).status === 503, "not ready");
  expect((await healthOf(running.url)).status).toBe("draining");
  const refused = await ask(running.url);
  expect([refused.status, (await refused.json()).error.code]).toEqual([503, "draining"]);
  expect(refused.headers.get("retry-after")).toBe("1");
  for (const text of await Promise.all(streams.map((stream) => stream.text())))
    expect(text).toBe([...words.slice(0, -1), "[DONE]"].map((data) => `data: ${data}\n\n`).join(""));
  expect(await running.exited).toBe(0);
  await upstream.stop();
});

test("past DRAIN open streams get the error event, and it exits with 0", async () => {
  const upstream = startUpstream(() => sse(words.slice(0, 3), { end: "hang" }));
  const directory = here(proxied(upstream.url));
  const running = await child(directory, { args: ["--drain", "200ms"] });
  const streams = await askOften(running.url, 50, { stream: true });
  running.signal("SIGTERM");
  for (const text of await Promise.all(streams.map((stream) => stream.text()))) {
    const events = text.trimEnd().split("\n\n");
    expect(JSON.parse(events.at(-1)?.slice(6) ?? "")).toMatchObject({
      error: { code: "draining", type: "api_error" },
    });
    expect(text).toContain("two");
    expect(text).not.toContain("[DONE]");
  }
  expect(await running.exited).toBe(0);
  expect(upstream.aborted()).toBe(50);
  const again = await child(directory);
  expect((await metricsOf(again.url)).totals.requests).toBe(50);
  await upstream.stop();
});

test("an answer that is not there by then ends with the process, which still exits with 0", async () => {
  const upstream = startUpstream(() => new Promise<Response>(() => {}));
  const running = await child(here(proxied(upstream.url)), { args: ["--drain", "100ms"] });
  const asked = ask(running.url).then(
    ({ status }) => status,
    () => "cut",
  );
  await until(() => upstream.requests.length === 1, "under way");
  running.signal("SIGTERM");
  expect(await running.exited).toBe(0);
  expect(await asked).toBe("cut");
  await upstream.stop();
});
