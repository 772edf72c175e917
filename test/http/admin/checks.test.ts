import { afterAll, afterEach, beforeAll, describe, expect, test } from "bun:test";
import { chat, type Running, startGateway } from "../../support/gateway.ts";
import { until } from "../../support/until.ts";
import { answer, json, startUpstream, type Upstream } from "../../support/upstream.ts";

const env = { ADMIN_KEY: "admin-key-of-a-test", UP: "key-of-the-provider", WEB: "key-of-web" };
/** Requests that wait for an answer, by how each is let go. */
const held: (() => void)[] = [];
let upstream: Upstream;
let gateway: Running;

beforeAll(async () => {
  upstream = startUpstream(({ body }) => {
    if (body["model"] === "bad") return json({ error: { message: "broken" } }, 500);
    if (body["model"] !== "slow") return undefined;
    return new Promise((resolve) => held.push(() => resolve(answer(body))));
  });
  gateway = await startGateway(
    `
auth:
  keys: [{ id: web, secret: env:WEB }]
providers:
  up: { kind: openai, base_url: "${upstream.url}", api_key: env:UP }
  unset: { kind: openai, base_url: "${upstream.url}", api_key: env:NOT_SET, optional: true }
models:
  good: { targets: [up/good, up/bad] }
  same: { targets: [up/good] }
  bad: { targets: [up/bad] }
  unset: { targets: [unset/x] }
  slow: { targets: [up/slow], visible: false }
  "any/*": { targets: ["up/*"] }
failover: { default: { retries: 0 } }
`,
    { env },
  );
});
afterEach(() => {
  for (const release of held.splice(0)) release();
});
afterAll(async () => {
  await gateway.stop();
  await upstream.stop();
});

const as = (token: string) => ({ authorization: `Bearer ${token}` });
const ask = (body: object, headers: Record<string, string> = as(env.ADMIN_KEY)) =>
  gateway.post("/admin/api/checks", body, headers);
const linesOf = async (response: Response) =>
  (await response.text())
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line));

test("nobody but administrators may send anything", async () => {
  const before = upstream.requests.length;
  expect([(await ask({}, {})).status, (await ask({}, as(env.WEB))).status]).toEqual([401, 403]);
  expect(upstream.requests).toHaveLength(before);
});

describe("a check", () => {
  test("asks each target once, tells of each as it is done, and judges the models last", async () => {
    const before = upstream.requests.length;
    const response = await ask({ models: ["good", "same", "bad", "unset"] });
    expect(response.headers.get("content-type")).toBe("application/x-ndjson");
    const lines = await linesOf(response);
    expect(upstream.requests.length - before).toBe(2);

    const targets = lines.slice(0, -1);
    expect(targets.map(({ kind, done, of }) => [kind, done, of])).toEqual([
      ["target", 1, 3],
      ["target", 2, 3],
      ["target", 3, 3],
    ]);
    expect(targets.toSorted((a, b) => (a.model < b.model ? -1 : 1))).toMatchObject([
      { provider: "up", model: "bad", ok: false, error: { kind: "server", status: 500 } },
      { provider: "up", model: "good", ok: true, error: null, latency_ms: expect.any(Number) },
      { provider: "unset", model: "x", ok: false, latency_ms: null, error: { kind: "not_configured" } },
    ]);
    const { kind, models } = lines.at(-1);
    expect([kind, models.map((each: Record<string, unknown>) => [each["model"], each["verdict"]])]).toEqual([
      "done",
      [
        ["good", "ok"],
        ["same", "ok"],
        ["bad", "failed"],
        ["unset", "skipped"],
      ],
    ]);
  });

  test("is of what is listed where nothing is named", async () => {
    const { models } = (await linesOf(await ask({}))).at(-1);
    expect(models.map(({ model }: { model: string }) => model)).toEqual(["good", "same", "bad", "unset"]);
  });

  test("ends what is under way when its reader leaves", async () => {
    const leaving = new AbortController();
    const reading = fetch(`${gateway.url}/admin/api/checks`, {
      method: "POST",
      headers: { "content-type": "application/json", ...as(env.ADMIN_KEY) },
      body: JSON.stringify({ models: ["slow"] }),
      signal: leaving.signal,
    }).then((response) => response.text());
    await until(() => held.length === 1, "the provider was asked");
    leaving.abort();
    await expect(reading).rejects.toThrow();
    await until(() => upstream.aborted() === 1, "the provider was left");
    expect((await gateway.post("/v1/chat/completions", chat("same"), as(env.WEB))).status).toBe(200);
  });
});

test.each([
  [{ models: ["good", "godo"] }, "model_not_found", /"godo"/],
  [{ models: [] }, "invalid_request", /list of names/],
  [{ models: "good" }, "invalid_request", /list of names/],
  [{ models: [1] }, "invalid_request", /list of names/],
])("%j is refused, and nobody is asked", async (body, code, message) => {
  const before = upstream.requests.length;
  const { error } = await (await ask(body)).json();
  expect(error).toMatchObject({ code, param: "models", message: expect.stringMatching(message) });
  expect(upstream.requests).toHaveLength(before);
});
