import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import { chat, type Running, startGateway } from "../../support/gateway.ts";
import { gate, until } from "../../support/until.ts";
import { answer, completion, json, startUpstream, type Upstream } from "../../support/upstream.ts";

setDefaultTimeout(20_000);

const thinking = {
  ...completion(""),
  choices: [{ index: 0, message: { role: "assistant", content: null }, finish_reason: "length" }],
};
const vector = {
  object: "list",
  model: "e",
  data: [{ index: 0, object: "embedding", embedding: [0.1, 0.2] }],
};

type Result = {
  readonly ok: boolean;
  readonly error: { readonly kind: string; readonly status: number } | null;
};

let held = gate();
let isDown = false;
/** What the provider does, by the name of the upstream model. */
const behaviours: Readonly<Record<string, (key: string | null) => Response | Promise<Response>>> = {
  s500: () => json({ error: { message: "broken" } }, 500),
  s401: (key) => json({ error: { message: `who is ${key}` } }, 401),
  fragile: () => (isDown ? json({ error: { message: "down" } }, 503) : json(completion("up"))),
  s404: () => json({ error: { message: "no such model", code: "model_not_found" } }, 404),
  garbage: () => json("<html>", 200),
  silent: () => new Promise(() => {}),
  thinking: () => json(thinking),
  echo: (key) => json(completion(`your key is ${key?.replace("Bearer ", "")}`)),
  long: () => json(completion("word ".repeat(500))),
  "text-embedding-3": () => json(vector),
  vectors: () => json(vector),
};

let upstream: Upstream;
let gateway: Running;

const providers = (names: readonly string[], more = "") =>
  names.map((name) => `  ${name}: { kind: openai, base_url: "${upstream.url}/${name}"${more} }`).join("\n");

beforeAll(async () => {
  upstream = startUpstream(async ({ body, headers }) => {
    const model = String(body["model"]);
    if (model.startsWith("held")) {
      await held.opened;
      return answer(body);
    }
    return behaviours[model]?.(headers.get("authorization")) ?? answer(body);
  });
  gateway = await startGateway(
    `
timeouts: { answer: 500ms }
auth:
  keys:
    - { id: all, secret: env:ALL }
    - { id: one, secret: env:ONE, limits: { concurrency: 1 } }
    - id: few
      secret: env:FEW
      limits:
        rpm: 2 # the rule
    - { id: metered, secret: env:METERED, limits: { tpm: 10k } }
    - { id: poor, secret: env:POOR, models: [costly], budget: { usd: 0.29, per: day } }
    - { id: eu, secret: env:EU, any_tag: [eu] }
providers:
${providers(["a", "b", "c", "d", "counted"])}
${providers(["keyed"], ", api_key: env:UPSTREAM, headers: { x-team: red }")}
${providers(["locked"], ", api_key: env:UPSTREAM_OTHER")}
${providers(["unset"], ", api_key: env:NOT_SET, optional: true")}
${providers(["off"], ", enabled: false")}
${providers(["limited"], ", tags: [eu], limits: { rpm: 1 }")}
  single: { kind: openai, base_url: "${upstream.url}/single", limits: { concurrency: 1 } }
  dear: { kind: openai, base_url: "${upstream.url}/dear", models: { "*": { price: { input: 1000, output: 1000 } } } }
  m: { kind: mistral, base_url: "${upstream.url}/m" }
  priced: { kind: openai, base_url: "${upstream.url}/priced", models: { vectors: { price: { input: 0.1, output: 0 } } } }
  nobody: { kind: openai, base_url: "http://127.0.0.1:1/v1" }
models:
  good: { targets: [a/x, b/y], fallbacks: [spare] }
  spare: { targets: [c/z] }
  held: { targets: [{ provider: a, model: held, timeouts: { answer: 5s } }, { provider: b, model: held, timeouts: { answer: 5s } }] }
  many: { targets: [${["a", "b", "c"].flatMap((p) => [1, 2].map((n) => `{ provider: ${p}, model: held-${n}, timeouts: { answer: 5s } }`)).join(", ")}] }
  exact: { targets: [keyed/exact], overrides: { seed: 7 }, max: { max_tokens: 100 } }
  mistral: { targets: [m/small] }
  named: { targets: [a/text-embedding-3, m/text-embedding-3] }
  priced: { targets: [priced/vectors] }
  bad: { targets: [a/s500, locked/s401, b/s404, c/garbage, nobody/x, d/silent, a/fine] }
  unavailable: { targets: [unset/x, off/x, { provider: a, model: x, enabled: false }] }
  thinking: { targets: [a/thinking] }
  echo: { targets: [keyed/echo] }
  long: { targets: [a/long] }
  limited: { targets: [limited/x, d/limited] }
  fragile: { targets: [a/fragile, b/sturdy], failover: quick }
  narrow: { targets: [single/1, single/2, single/3] }
  costly: { targets: [dear/1, dear/2] }
  half: { targets: [counted/s500, counted/fine] }
  dead: { targets: [counted/s500, counted/s404] }
failover:
  quick: { retries: 0, breaker: { failures: 1, within: 30s, open_for: 1h } }
`,
    {
      env: {
        UPSTREAM: "sk-of-the-provider",
        UPSTREAM_OTHER: "sk-of-another",
        ADMIN_KEY: "admin",
        ...Object.fromEntries(
          ["all", "one", "few", "metered", "poor", "eu"].map((key) => [key.toUpperCase(), key]),
        ),
      },
    },
  );
});

