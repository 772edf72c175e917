import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { chat, startGateway } from "../support/gateway.ts";
import { config, requestId, type Site, startSite } from "./site.ts";

let site: Site;
beforeAll(async () => {
  site = await startSite();
});
afterAll(() => site.stop());

describe("an answer's headers", () => {
  test("name the configuration, the provider, the model, the attempts and the time", async () => {
    const response = await site.ask("alias");
    expect(response.status).toBe(200);
    const header = (name: string) => response.headers.get(name) ?? `no ${name}`;
    expect(header("x-request-id")).toMatch(requestId);
    expect(header("x-gateway-config")).toMatch(config);
    expect(header("server-timing")).toMatch(/^gateway;dur=\d+(\.\d)?, upstream;dur=\d+(\.\d)?$/);
    expect(header("content-type")).toBe("application/json");
    expect(["provider", "model", "attempts"].map((name) => header(`x-gateway-${name}`))).toEqual([
      "up",
      "good",
      "1",
    ]);
    for (const name of ["x-gateway-fallback", "x-gateway-warnings", "deprecation", "sunset", "retry-after"])
      expect([name, response.headers.get(name)]).toEqual([name, null]);
    expect(response.headers.get("x-ratelimit-limit-requests")).toBeNull();
    // What the provider reported, not what was asked for.
    expect((await response.json()).model).toBe("upstream-1");
  });

  test.each([
    ["a-Z_0.9", true],
    ["x".repeat(128), true],
    ["x".repeat(129), false],
    ["a b", false],
    ["a/b", false],
    ['"><script>', false],
    ["1,2", false],
  ])("repeat the request's id %p: %p", async (id, good) => {
    for (const response of [
      await site.ask("good", "all", {}, { "x-request-id": id }),
      await site.ask("nothing", "all", {}, { "x-request-id": id }),
      await site.get("/health", { "x-request-id": id }),
      await site.get("/nowhere", { "x-request-id": id }),
    ]) {
      const found = response.headers.get("x-request-id") ?? "";
      if (good) expect(found).toBe(id);
      else expect(found).toMatch(requestId);
      await response.body?.cancel();
    }
  });

  test("name the model asked for when another one answered", async () => {
    const response = await site.ask("saved");
    const header = (name: string) => response.headers.get(`x-gateway-${name}`);
    expect([response.status, header("fallback"), header("model"), header("attempts")]).toEqual([
      200,
      "saved",
      "good",
      "2",
    ]);
  });

  test("say which parameter was lowered", async () => {
    const response = await site.ask("good", "all", { max_tokens: 5_000 });
    expect(response.headers.get("x-gateway-warnings")).toBe("max_tokens lowered from 5000 to 100");
    expect(site.upstream.requests.at(-1)?.body["max_tokens"]).toBe(100);
  });

  test("tell of the key's limits, and where it has none of the tightest on the way", async () => {
    const response = await site.ask("limited");
    const limit = (name: string) => response.headers.get(`x-ratelimit-${name}`) ?? `no ${name}`;
    expect([limit("limit-requests"), limit("remaining-requests"), limit("limit-tokens")]).toEqual([
      "40",
      "39",
      "1000000",
    ]);
    expect(limit("remaining-tokens")).toBe("999985");
    expect(limit("reset-requests")).toMatch(/^(\d+ms|\d+s|1m\ds)$/);
    expect(limit("reset-tokens")).toMatch(/^(\d+ms|\d+s|1m\ds)$/);
  });

  test.each([
    ["leaving", "Thu, 31 Dec 2099 23:59:59 GMT", "Fri, 01 Jan 2100 00:00:00 GMT"],
    ["leaving-alias", "Tue, 30 Jun 2099 23:59:59 GMT", "Wed, 01 Jul 2099 00:00:00 GMT"],
  ])("warn that %s is going away", async (name, ...ends) => {
    const response = await site.ask(name);
    expect(response.status).toBe(200);
    expect(response.headers.get("deprecation")).not.toBeNull();
    expect(ends).toContain(response.headers.get("sunset") ?? "");
  });

  test("are there on a stream too, which no proxy holds back", async () => {
    const response = await site.ask("good", "all", { stream: true });
    const header = (name: string) => response.headers.get(name) ?? `no ${name}`;
    expect(header("content-type")).toBe("text/event-stream; charset=utf-8");
    expect(header("cache-control")).toContain("no-cache");
    expect(header("x-gateway-provider")).toBe("up");
    expect(header("server-timing")).toMatch(/^gateway;dur=/);
    expect(await response.text()).toEndWith("data: [DONE]\n\n");
  });
});

describe("a browser", () => {
  const app = "https://app.example.com";
  const allowed = (response: Response) => response.headers.get("access-control-allow-origin");
  const preflight = (origin: string, path = "/v1/chat/completions") =>
    fetch(`${site.gateway.url}${path}`, {
      method: "OPTIONS",
      headers: {
        origin,
        "access-control-request-method": "POST",
        "access-control-request-headers": "authorization,content-type,x-stainless-os",
      },
    });

  test("of a listed origin may ask first, and then call", async () => {
    const asked = await preflight(app);
    expect([asked.status, allowed(asked)]).toEqual([204, app]);
    expect(asked.headers.get("access-control-allow-methods")).toContain("POST");
    expect(asked.headers.get("access-control-allow-headers")).toContain("x-stainless-os");
    expect(asked.headers.get("access-control-allow-credentials")).toBeNull();
    const called = await site.ask("good", "all", {}, { origin: app });
    expect([called.status, allowed(called), called.headers.get("vary")]).toEqual([200, app, "origin"]);
    const exposed = (called.headers.get("access-control-expose-headers") ?? "").split(", ");
    for (const name of [
      "x-request-id",
      "x-gateway-config",
      "x-gateway-warnings",
      "retry-after-ms",
      "x-should-retry",
      "x-ratelimit-remaining-requests",
    ])
      expect(exposed).toContain(name);
  });

  test("of a listed origin may read errors too", async () => {
    for (const refused of [
      await site.ask("nothing", "all", {}, { origin: app }),
      await site.get("/nowhere", { origin: app }),
    ])
      expect([refused.status, allowed(refused)]).toEqual([404, app]);
  });

  test.each([
    "https://evil.example.com",
    "https://app.example.com.evil.com",
    "http://app.example.com",
    "null",
    "https://APP.example.com",
  ])("of %s gets nothing", async (origin) => {
    const asked = await preflight(origin);
    expect([asked.status, allowed(asked)]).toEqual([405, null]);
    expect(allowed(await site.ask("good", "all", {}, { origin }))).toBeNull();
  });

  test("may call nothing of the admin API, listed or not", async () => {
    const asked = await preflight(app, "/admin/api/rollback");
    expect([asked.status, allowed(asked)]).toEqual([405, null]);
  });

  test("gets nothing at all where no origin is listed", async () => {
    const plain = await startGateway(
      "providers: { s: { kind: simulated } }\nmodels: { chat: { targets: [s/x] } }",
    );
    const response = await plain.post("/v1/chat/completions", chat("chat"), { origin: app });
    expect([response.status, allowed(response), response.headers.get("vary")]).toEqual([200, null, null]);
    const asked = await fetch(`${plain.url}/v1/chat/completions`, {
      method: "OPTIONS",
      headers: { origin: app, "access-control-request-method": "POST" },
    });
    expect([asked.status, asked.headers.get("allow"), allowed(asked)]).toEqual([405, "POST", null]);
    await plain.stop();
  });
});
