import { describe, expect, test } from "bun:test";
import type { Params } from "../../../src/domain/snapshot.ts";
import { toBase64 } from "../../../src/providers/embedding.ts";
import { adapterOf } from "../../../src/providers/registry.ts";
import { expectWellFormed } from "../../fixtures/schemas.ts";
import { hasFixtures, upstream } from "../fixtures.ts";
import { encode } from "./encode.ts";

const model = "gemini-embedding-001";
const sent = (params: Params) => encode(params, model, "embeddings");
const content = (text: string, more: object = {}) => ({
  model: `models/${model}`,
  content: { parts: [{ text }] },
  ...more,
});

function decode(body: unknown, params: Params = {}) {
  const decoded = adapterOf("gemini")?.decode(
    body,
    upstream("gemini", params, { endpoint: "embeddings", model }),
  );
  if (decoded === undefined) throw new Error("gemini has no adapter");
  return decoded;
}

describe("a text to embed, in Gemini's words", () => {
  test("is sent by itself, and texts together", () => {
    expect(sent({ input: "a", encoding_format: "float" })).toEqual({
      path: `/models/${model}:embedContent`,
      body: content("a"),
      warnings: [],
    });
    expect(sent({ input: ["a"] })).toEqual({
      path: `/models/${model}:batchEmbedContents`,
      body: { requests: [content("a")] },
      warnings: [],
    });
    expect(sent({ input: ["a", "b"], dimensions: 8, task_type: "RETRIEVAL_QUERY", title: "t" }).body).toEqual(
      {
        requests: ["a", "b"].map((text) =>
          content(text, { outputDimensionality: 8, taskType: "RETRIEVAL_QUERY", title: "t" }),
        ),
      },
    );
  });

  test("is named by what it loses", () => {
    expect(sent({ input: "a", user: "u" }).warnings).toEqual(["user dropped: Gemini has no counterpart"]);
  });

  test("may come as OpenAI's tokens", () => {
    expect(sent({ input: [15339, 1917] }).body).toEqual(content("hello world"));
    expect(sent({ input: [[15339], [1917]] }).body).toEqual({
      requests: [content("hello"), content(" world")],
    });
    expect(() => sent({ input: [-1] })).toThrow("input: -1 is no token of cl100k_base");
  });
});

describe("vectors of Gemini's", () => {
  const one = { embedding: { values: [0.5, 0.25] } };
  const two = { embeddings: [{ values: [0.5, 0.25] }, { values: [1, 2] }] };

  test("are composed in OpenAI's form", () => {
    const decoded = decode(two, { input: ["a", "b"] });
    if (hasFixtures && decoded.ok) expectWellFormed("CreateEmbeddingResponse", decoded.body);
    expect(decoded).toMatchObject({
      ok: true,
      body: {
        object: "list",
        data: [
          { object: "embedding", index: 0, embedding: [0.5, 0.25] },
          { object: "embedding", index: 1, embedding: [1, 2] },
        ],
        model,
        usage: { prompt_tokens: 0, total_tokens: 0 },
      },
      usage: { prompt: null, total: null },
    });
  });

  test("are in base64 where that was asked for", () => {
    const decoded = decode(one, { input: "a", encoding_format: "base64" });
    expect(decoded).toMatchObject({ body: { data: [{ embedding: toBase64([0.5, 0.25]) }] } });
  });

  test("are counted where Gemini counts", () => {
    const decoded = decode({ ...one, usageMetadata: { promptTokenCount: 4 } }, { input: "a" });
    expect(decoded).toMatchObject({
      body: { usage: { prompt_tokens: 4, total_tokens: 4 } },
      usage: { prompt: 4, completion: 0, total: 4 },
    });
  });

  test.each<[string, unknown, unknown]>([
    ["no object", null, "a"],
    ["nothing", {}, "a"],
    ["no values", { embedding: { values: [] } }, "a"],
    ["values that are no numbers", { embedding: { values: ["a"] } }, "a"],
    ["fewer than the texts", two, ["a", "b", "c"]],
  ])("are not %s", (_, body, input) => {
    expect(decode(body, { input })).toMatchObject({ ok: false, failure: { kind: "malformed" } });
  });

  test("may be an error", () => {
    const body = { error: { code: 429, status: "RESOURCE_EXHAUSTED", message: "m" } };
    expect(decode(body)).toMatchObject({ ok: false, failure: { kind: "rate_limited" } });
  });
});
