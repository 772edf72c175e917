import { describe, expect, test } from "bun:test";
import type { Params } from "../../../src/domain/snapshot.ts";
import { asked, encode, question } from "./encode.ts";

const config = (params: Params, model?: string) => asked(params, model).body["generationConfig"];

describe("a request to Gemini", () => {
  test.each([
    ["gemini-2.5-flash", "/models/gemini-2.5-flash:generateContent"],
    ["models/gemini-2.5-flash", "/models/gemini-2.5-flash:generateContent"],
    ["tunedModels/mine-1", "/tunedModels/mine-1:generateContent"],
    ["../../files", "/models/..%2F..%2Ffiles:generateContent"],
    ["models/../x?key=1#a", "/models/..%2Fx%3Fkey%3D1%23a:generateContent"],
    ["..", "/models/..:generateContent"],
  ])("for %s goes to %s, and nowhere else", (model, path) => {
    expect(encode({ messages: question }, model).path).toBe(path);
    const base = "https://example.com/v1beta";
    expect(new URL(base + path).href).toBe(base + path);
  });

  test("has nothing in it that was not asked for", () => {
    expect(asked({ stream_options: { include_usage: true }, stream: false, n: 1, user: null }).body).toEqual({
      contents: [{ role: "user", parts: [{ text: "hi" }] }],
    });
  });

  test.each<[Params, object]>([
    [{ temperature: 0 }, { temperature: 0 }],
    [{ top_p: 0.5 }, { topP: 0.5 }],
    [{ top_k: 5 }, { topK: 5 }],
    [{ max_tokens: 7 }, { maxOutputTokens: 7 }],
    [{ max_tokens: 7, max_completion_tokens: 8 }, { maxOutputTokens: 8 }],
    [{ stop: "a" }, { stopSequences: ["a"] }],
    [{ stop: ["a", "", "b"] }, { stopSequences: ["a", "b"] }],
    [{ n: 3 }, { candidateCount: 3 }],
    [{ seed: 7 }, { seed: 7 }],
    [
      { presence_penalty: 0.5, frequency_penalty: -1 },
      { presencePenalty: 0.5, frequencyPenalty: -1 },
    ],
    [
      { logprobs: true, top_logprobs: 4 },
      { responseLogprobs: true, logprobs: 4 },
    ],
    [{ logprobs: true }, { responseLogprobs: true }],
    [{ modalities: ["text", "image"] }, { responseModalities: ["TEXT", "IMAGE"] }],
    [{ response_format: { type: "json_object" } }, { responseMimeType: "application/json" }],
    [
      {
        response_format: {
          type: "json_schema",
          json_schema: { name: "a", schema: { type: "string" }, strict: true },
        },
      },
      { responseMimeType: "application/json", responseSchema: { type: "string" } },
    ],
  ])("has %j by Gemini's name", (params, generationConfig) => {
    const { body, warnings } = asked(params);
    expect({ config: body["generationConfig"], warnings }).toEqual({
      config: generationConfig,
      warnings: [],
    });
  });

  test.each<[Params, object | undefined, string]>([
    [
      { stop: ["a", "b", "c", "d", "e", "f"] },
      { stopSequences: ["a", "b", "c", "d", "e"] },
      "stop[5] and later dropped: Gemini takes 5",
    ],
    [{ seed: 2 ** 31 }, undefined, "seed dropped: Gemini takes whole numbers of 32 bits"],
    [{ top_logprobs: 3 }, undefined, "top_logprobs dropped: logprobs is not asked for"],
    [
      { presence_penalty: 2 },
      { presencePenalty: 1.99 },
      "presence_penalty sent as 1.99: Gemini takes less than 2",
    ],
    [
      { response_format: { type: "grammar" } },
      undefined,
      "response_format dropped: Gemini knows text, json_object and json_schema",
    ],
    ...["logit_bias", "user", "store", "metadata", "prediction", "service_tier", "audio", "verbosity"].map(
      (name): [Params, undefined, string] => [
        { [name]: "x" },
        undefined,
        `${name} dropped: Gemini has no counterpart`,
      ],
    ),
    [{ functions: [{ name: "f" }] }, undefined, "functions dropped: Gemini is reached by tools only"],
    [{ whatever: 1 }, undefined, "whatever dropped: Gemini has no counterpart"],
  ])("is changed, and says so: %j", (params, generationConfig, warning) => {
    const { body, warnings } = asked(params);
    expect({ config: body["generationConfig"], warnings }).toEqual({
      config: generationConfig,
      warnings: [warning],
    });
    const known = new Set(["contents", "generationConfig"]);
    expect(Object.keys(body).filter((name) => !known.has(name))).toEqual([]);
  });

  test.each<Params>([
    { presence_penalty: 0, frequency_penalty: 0 },
    { modalities: ["text"] },
    { response_format: { type: "text" } },
    { logprobs: false, top_logprobs: 0, parallel_tool_calls: true, store: false },
    { top_k: -1 },
    { stop: [] },
  ])("says nothing of what is so anyway: %j", (params) => {
    const { body, warnings } = asked(params);
    expect({ fields: Object.keys(body), warnings }).toEqual({ fields: ["contents"], warnings: [] });
  });

  test("is held to JSON beside functions only where the model can be", () => {
    const tools = [{ type: "function", function: { name: "f" } }];
    const params = { tools, response_format: { type: "json_object" } };
    expect(asked(params, "gemini-2.5-pro")).toMatchObject({
      body: { tools: [{ functionDeclarations: [{ name: "f" }] }] },
      warnings: ["response_format dropped: this model takes no format beside functions"],
    });
    expect(config(params, "gemini-2.5-pro")).toBeUndefined();
    expect(config(params, "gemini-3-pro-preview")).toEqual({ responseMimeType: "application/json" });
  });
});

