import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { as, config, type Key, requestId, type Site, startSite } from "./site.ts";

let site: Site;
beforeAll(async () => {
  site = await startSite();
});
afterAll(() => site.stop());

describe("the list of models", () => {
  const ids = async (key: Key, path = "/v1/models") =>
    ((await (await site.get(path, as(key))).json()).data as { id: string }[]).map(({ id }) => id);

  test("has names and aliases and auto, and neither patterns nor what is hidden, off or gone", async () => {
    const all = await ids("all");
    expect(all).toContain("good");
    expect(all).toContain("vendor/model");
    expect(all).toContain("alias");
    expect(all).toContain("auto");
    expect(all).toContain("leaving");
    for (const name of ["wild-*", "hidden", "switched-off", "left", "left-alias"])
      expect(all).not.toContain(name);
    expect(new Set(all).size).toBe(all.length);
    expect(await ids("all", "/models")).toEqual(all);
    expect(await ids("boss")).toEqual(all);
  });

  test("has what the key may use, by the name or by what it stands for", async () => {
    expect((await ids("narrow")).sort()).toEqual(["alias", "auto", "good", "leaving-alias"]);
    expect(await ids("auto")).toEqual(["auto"]);
    const answered = await site.ask("auto", "auto");
    expect([answered.status, answered.headers.get("x-gateway-model")]).toEqual([200, "good"]);
    expect((await site.ask("good", "auto")).status).toBe(403);
  });

  test("is a list as OpenAI's", async () => {
    const response = await site.get("/v1/models");
    const body = await response.json();
    expect(body.object).toBe("list");
    for (const entry of body.data) {
      expect(entry).toEqual({
        id: expect.any(String),
        object: "model",
        created: expect.any(Number),
        owned_by: expect.any(String),
      });
    }
    expect(response.headers.get("x-request-id")).toMatch(requestId);
    expect(response.headers.get("x-gateway-config")).toMatch(config);
  });

  test.each([
    ["good", "good"],
    ["alias", "alias"],
    ["vendor/model", "vendor/model"],
    ["vendor%2Fmodel", "vendor/model"],
    ["vendor%2fmodel", "vendor/model"],
    ["wild-anything", "wild-anything"],
    ["auto", "auto"],
  ])("GET /v1/models/%s is %s", async (path, id) => {
    const response = await site.get(`/v1/models/${path}`);
    expect([response.status, await response.json()]).toEqual([
      200,
      { id, object: "model", created: expect.any(Number), owned_by: expect.any(String) },
    ]);
  });

  test.each([
    "nothing",
    "hidden",
    "switched-off",
    "left",
    "wild-*x/../../metrics",
    "%zz",
    "__proto__",
    "toString",
  ])("GET /v1/models/%s is 404", async (name) => {
    const response = await site.get(`/v1/models/${name}`);
    expect([response.status, (await response.json()).error.code]).toEqual([
      404,
      name.includes("..") ? "not_found" : "model_not_found",
    ]);
  });

  test("does not tell a key of models that it may not use", async () => {
    const response = await site.get("/v1/models/other", as("narrow"));
    expect([response.status, (await response.json()).error.code]).toEqual([404, "model_not_found"]);
  });

  test.each(["/v1/models", "/models", "/v1/models/good"])(
    "%s wants a key, and not a viewer's",
    async (path) => {
      expect((await site.get(path, {})).status).toBe(401);
      expect((await (await site.get(path, as("viewer"))).json()).error.code).toBe("role_not_allowed");
    },
  );
});