afterAll(async () => {
  held.open();
  await gateway.stop();
  await upstream.stop();
});

const post = (model: string, body: object = {}, key = "all") =>
  gateway.post(`/v1/models/${model}/test`, body, { authorization: `Bearer ${key}` });
const tested = async (model: string, body: object = {}, key = "all") => (await post(model, body, key)).json();
/** What reached the providers while it ran, by provider and model. */
const calls = async (run: () => Promise<unknown>) => {
  const from = upstream.requests.length;
  await run();
  return upstream.requests.slice(from);
};
const ask = (model: string) =>
  gateway.post("/v1/chat/completions", chat(model), { authorization: "Bearer all" });

describe("a test of a model", () => {
  test("asks each of its targets, and none of its fallbacks", async () => {
    const made = await calls(async () => {
      expect(await tested("good")).toEqual({
        model: "good",
        ok: true,
        targets: [
          ["a", "x"],
          ["b", "y"],
        ].map(([provider, model]) => ({
          provider,
          model,
          ok: true,
          latency_ms: expect.any(Number),
          error: null,
          reply: "Hello there.",
          warnings: [],
        })),
      });
    });
    expect(made.map(({ body }) => body["model"]).sort()).toEqual(["x", "y"]);
  });

  test("sends what every request of that model is sent with", async () => {
    const [made] = await calls(() => tested("exact", { test_message: "Are you there?" }));
    expect(made?.path).toBe("/v1/keyed/chat/completions");
    expect(made?.headers.get("authorization")).toBe("Bearer sk-of-the-provider");
    expect(made?.headers.get("x-team")).toBe("red");
    expect(made?.body).toEqual({
      model: "exact",
      messages: [{ role: "user", content: "Are you there?" }],
      max_completion_tokens: 100,
      seed: 7,
    });
    expect((await tested("exact")).targets[0].warnings).toEqual([
      "max_completion_tokens lowered from 256 to 100",
    ]);
  });

  test("speaks the words of the provider's kind", async () => {
    const [made] = await calls(() => tested("mistral"));
    expect(made?.body).toMatchObject({ model: "small", max_tokens: 256 });
  });

  test.each([
    ["their names", "named"],
    ["their prices", "priced"],
  ])("asks embedding models, known by %s, for an embedding", async (_, model) => {
    const made = await calls(async () => {
      const { ok, targets } = await tested(model);
      expect([ok, targets[0].reply]).toEqual([true, "a vector of 2 numbers"]);
    });
    for (const { path } of made) expect(path).toEndWith("/embeddings");
  });

  test.each([
    ["chat", "priced", "/chat/completions"],
    ["completions", "good", "/completions"],
    ["embeddings", "good", "/embeddings"],
  ])("asks for %s where the body says so", async (endpoint, model, path) => {
    const [made] = await calls(() => tested(model, { endpoint }));
    expect(made?.path).toEndWith(path);
  });

  test("takes an answer that ran out of tokens while it thought for an answer", async () => {
    expect((await tested("thinking")).targets[0]).toMatchObject({ ok: true, reply: null, error: null });
  });

  test("shows the beginning of a long answer, on one line", async () => {
    const { reply } = (await tested("long")).targets[0];
    expect(reply).toHaveLength(200);
    expect(reply).toMatch(/^word word .*…$/);
  });

  test("shows no credential, whoever repeats it", async () => {
    const text = await (await post("echo")).text();
    expect(text).toContain("your key is ");
    expect(text).not.toContain("sk-of");
  });

  test("says of each target what is wrong with it, and bounds the silent ones by their clock", async () => {
    const startedAt = performance.now();
    const { ok, targets } = await tested("bad");
    expect(performance.now() - startedAt).toBeWithin(495, 10_000);
    expect(ok).toBe(true);
    expect(
      targets.map((one: Result & { model: string }) => [
        one.model,
        one.ok,
        one.error?.kind ?? null,
        one.error?.status ?? null,
      ]),
    ).toEqual([
      ["s500", false, "server", 500],
      ["s401", false, "auth", 401],
      ["s404", false, "not_found", 404],
      ["garbage", false, "malformed", null],
      ["x", false, "network", null],
      ["silent", false, "timeout", null],
      ["fine", true, null, null],
    ]);
    expect(targets[0].error.message).toBe("broken");
    expect(targets[1].error.message).toStartWith("who is Bearer ");
    expect(JSON.stringify(targets)).not.toContain("sk-of");
    expect(targets[5].error.message).toContain("answer timeout");
    for (const { latency_ms } of targets) expect(latency_ms).toBeNumber();
  });

  test("sends nothing to what is switched off or has no key, and says so", async () => {
    const made = await calls(async () => {
      const response = await post("unavailable");
      expect(response.status).toBe(200);
      const { ok, targets } = await response.json();
      expect([
        ok,
        targets.map((one: { error: object; latency_ms: null }) => ({ ...one.error, ms: one.latency_ms })),
      ]).toEqual([
        false,
        [
          { kind: "not_configured", status: null, message: "env:NOT_SET is not set", ms: null },
          { kind: "disabled", status: null, message: "provider off is disabled in the file", ms: null },
          { kind: "disabled", status: null, message: "the target is disabled in the file", ms: null },
        ],
      ]);
    });
    expect(made).toEqual([]);
  });

  test("asks its targets at the same time, no more than four", async () => {
    held = gate();
    const before = upstream.requests.length;
    const pending = tested("many");
    await until(() => upstream.requests.length - before >= 4, "four under way");
    await Bun.sleep(20);
    expect(upstream.requests.length - before).toBe(4);
    held.open();
    expect((await pending).targets.map(({ ok }: Result) => ok)).toEqual(Array(6).fill(true));
    expect(upstream.requests.length - before).toBe(6);
  });

  test("ends with its client", async () => {
    held = gate();
    const [before, aborted] = [upstream.requests.length, upstream.aborted()];
    const leaving = new AbortController();
    const pending = fetch(`${gateway.url}/v1/models/held/test`, {
      method: "POST",
      headers: { authorization: "Bearer all" },
      signal: leaving.signal,
    }).catch(() => null);
    await until(() => upstream.requests.length - before === 2, "both under way");
    leaving.abort();
    await until(() => upstream.aborted() - aborted === 2, "both ended");
    held.open();
    expect(await pending).toBeNull();
  });
});

