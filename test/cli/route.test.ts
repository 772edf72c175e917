import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { route } from "../../src/cli/route.ts";
import { type Running, startGateway } from "../support/gateway.ts";
import { keptShell } from "./shell.ts";

const scratch = mkdtempSync(join(tmpdir(), "switchyard-route-"));
afterAll(() => rmSync(scratch, { recursive: true, force: true }));

const yaml = `version: 1
auth: { keys: [{ id: web, secret: env:WEB, limits: { rpm: 5 } }] }
providers:
  one: { kind: openai, api_key: env:ONE, models: { "*": { price: { input: 1, output: 4 }, context: 8k } } }
  two: { kind: openai, base_url: "http://127.0.0.1:1/v1", models: { "*": { price: free } } }
models:
  chat: { targets: [one/a, two/b], defaults: { temperature: 0.7 }, deprecated: { after: 2030-12-31 } }
  solo: { targets: [one/c] }
  saved: { targets: [one/d], fallbacks: [spread] }
  spread: { strategy: weighted, targets: [one/e, two/e] }
  hidden: { targets: [two/f], visible: false }
  "one/*": { targets: ["one/*"] }
aliases: { best: chat }
`;
const file = join(scratch, "routes.yaml");
writeFileSync(file, yaml);
const both = join(scratch, "both.yaml");
writeFileSync(both, yaml.replace(/ {2}(solo|"one\/\*"): .*\n/g, ""));

async function run(args: readonly string[], env: Record<string, string> = {}, terminal = false) {
  const kept = keptShell({ env, terminal });
  const code = await route(args, kept.shell);
  return { code, out: kept.out().replaceAll(`${scratch}/`, ""), err: kept.err() };
}
const on = (...args: readonly string[]) => run([...args, "--config", file]);
const asJson = async (...args: readonly string[]) => {
  const { code, out } = await on(...args, "--json");
  return { code, ...JSON.parse(out) };
};

describe("route MODEL", () => {
  test("numbers its steps, each with its line at the right, and ends with what comes of it", async () => {
    const { code, out, err } = await on(
      "best",
      "--key",
      "web",
      "--fail",
      "one=server",
      "--max-tokens",
      "20",
      "--at",
      "2026-11-21",
    );
    expect([code, err]).toEqual([0, ""]);
    expect(out).toBe(`\
 1  best is an alias of chat                                                             routes.yaml:13:12
 2  chat is served by one/a, two/b                                                         routes.yaml:7:3
 3  chat is deprecated, served until 2030-12-31                                           routes.yaml:7:68
 4  priority: targets are tried in the order of the file                                   routes.yaml:7:3
 5  one/a has a context of 8,000: about 30 tokens fit                                     routes.yaml:4:91
 6  key web rpm: 0 used + 1 ≤ 5                                                           routes.yaml:2:54
 7  one/a at $1.00 in, $4.00 out per million tokens: about $0.00009 for an estimated 10   routes.yaml:4:59
    + 20 tokens
 8  attempt 1: one/a → server (500, scripted)                                             routes.yaml:7:21
 9  asks one again: retry 1 of 1 that the built-in policy allows a target
10  waits 70 ms: backoff, drawn by chance
11  attempt 2: one/a → server (500, scripted)                                             routes.yaml:7:21
12  goes on: the built-in policy does so after server
13  two/b is free                                                                         routes.yaml:5:76
14  attempt 3: two/b answers as chat                                                      routes.yaml:7:28
15  temperature 0.7 comes from defaults of chat                                           routes.yaml:7:48
16  max_tokens 20 is the request's own
17  sent to http://127.0.0.1:1/v1/chat/completions: { "temperature": 0.7, "messages": [   routes.yaml:7:28
    { "role": "user", "content": "…" } ], "max_tokens": 20, "model": "b" }

200  two/b answers as chat, 3 attempts, free
Of the file alone: nothing is used yet, and every secret counts as set.
`);
  });

  test("as JSON", async () => {
    const told = await asJson("chat", "--tokens", "1k");
    expect(told).toMatchObject({
      code: null,
      status: 200,
      provider: "one",
      model: "chat",
      upstream: "a",
      attempts: 1,
    });
    expect(told.cost_usd).toBeCloseTo(0.00104, 9);
    expect(told.steps[0]).toEqual({
      text: "chat is served by one/a, two/b",
      file: "routes.yaml",
      line: 7,
      column: 3,
    });
    expect((await on("chat", "--format", "json")).out).toBe((await on("chat", "--json")).out);
  });

  test("is in colours where somebody watches", async () => {
    const { out } = await run(["chat", "--config", file], {}, true);
    expect(out).toContain("\x1b[1mattempt 1: one/a answers as chat\x1b[22m");
    expect(out).toContain("\x1b[32m200\x1b[39m");
    expect((await on("chat")).out).not.toContain("\x1b");
  });

  test.each([
    [["solo", "--fail", "one=auth"], { status: 502, attempts: 1 }],
    [
      ["saved", "--fail", "one=rate_limited:1"],
      { status: 200, provider: "two", model: "spread", fallback_from: "saved", attempts: 2 },
    ],
    [["saved", "--fail", "one=server,latency=50s", "--fail", "two=server"], { status: 502 }],
    [["solo", "--fail", "one=server:1"], { status: 200, attempts: 2 }],
    [["solo", "--fail", "one=server:2"], { status: 502, attempts: 2 }],
    [["solo", "--fail", "one=server:1", "--fail", "one=auth"], { status: 502, attempts: 2 }],
    [["solo", "--fail", "one=rate_limited:1,retry_after=20s"], { status: 200, attempts: 2 }],
    [["solo", "--fail", "one=bad_request,status=422"], { status: 422, attempts: 1 }],
    [["chat", "--at", "2031-06-01"], { status: 410, code: "model_deprecated" }],
    [["hidden"], { status: 404, code: "model_not_found" }],
    [["one/anything"], { status: 200, model: "one/*", upstream: "anything" }],
    [["chat", "--tokens", "9k"], { status: 200, provider: "two" }],
    [
      ["chat", "--endpoint", "embeddings", "--stream"],
      { status: 200, sent: { url: "https://api.openai.com/v1/embeddings" } },
    ],
  ])("%j", async (args, wanted) => {
    const { out, code } = await on(...args, "--json");
    const told = JSON.parse(out);
    expect(told).toMatchObject(wanted);
    expect(code).toBe(told.status === 200 ? 0 : 1);
  });

  test("draws chance by the seed, the same every time", async () => {
    const providers = await Promise.all(
      Array.from({ length: 8 }, async (_, seed) => (await asJson("spread", "--seed", String(seed))).provider),
    );
    expect(new Set(providers)).toEqual(new Set(["one", "two"]));
    expect((await on("spread", "--seed", "7", "--json")).out).toBe(
      (await on("spread", "--seed", "7", "--json")).out,
    );
  });

  test("knows what was meant", async () => {
    const { code, err } = await on("chatt");
    expect([code, err]).toEqual([1, 'The file has no model "chatt". Did you mean "chat"?\n']);
  });
});