describe("what Gemini knows by names of its own", () => {
  const safety = [{ category: "HARM_CATEGORY_HARASSMENT", threshold: "BLOCK_NONE" }];

  test.each<[string, Params]>([
    ["among OpenAI's fields", { safety_settings: safety, cachedContent: "c", labels: { a: "b" } }],
    ["in google", { google: { safetySettings: safety, cached_content: "c", labels: { a: "b" } } }],
    ["in extra_body", { extra_body: { safety_settings: safety, cached_content: "c", labels: { a: "b" } } }],
    [
      "in extra_body.google",
      { extra_body: { google: { safety_settings: safety, cached_content: "c", labels: { a: "b" } } } },
    ],
  ])("is taken %s", (_, params) => {
    const { body, warnings } = asked(params);
    const { contents: _contents, ...rest } = body;
    expect({ rest, warnings }).toEqual({
      rest: { safetySettings: safety, cachedContent: "c", labels: { a: "b" } },
      warnings: [],
    });
  });

  test("is merged over what OpenAI's fields mean", () => {
    const params = {
      temperature: 1,
      max_tokens: 5,
      media_resolution: "MEDIA_RESOLUTION_LOW",
      generation_config: { temperature: 0.5, top_k: 3 },
      tool_config: { retrieval_config: { languageCode: "de" } },
      tools: [{ type: "function", function: { name: "f" } }, { google_search: {} }],
      tool_choice: "auto",
      google: { tools: [{ code_execution: {} }], newer_field: { a_b: 1 } },
    };
    expect(asked(params).body).toEqual({
      contents: [{ role: "user", parts: [{ text: "hi" }] }],
      generationConfig: {
        temperature: 0.5,
        maxOutputTokens: 5,
        topK: 3,
        mediaResolution: "MEDIA_RESOLUTION_LOW",
      },
      tools: [{ functionDeclarations: [{ name: "f" }] }, { google_search: {} }, { code_execution: {} }],
      toolConfig: { functionCallingConfig: { mode: "AUTO" }, retrievalConfig: { languageCode: "de" } },
      newerField: { a_b: 1 },
    });
  });

  test("is named where it is not known", () => {
    const { warnings } = asked({ extra_body: { foo: 1, "secret prompt text": 2 } });
    expect(warnings).toEqual([
      "extra_body.foo dropped: Gemini has no such field",
      "extra_body.another field dropped: Gemini has no such field",
    ]);
  });
});

describe("reasoning_effort", () => {
  const budget = (thinkingBudget: number) => ({ thinkingBudget, includeThoughts: true });
  const level = (thinkingLevel: string) => ({ thinkingLevel, includeThoughts: true });
  const sent = (how: string, why: string) => [`reasoning_effort sent as ${how}: ${why}`];

  test.each<[string, string, object | null, readonly string[]]>([
    ["gemini-2.5-flash", "none", { thinkingBudget: 0 }, []],
    ["gemini-2.5-flash", "minimal", budget(1_024), []],
    ["gemini-2.5-flash-lite", "low", budget(1_024), []],
    ["gemini-2.5-pro", "medium", budget(8_192), []],
    ["gemini-2.5-pro", "high", budget(24_576), []],
    ["gemini-2.5-pro", "xhigh", budget(24_576), sent("high", "Gemini knows no more")],
    ["gemini-2.5-pro", "none", { thinkingBudget: 128 }, sent("128 tokens", "this model always thinks")],
    ["gemini-3-flash-preview", "minimal", level("minimal"), []],
    ["gemini-3.5-flash", "medium", level("medium"), []],
    ["gemini-flash-latest", "high", level("high"), []],
    [
      "gemini-3-flash-preview",
      "none",
      { thinkingLevel: "minimal" },
      sent("minimal", "this model always thinks"),
    ],
    ["gemini-3-pro-preview", "medium", level("high"), sent("high", "this model knows no such level")],
    ["gemini-3.1-pro-preview", "medium", level("medium"), []],
    ["gemini-3.1-pro-preview", "minimal", level("low"), sent("low", "this model knows no such level")],
    ["gemini-3.1-pro-preview", "none", { thinkingLevel: "low" }, sent("low", "this model always thinks")],
    [
      "gemini-2.0-flash",
      "low",
      null,
      ["reasoning_effort dropped: this model cannot be told how much to think"],
    ],
    [
      "gemini-2.5-flash-image",
      "low",
      null,
      ["reasoning_effort dropped: this model cannot be told how much to think"],
    ],
    ["gemini-2.0-flash", "none", null, []],
    [
      "gemini-2.5-flash",
      "some",
      null,
      ["reasoning_effort dropped: Gemini knows none, minimal, low, medium and high"],
    ],
  ])("of %s: %s", (model, effort, thinkingConfig, warnings) => {
    const encoded = asked({ reasoning_effort: effort }, model);
    expect(encoded.body["generationConfig"]).toEqual(
      thinkingConfig === null ? undefined : { thinkingConfig },
    );
    expect(encoded.warnings).toEqual(warnings);
  });

  test("gives way to what a client says in Gemini's own words", () => {
    const params = {
      reasoning_effort: "high",
      extra_body: { google: { thinking_config: { thinking_budget: 5 } } },
    };
    expect(asked(params)).toMatchObject({
      body: { generationConfig: { thinkingConfig: { thinkingBudget: 5 } } },
      warnings: ["reasoning_effort dropped: thinking_config says how much to think"],
    });
    const quiet = { reasoning_effort: "high", thinking_config: { include_thoughts: false } };
    expect(config(quiet)).toEqual({ thinkingConfig: { thinkingBudget: 24_576, includeThoughts: false } });
  });
});