describe("limits", () => {
  test("a provider's hold for a test as for any request", async () => {
    const statusOf = async () =>
      (await tested("limited")).targets.map(({ error }: Result) => error?.kind ?? "ok");
    expect(await statusOf()).toEqual(["ok", "ok"]);
    const made = await calls(async () => expect(await statusOf()).toEqual(["limit", "ok"]));
    expect(made.map(({ path }) => path)).toEqual(["/v1/d/chat/completions"]);
  });

  test("a key is charged for one request, however many targets there are", async () => {
    const left = async () => {
      const response = await post("good", {}, "few");
      return [response.status, response.headers.get("x-ratelimit-remaining-requests")];
    };
    expect(await left()).toEqual([200, "1"]);
    expect(await left()).toEqual([200, "0"]);
    const made = await calls(async () => {
      const response = await post("good", {}, "few");
      expect(response.status).toBe(429);
      expect((await response.json()).error).toMatchObject({
        code: "rate_limit_exceeded",
        message: expect.stringMatching(/^Key "few" is over its rpm of 2 .*routes\.yaml:\d+/),
      });
      expect(response.headers.get("retry-after")).not.toBeNull();
    });
    expect(made).toEqual([]);
  });

  test("and for the tokens of all of them", async () => {
    const response = await post("good", {}, "metered");
    expect(response.headers.get("x-ratelimit-remaining-tokens")).toBe(String(10_000 - 2 * 15));
  });

  test("one request at a time is enough for a test", async () => {
    for (let round = 0; round < 3; round++) expect((await tested("good", {}, "one")).ok).toBe(true);
  });

  test("targets that were only in each other's way are asked one after the other", async () => {
    const made = await calls(async () =>
      expect((await tested("narrow")).targets.every(({ ok }: Result) => ok)).toBe(true),
    );
    expect(made.map(({ body }) => body["model"])).toEqual(["1", "2", "3"]);
  });

  test("a key's budget bears what all of them cost", async () => {
    // At 1,000 USD per million, 15 tokens at each of two targets are 3 cents, and a reservation of about 266 is 27.
    expect((await post("costly", {}, "poor")).status).toBe(200);
    const response = await post("costly", {}, "poor");
    expect([response.status, (await response.json()).error.code]).toEqual([429, "budget_exceeded"]);
  });

  test("the tags that a key asks for keep a test in them", async () => {
    const made = await calls(async () => {
      const [first, second] = (await tested("limited", {}, "eu")).targets;
      expect([first.error.kind, second.error.kind]).toEqual(["limit", "tag_missing"]);
    });
    expect(made).toEqual([]);
  });
});