describe("route refuses", () => {
  test.each([
    [[], "route needs a MODEL, or --matrix."],
    [["chat", "solo"], '"solo" is one too many.'],
    [["chat", "--key", "wep"], '--key has to be the id of a key of the file. Did you mean "web"?'],
    [["chat", "--fail", "one"], "--fail has to be PROVIDER=KIND"],
    [["chat", "--fail", "three=server"], "--fail three=… has to be about a provider of the file."],
    [["chat", "--fail", "one=broken"], "--fail one=… has to be one of rate_limited, overloaded, "],
    [["chat", "--fail", "one=server:0"], "--fail one=… has to be one of rate_limited, "],
    [
      ["chat", "--fail", "one=server,retry_after=soon"],
      "followed by a retry_after that is a time such as 250ms",
    ],
    [["chat", "--tokens", "many"], "--tokens has to be a whole number"],
    [["chat", "--max-tokens", "0"], "--max-tokens has to be a whole number, at least 1."],
    [["chat", "--endpoint", "images"], "--endpoint has to be one of chat, completions, embeddings."],
    [["chat", "--seed", "-1"], "--seed has to be a whole number"],
    [["chat", "--at", "tomorrow"], "--at has to be a moment such as 2026-01-31T08:00:00Z"],
    [["chat", "--format", "xml"], 'route has no format "xml".'],
    [["chat", "--server", "gateway"], '"gateway" is no address of a gateway.'],
    [["chat", "--server", "http://127.0.0.1:1", "--at", "2026-01-01"], "--at says nothing beside --server."],
    [["--matrix", "--fail", "one=server"], "--fail says nothing beside --matrix."],
    [["--matrix", "--key", "wep"], "--key has to be the id of a key of the file."],
    [["--nonsense"], 'route does not know "--nonsense".'],
  ])("%j", async (args, message) => {
    const { code, out, err } = await run(args.includes("--server") ? args : [...args, "--config", file]);
    expect([code, out]).toEqual([64, ""]);
    expect(err).toContain(message);
  });

  test("a file that is not there, or does not compile", async () => {
    expect((await run(["chat", "--config", join(scratch, "none.yaml")])).code).toBe(64);
    writeFileSync(join(scratch, "bad.yaml"), "version: 1\nmodles: {}\n");
    const bad = await run(["chat", "--config", join(scratch, "bad.yaml")]);
    expect([bad.code, bad.out]).toEqual([1, ""]);
    expect(bad.err).toContain("unknown_key");
  });
});

