import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { until } from "../support/until.ts";
import { rawRequest, sendRaw } from "./raw.ts";
import { rows } from "./refusals.ts";
import { expectRefusal, type Site, startSite } from "./site.ts";

let site: Site;
beforeAll(async () => {
  site = await startSite();
});
afterAll(() => site.stop());

describe("the table of errors", () => {
  test.each(Object.keys(rows))("%s", async (name) => {
    const row = rows[name];
    if (row === undefined) throw new Error("no such row");
    await expectRefusal(await row.ask(site), row);
  });

  test("a key over its rpm is told the rule, its line, and when to come back", async () => {
    expect((await site.ask("good", "rpm")).status).toBe(200);
    const refused = await site.ask("good", "rpm");
    await expectRefusal(refused, {
      status: 429,
      code: "rate_limit_exceeded",
      type: "rate_limit_error",
      message:
        /^Key "rpm" is over its rpm of 1 \(requests per minute\), set at routes\.yaml:16:9\. Try again in \d+ s\.$/,
      headers: {
        "retry-after": /^(59|60|61)$/,
        "retry-after-ms": /^(59|60)\d{3}$/,
        "x-ratelimit-limit-requests": "1",
        "x-ratelimit-remaining-requests": "0",
        "x-ratelimit-reset-requests": /^(59s|1m\ds)$/,
        "x-ratelimit-limit-tokens": "100000",
      },
    });
    const [seconds, ms] = ["retry-after", "retry-after-ms"].map((name) => Number(refused.headers.get(name)));
    expect(Math.ceil((ms ?? 0) / 1_000)).toBe(seconds ?? -1);
  });

  test("a key over its rpd is told not to wait for it", async () => {
    expect((await site.ask("good", "rpd")).status).toBe(200);
    await expectRefusal(await site.ask("good", "rpd"), {
      status: 429,
      code: "rate_limit_exceeded",
      type: "rate_limit_error",
      headers: { "retry-after": /^8[67]\d{3}$/, "x-should-retry": "false" },
    });
  });

  test("a key over its concurrency comes back in a second", async () => {
    const before = site.upstream.requests.length;
    const first = site.ask("held", "conc");
    await until(() => site.upstream.requests.length > before, "the first request upstream");
    await expectRefusal(await site.ask("good", "conc"), {
      status: 429,
      code: "rate_limit_exceeded",
      type: "rate_limit_error",
      headers: { "retry-after": "1", "retry-after-ms": "1000", "x-should-retry": null },
    });
    site.release();
    expect((await first).status).toBe(200);
  });
});

describe("addresses and methods", () => {
  test("HEAD is GET without the body", async () => {
    const response = await fetch(`${site.gateway.url}/health`, { method: "HEAD" });
    expect([response.status, await response.text()]).toEqual([200, ""]);
  });

  test.each(["TRACE", "PROPFIND", "PUT", "PATCH", "DELETE", "OPTIONS"])(
    "%s is told what would be right",
    async (method) => {
      const answer = await sendRaw(
        site.gateway.server.port,
        rawRequest(`${method} /v1/chat/completions`, ["Host: localhost"]),
      );
      expect([answer.status, answer.headers["allow"], JSON.parse(answer.body).error.code]).toEqual([
        405,
        "POST",
        "method_not_allowed",
      ]);
    },
  );

  test.each([
    "//health",
    "/health/x",
    "/HEALTH",
    "/v1",
    "/",
    "/health%2f",
    "/%2e%2e/metrics%00",
    "/health#x",
  ])("there is nothing at %s", async (path) => {
    const answer = await sendRaw(site.gateway.server.port, rawRequest(`GET ${path}`, ["Host: localhost"]));
    expect([answer.status, JSON.parse(answer.body).error.code]).toEqual([404, "not_found"]);
  });
});
