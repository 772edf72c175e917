import { describe, expect, test } from "bun:test";
import type { Endpoint } from "../../src/domain/endpoint.ts";
import type { Model } from "../../src/domain/snapshot.ts";
import { effectiveMaxTokens, effectiveParams } from "../../src/routing/params.ts";
import { snapshotOf } from "../support/snapshot.ts";

const snapshot = snapshotOf(`
providers:
  p:
    kind: openai
    base_url: http://127.0.0.1:1/v1
    defaults: { temperature: 0.1, top_p: 0.1, seed: 1, user: provider }
    overrides: { store: false, logit_bias: null, parallel_tool_calls: false }
models:
  asked:
    targets: [{ provider: p, model: x, defaults: { temperature: 0.3 } }]
    defaults: { temperature: 0.2, top_p: 0.2, max_tokens: 1000 }
    overrides: { seed: 7, parallel_tool_calls: true }
    max: { max_tokens: 4000, n: 2 }
    fallbacks: [other]
  other:
    targets: [p/y]
    defaults: { top_p: 0.9 }
    overrides: { seed: 8, metadata: { from: other } }
    max: { max_tokens: 5 }
`);

const model = (name: string): Model => snapshot.models.get(name) ?? fail(name);
const fail = (name: string): never => {
  throw new Error(`no model ${name}`);
};
const target = (name: string) => model(name).targets[0] ?? fail(name);
const effective = (request: Record<string, unknown>, serving = "asked", endpoint: Endpoint = "chat") =>
  effectiveParams(model("asked"), model(serving), target(serving), request, endpoint);

describe("effectiveParams", () => {
  test.each<[string, Record<string, unknown>, Record<string, unknown>]>([
    [
      "target's defaults win over the model's, and those over the provider's",
      {},
      { temperature: 0.3, top_p: 0.2, user: "provider" },
    ],
    [
      "the request wins over every default",
      { temperature: 0.9, user: "me" },
      { temperature: 0.9, user: "me" },
    ],
    ["null in a request is silent", { temperature: null }, { temperature: 0.3 }],
    ["overrides always win", { seed: 1, store: true }, { seed: 7, store: false }],
    ["the asked model's overrides win over the provider's", {}, { parallel_tool_calls: true }],
    ["null in overrides removes", { logit_bias: { a: 1 } }, { logit_bias: undefined }],
    [
      "a bound by its newer name silences the default of the older",
      { max_completion_tokens: 10 },
      { max_completion_tokens: 10, max_tokens: undefined },
    ],
    ["max lowers what is larger", { max_tokens: 9000 }, { max_tokens: 4000 }],
    [
      "max lowers the newer name of the same bound too",
      { max_completion_tokens: 9000 },
      { max_completion_tokens: 4000 },
    ],
    ["unknown fields survive", { provider_special: { a: [1] } }, { provider_special: { a: [1] } }],
  ])("%s", (_, request, expected) => {
    const { params } = effective(request);
    for (const [name, value] of Object.entries(expected)) expect(params[name]).toEqual(value);
  });

  test("max adds nothing, and says what it lowered", () => {
    expect(effective({}).params["n"]).toBeUndefined();
    expect(effective({ max_tokens: 9000, n: 3 }).warnings).toEqual([
      "max_tokens lowered from 9000 to 4000",
      "n lowered from 3 to 2",
    ]);
    expect(effective({ max_tokens: 10 }).warnings).toEqual([]);
  });

  test("on a fallback the asked model's overrides and max stay in force, with the serving model's defaults", () => {
    const { params } = effective({ max_tokens: 9000 }, "other");
    expect(params).toMatchObject({ seed: 7, metadata: { from: "other" }, top_p: 0.9, max_tokens: 4000 });
  });

  test.each<[Endpoint, Record<string, unknown>]>([
    ["embeddings", { user: "provider" }],
    ["completions", { temperature: 0.3, top_p: 0.2, max_tokens: 1000, seed: 7, user: "provider" }],
  ])("what the file sets for chat does not reach %s, which know nothing of it", (endpoint, expected) => {
    expect(effective({}, "asked", endpoint).params).toEqual(expected);
  });

  test("what the client itself asks for reaches any endpoint, unless an override removes it", () => {
    const asked = { input: "x", temperature: 2, parallel_tool_calls: true, logit_bias: {} };
    expect(effective(asked, "asked", "embeddings").params).toEqual({
      input: "x",
      temperature: 2,
      parallel_tool_calls: true,
      user: "provider",
    });
  });

  test("a __proto__ field changes no prototype", () => {
    const { params } = effective(JSON.parse('{"__proto__":{"polluted":true}}'));
    expect(Object.getPrototypeOf(params)).toBe(Object.prototype);
    expect(({} as Record<string, unknown>)["polluted"]).toBeUndefined();
  });
});

describe("effectiveMaxTokens", () => {
  test.each([
    ["the default where the request is silent", null, 1000],
    ["the request's own", 12, 12],
    ["what max leaves of it", 9000, 4000],
  ])("is %s", (_, requested, bound) => {
    expect(effectiveMaxTokens(model("asked"), model("asked"), target("asked"), requested)).toBe(bound);
  });
});