describe("the books", () => {
  test("hear of a test: what fails is left by traffic, and what works again is taken back", async () => {
    const provider = async () => (await ask("fragile")).headers.get("x-gateway-provider");
    isDown = true;
    expect((await tested("fragile")).targets.map(({ ok }: Result) => ok)).toEqual([false, true]);
    isDown = false;
    // The circuit is open for an hour; traffic stays away, and a test does not.
    expect(await provider()).toBe("b");
    expect((await tested("fragile")).targets.map(({ ok }: Result) => ok)).toEqual([true, true]);
    expect(await provider()).toBe("a");
  });

  test("have a test as one request of its model, with an attempt for each target", async () => {
    const look = async () => {
      const response = await fetch(`${gateway.url}/metrics`, { headers: { authorization: "Bearer admin" } });
      const { totals, providers } = await response.json();
      const dead = providers.find(({ provider }: { provider: string }) => provider === "counted");
      return {
        requests: totals.requests,
        errors: totals.errors,
        attempts: dead.requests,
        failed: dead.errors,
      };
    };
    await ask("good");
    const before = await look();
    await tested("half");
    await tested("dead");
    await until(async () => (await look()).requests === before.requests + 2, "both told");
    // A model that one target answers for is well; one that none answers for is not.
    expect(await look()).toEqual({
      requests: before.requests + 2,
      errors: before.errors + 1,
      attempts: 4,
      failed: 3,
    });
  });
});
