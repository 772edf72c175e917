import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import { as, config, expectRefusal, type Key, requestId, type Site, secretOf, startSite } from "./site.ts";

setDefaultTimeout(20_000);

let site: Site;
beforeAll(async () => {
  site = await startSite();
});
afterAll(() => site.stop());

const send = (path: string, { key = "all", ...more }: RequestInit & { key?: Key } = {}) =>
  fetch(`${site.gateway.url}/v1/models/${path}`, { method: "POST", headers: as(key), ...more });
const json = (body: string | Uint8Array<ArrayBuffer>, key: Key = "all") => ({
  headers: { ...as(key), "content-type": "application/json" },
  body,
});

describe("POST /v1/models/{id}/test", () => {
  test.each([
    ["good", "good"],
    ["alias", "alias"],
    ["vendor/model", "vendor/model"],
    ["vendor%2Fmodel", "vendor/model"],
    ["vendor%2fmodel", "vendor/model"],
    ["wild-anything", "wild-anything"],
    ["wild-a/test", "wild-a/test"],
    ["wild-ü%20x", "wild-ü x"],
  ])("at %s tests %s", async (path, model) => {
    const response = await send(`${path}/test`);
    const target = { provider: "up", model: "good", ok: true, error: null };
    expect([response.status, await response.json()]).toMatchObject([
      200,
      { model, ok: true, targets: [target] },
    ]);
  });

  test("tests every model behind auto that the key may use", async () => {
    const providers = async (key: Key) => {
      const { targets } = await (await send("auto/test", { key })).json();
      return targets.map(({ model }: { model: string }) => model);
    };
    expect(await providers("all")).toEqual(["good", "good"]);
    expect(await providers("narrow")).toEqual(["good"]);
  });

  test("needs no body, takes an empty one, and reads null as nothing said", async () => {
    for (const given of [
      {},
      { body: "" },
      json(""),
      json("{}"),
      json('{"test_message":null,"endpoint":null}'),
    ]) {
      const response = await send("good/test", given);
      expect([response.status, (await response.json()).ok]).toEqual([200, true]);
    }
  });

  test("is answered like a request of that model", async () => {
    const { headers } = await send("leaving-alias/test");
    expect(headers.get("x-request-id")).toMatch(requestId);
    expect(headers.get("x-gateway-config")).toMatch(config);
    expect(headers.get("x-gateway-attempts")).toBe("1");
    expect(headers.get("server-timing")).toMatch(/^gateway;dur=[\d.]+, upstream;dur=[\d.]+$/);
    expect(headers.get("content-type")).toBe("application/json");
    expect(headers.get("cache-control")).toBe("no-store");
    expect([headers.get("deprecation"), headers.get("sunset")]).toEqual([
      "true",
      "Wed, 01 Jul 2099 00:00:00 GMT",
    ]);
    expect((await send("limited/test")).headers.get("x-ratelimit-remaining-requests")).toBe("39");
  });

  test("is 200 also when no target works: the test was made, and its answer is no", async () => {
    for (const model of ["s500", "s401", "silent", "unavailable"]) {
      const response = await send(`${model}/test`);
      expect([response.status, (await response.json()).ok]).toEqual([200, false]);
    }
  });

  test("works from OpenAI's SDK", async () => {
    const answer = await site.gateway
      .client({ key: secretOf("all") })
      .post("/models/vendor%2Fmodel/test", { body: { test_message: "Hello?" } });
    expect(answer).toMatchObject({ model: "vendor/model", ok: true });
  });

  const tooLong = JSON.stringify({ test_message: "x".repeat(1_001) });
  const invalid = { status: 400, code: "invalid_request", type: "invalid_request_error" };
  test.each([
    ["no JSON", json("{"), { ...invalid, code: "invalid_json" }],
    ["no object", json("[]"), invalid],
    ["another type", { ...json("{}"), headers: { ...as("all"), "content-type": "text/plain" } }, invalid],
    ["a message that is no text", json('{"test_message":["Hi"]}'), { ...invalid, param: "test_message" }],
    ["an empty message", json('{"test_message":""}'), { ...invalid, param: "test_message" }],
    ["a long message", json(tooLong), { ...invalid, param: "test_message" }],
    ["an endpoint that is none", json('{"endpoint":"audio"}'), { ...invalid, param: "endpoint" }],
    ["an endpoint of Object's", json('{"endpoint":"toString"}'), { ...invalid, param: "endpoint" }],
    [
      "a huge body",
      json(new Uint8Array(70_000)),
      { status: 413, code: "body_too_large", type: "invalid_request_error" },
    ],
  ])("refuses %s", async (_, given, refusal) => {
    const before = site.upstream.requests.length;
    await expectRefusal(await send("good/test", given), refusal);
    expect(site.upstream.requests.length).toBe(before);
  });

  const missing = { status: 404, code: "model_not_found", type: "invalid_request_error", param: "model" };
  const forbidden = { status: 403, type: "permission_error" };
  test.each([
    ["nothing", "all", missing],
    ["hidden", "all", missing],
    ["switched-off", "all", missing],
    ["__proto__", "all", missing],
    ["%zz", "all", missing],
    ["nothing", "narrow", missing],
    ["x".repeat(257), "all", { ...invalid, param: "model" }],
    ["left", "all", { ...missing, status: 410, code: "model_deprecated" }],
    ["other", "narrow", { ...forbidden, code: "model_not_allowed", param: "model" }],
    ["secret-plan", "narrow", { ...forbidden, code: "model_not_allowed", param: "model" }],
    ["good", "viewer", { ...forbidden, code: "role_not_allowed" }],
  ] as const)("at %s by the key %s is refused", async (path, key, refusal) => {
    await expectRefusal(await send(`${path}/test`, { key }), refusal);
  });

  test("wants a key", async () => {
    const refusal = { status: 401, code: "invalid_api_key", type: "authentication_error" };
    await expectRefusal(await send("good/test", { headers: {} }), refusal);
  });

  test("counts against the key's limits, which refuse it as they refuse any request", async () => {
    expect((await send("good/test", { key: "rpd" })).status).toBe(200);
    const refusal = {
      status: 429,
      code: "rate_limit_exceeded",
      type: "rate_limit_error",
      message: /rpd of 1/,
    };
    await expectRefusal(await send("good/test", { key: "rpd" }), refusal);
    await expectRefusal(await send("good/test", { key: "tpr" }), {
      ...refusal,
      message: /tpr/,
      headers: { "x-should-retry": "false" },
    });
  });
});

describe("other methods", () => {
  const type = "invalid_request_error";
  test.each([
    ["GET", "good/test", "POST"],
    ["GET", "vendor/model/test", "POST"],
    ["GET", "vendor%2Fmodel/test", "POST"],
    ["PUT", "good/test", "POST"],
    ["DELETE", "vendor/model/test", "POST"],
    ["POST", "good", "GET"],
    ["POST", "test", "GET"],
    ["POST", "good%2Ftest", "GET"],
    ["PUT", "good", "GET"],
  ])("%s %s is told that it takes %s", async (method, path, allow) => {
    await expectRefusal(await send(path, { method }), {
      status: 405,
      code: "method_not_allowed",
      type,
      headers: { allow },
    });
  });

  test("GET finds a model whose own name ends like a test, and no test of what is not there", async () => {
    expect((await (await send("wild-x/test", { method: "GET" })).json()).id).toBe("wild-x/test");
    for (const path of ["nothing/test", "hidden/test"])
      await expectRefusal(await send(path, { method: "GET" }), {
        status: 404,
        code: "model_not_found",
        type,
        param: "model",
      });
  });
});
