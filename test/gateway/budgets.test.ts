import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { chat, startGateway } from "../support/gateway.ts";
import { completion, json, startUpstream, type Upstream } from "../support/upstream.ts";

setDefaultTimeout(20_000);

/** Every answer takes a million tokens of prompt at 1 USD and half a million of answer at 2. */
const costly = { prompt_tokens: 1_000_000, completion_tokens: 500_000, total_tokens: 1_500_000 };

let upstream: Upstream;
beforeAll(() => {
  upstream = startUpstream(() => json({ ...completion("hi"), usage: costly }));
});
afterAll(() => upstream.stop());

const env = { KEY: "k-1", OTHER: "k-2" };
const file = (budget: string, team = "") => `version: 1
auth:
  teams: { t: { models: ["*"]${team} } }
  keys:
  - { id: web, secret: env:KEY, team: t, budget: ${budget} }
  - { id: other, secret: env:OTHER, team: t }
providers:
  p: { kind: openai, base_url: "${upstream.url}", models: { "*": { price: { input: 1, output: 2 } } } }
models: { m: { targets: [p/x] } }
`;

describe("a budget", () => {
  test("admits until it is spent, and then says whose it was, where it stands and when it is renewed", async () => {
    const gateway = await startGateway(file("{ usd: 5, per: month }"), { env });
    const ask = (key = "k-1") =>
      gateway.post("/v1/chat/completions", chat("m", { max_tokens: 10 }), { authorization: `Bearer ${key}` });
    const statuses = [];
    for (let index = 0; index < 4; index++) statuses.push((await ask()).status);
    // 2 USD each: the third is admitted with 4 of 5 spent, as its estimate is next to nothing.
    expect(statuses).toEqual([200, 200, 200, 429]);
    const refused = await ask();
    expect(await refused.json()).toMatchObject({
      error: {
        code: "budget_exceeded",
        type: "insufficient_quota",
        message: expect.stringMatching(
          /^Key "web" has no room in its budget of 5 USD per month, set at routes\.yaml:5:\d+\./,
        ),
      },
    });
    expect(refused.headers.get("x-should-retry")).toBe("false");
    expect(Number(refused.headers.get("retry-after"))).toBeGreaterThan(60);
    expect((await ask("k-2")).status).toBe(200);
    await gateway.stop();
  });

  test("of a team counts all its keys, and the tighter of several periods refuses", async () => {
    const team = ", budget: [{ usd: 100, per: week }, { usd: 3, per: day }]";
    const gateway = await startGateway(file("{ usd: 100, per: month }", team), { env });
    const ask = (key: string) =>
      gateway.post("/v1/chat/completions", chat("m", { max_tokens: 10 }), { authorization: `Bearer ${key}` });
    expect((await ask("k-1")).status).toBe(200);
    expect((await ask("k-2")).status).toBe(200);
    const refused = await ask("k-1");
    expect(refused.status).toBe(429);
    expect(await refused.text()).toContain('Team \\"t\\" has no room in its budget of 3 USD per day');
    await gateway.stop();
  });

  test("reserves what a request may cost before it is sent", async () => {
    const gateway = await startGateway(file("{ usd: 1, per: day }"), { env });
    const before = upstream.requests.length;
    // 600,000 tokens of answer at 2 USD per million may cost 1.20.
    const refused = await gateway.post("/v1/chat/completions", chat("m", { max_tokens: 600_000 }), {
      authorization: "Bearer k-1",
    });
    expect([refused.status, await refused.json()]).toMatchObject([
      429,
      { error: { code: "budget_exceeded" } },
    ]);
    expect(upstream.requests.length).toBe(before);
    await gateway.stop();
  });

  test("outlives a restart and a reload", async () => {
    const directory = mkdtempSync(join(tmpdir(), "switchyard-budget-"));
    const headers = { authorization: "Bearer k-1" };
    const first = await startGateway(file("{ usd: 2, per: month }"), { env, directory });
    expect((await first.post("/v1/chat/completions", chat("m"), headers)).status).toBe(200);
    await first.write(file("{ usd: 1.9, per: month }"));
    expect((await first.post("/v1/chat/completions", chat("m"), headers)).status).toBe(429);
    await first.stop();
    const second = await startGateway(file("{ usd: 2, per: month }"), { env, directory });
    expect((await second.post("/v1/chat/completions", chat("m"), headers)).status).toBe(429);
    await second.write(file("{ usd: 20, per: month }"));
    expect((await second.post("/v1/chat/completions", chat("m"), headers)).status).toBe(200);
    await second.stop();
    rmSync(directory, { recursive: true, force: true });
  });
});