describe("route --matrix", () => {
  test("tells who answers for each model while each provider is down", async () => {
    const { code, out } = await on("--matrix");
    expect(code).toBe(1);
    expect(out).toBe(`\
MODEL   ALL WELL  one down         two down
chat    one 1     two 3            one 1
solo    one 1     ✗                one 1
saved   one 1     two 3 as spread  one 1
spread  two 1     two 1            one 3
one/*   one 1     ✗                one 1

✗ solo has no answer while one is down: 502 upstream_error  routes.yaml:8:3
✗ one/* has no answer while one is down: 502 upstream_error  routes.yaml:12:3
`);
  });

  test("is well where every model has an answer in every outage", async () => {
    const { code, out } = await run(["--matrix", "--config", both]);
    expect([code, out.trimEnd().split("\n").at(-1)]).toEqual([
      0,
      "Every model has an answer, whichever provider is down.",
    ]);
  });

  test("of one model, also by its alias or a name that a pattern takes", async () => {
    expect((await on("best", "--matrix")).code).toBe(0);
    expect((await on("one/x", "--matrix")).out).toMatch(/^one\/\* +one 1 +✗ +one 1$/m);
    expect(await on("nobody", "--matrix")).toMatchObject({
      code: 1,
      err: expect.stringContaining("no model"),
    });
    expect(await on("hidden", "--matrix")).toMatchObject({ code: 1, err: expect.stringContaining("hidden") });
  });

  test("as JSON", async () => {
    const { code, ok, models } = await asJson("solo", "--matrix");
    expect([code, ok]).toEqual([1, false]);
    expect(models).toEqual([
      {
        ...{ model: "solo", file: "routes.yaml", line: 8 },
        outages: [
          {
            outage: null,
            status: 200,
            code: null,
            provider: "one",
            model: "solo",
            upstream: "c",
            attempts: 1,
          },
          {
            outage: "one",
            status: 502,
            code: "upstream_error",
            provider: null,
            model: null,
            upstream: null,
            attempts: null,
          },
          {
            outage: "two",
            status: 200,
            code: null,
            provider: "one",
            model: "solo",
            upstream: "c",
            attempts: 1,
          },
        ],
      },
    ]);
  });
});

describe("route --server", () => {
  let gateway: Running;
  beforeAll(async () => {
    gateway = await startGateway(yaml, {
      env: { ADMIN_KEY: "the-admin-key", WEB: "the-web", ONE: "sk-one" },
    });
  });
  afterAll(() => gateway.stop());
  const ask = (...args: readonly string[]) =>
    run([...args, "--server", gateway.url], { ADMIN_KEY: "the-admin-key" });

  test("explains with the live figures of a gateway", async () => {
    const { code, out } = await ask("best", "--key", "web", "--fail", "one=server", "--seed", "3");
    expect(code).toBe(0);
    expect(out).toContain("key web rpm: 0 used + 1 ≤ 5");
    expect(out).toMatch(
      /two\/b answers as chat, 3 attempts, free\nWith the live figures of the gateway, as of now\.\n$/,
    );
    expect(JSON.parse((await ask("solo", "--fail", "one=auth:1", "--json")).out)).toMatchObject({
      status: 502,
      attempts: 1,
    });
  });

  test("passes on what the gateway says", async () => {
    expect(await ask("chat", "--key", "nobody")).toMatchObject({
      code: 64,
      err: expect.stringContaining("key has to be"),
    });
    const noKey = await run(["chat", "--server", gateway.url]);
    expect(noKey).toMatchObject({ code: 64, err: expect.stringContaining("ADMIN_KEY") });
    const wrongKey = await run(["chat", "--server", gateway.url], { ADMIN_KEY: "guess" });
    expect(wrongKey).toMatchObject({ code: 64, out: "" });
    expect((await ask("nobody")).code).toBe(1);
  });

  test("says where no gateway is", async () => {
    expect(await run(["chat", "--server", "http://127.0.0.1:1"])).toMatchObject({ code: 69 });
    const other = Bun.serve({ port: 0, fetch: () => new Response("hello") });
    expect(await run(["chat", "--server", `http://127.0.0.1:${other.port}`])).toMatchObject({ code: 69 });
    await other.stop(true);
  });
});
