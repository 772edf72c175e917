import { describe, expect, test } from "bun:test";
import { answer, call, candidate, failureOf, part, read, readOne } from "./decode.ts";

const said = (parts: readonly object[], reason = "STOP", more: object = {}) =>
  readOne(answer([candidate(parts, reason, more)]));

describe("an answer of Gemini's", () => {
  test("is composed whole, by the id and the model that it names", () => {
    expect(read(answer([candidate([part("a"), part("b")], "STOP")])).body).toEqual({
      id: "r1",
      object: "chat.completion",
      created: 1_767_225_600,
      model: "gemini-x",
      choices: [
        {
          index: 0,
          message: { role: "assistant", content: "ab", refusal: null },
          logprobs: null,
          finish_reason: "stop",
        },
      ],
    } as never);
  });

  test("keeps thoughts out of the content", () => {
    const { message } = said([part("hm, ", { thought: true }), part("well", { thought: true }), part("yes")]);
    expect(message).toMatchObject({ content: "yes", reasoning_content: "hm, well" });
  });

  test("calls by the ids that Gemini gave, or by unique ones that stay the same", () => {
    const parts = [call("f", { a: 1 }), { functionCall: { id: "own", name: "g" } }, call("f", { a: 1 })];
    const { message, finish_reason: finish } = said(parts);
    const calls = message["tool_calls"] as readonly { id: string }[];
    expect(finish).toBe("tool_calls");
    expect(message["content"]).toBeNull();
    expect(calls).toMatchObject([
      { type: "function", function: { name: "f", arguments: '{"a":1}' } },
      { id: "own", type: "function", function: { name: "g", arguments: "{}" } },
      { type: "function", function: { name: "f", arguments: '{"a":1}' } },
    ]);
    const ids = calls.map(({ id }) => id);
    expect(new Set(ids).size).toBe(3);
    expect((said(parts).message["tool_calls"] as readonly { id: string }[]).map(({ id }) => id)).toEqual(ids);
    const later = readOne({ ...answer([candidate(parts, "STOP")]), responseId: "r2" });
    expect(later.message["tool_calls"]).not.toMatchObject([{ id: ids[0] }]);
  });

  test("bears thought signatures where Google's own OpenAI-compatible endpoint has them", () => {
    const { message } = said([
      part("a", { thoughtSignature: "s1" }),
      call("f", {}, { thoughtSignature: "s2" }),
      call("g", {}),
    ]);
    const bearing = (signature: string) => ({ google: { thought_signature: signature } });
    expect(message["extra_content"]).toEqual(bearing("s1"));
    expect(
      (message["tool_calls"] as readonly object[]).map((each) =>
        "extra_content" in each ? each.extra_content : null,
      ),
    ).toEqual([bearing("s2"), null]);
  });

  test("has pictures and sound beside the content", () => {
    const inline = (mimeType: string) => ({ inlineData: { mimeType, data: "QUJD" } });
    const { message } = said([part("look"), inline("image/png"), inline("audio/L16;rate=24000")]);
    expect(message).toMatchObject({
      content: "look",
      images: [{ type: "image_url", image_url: { url: "data:image/png;base64,QUJD" } }],
      audio: { data: "QUJD", transcript: "", expires_at: 0 },
    });
    expect(said([inline("image/png")]).message["content"]).toBeNull();
  });

  test("shows code that Gemini ran as text, and never as a call", () => {
    const { message, finish_reason: finish } = said([
      { executableCode: { language: "PYTHON", code: "print(1)\n" } },
      { codeExecutionResult: { outcome: "OUTCOME_OK", output: "1\n" } },
      part("It is 1."),
    ]);
    expect(finish).toBe("stop");
    expect(message).toEqual({
      role: "assistant",
      content: "\n```python\nprint(1)\n```\n\n```\n1\n```\nIt is 1.",
      refusal: null,
    });
  });

  test("cites pages at the words that rest on them, counted in characters", () => {
    const web = (uri: string, title?: string) => ({ web: { uri, title } });
    const groundingMetadata = {
      groundingChunks: [web("https://a.example/", "A"), web("https://b.example/")],
      groundingSupports: [
        { segment: { startIndex: 6, endIndex: 9, text: "two" }, groundingChunkIndices: [0, 1] },
        { segment: { startIndex: 99, endIndex: 102, text: "one" }, groundingChunkIndices: [1, 7] },
      ],
    };
    const { message } = said([part("Ü one"), part(" two")], "STOP", { groundingMetadata });
    const citation = (start: number, end: number, url: string, title: string) => ({
      type: "url_citation",
      url_citation: { start_index: start, end_index: end, url, title },
    });
    expect(message["annotations"]).toEqual([
      citation(6, 9, "https://a.example/", "A"),
      citation(6, 9, "https://b.example/", "https://b.example/"),
      citation(2, 5, "https://b.example/", "https://b.example/"),
    ]);
    const bare = said([part("abc")], "STOP", {
      groundingMetadata: { groundingChunks: [web("https://a.example/", "A")] },
    });
    expect(bare.message["annotations"]).toEqual([citation(0, 3, "https://a.example/", "A")]);
    const citationMetadata = { citationSources: [{ startIndex: 1, endIndex: 2, uri: "https://c.example/" }] };
    expect(said([part("abc")], "STOP", { citationMetadata }).message["annotations"]).toEqual([
      citation(1, 2, "https://c.example/", "https://c.example/"),
    ]);
  });

  test("has log probabilities in OpenAI's form", () => {
    const token = (text: string, logProbability: number) => ({ token: text, tokenId: 1, logProbability });
    const logprobsResult = {
      chosenCandidates: [token("é", -0.5), token("b", -1)],
      topCandidates: [{ candidates: [token("é", -0.5), token("e", -2)] }],
    };
    const shown = (text: string, logprob: number, ...bytes: readonly number[]) => ({
      token: text,
      logprob,
      bytes,
    });
    expect(said([part("éb")], "STOP", { logprobsResult }).logprobs).toEqual({
      content: [
        {
          ...shown("é", -0.5, 0xc3, 0xa9),
          top_logprobs: [shown("é", -0.5, 0xc3, 0xa9), shown("e", -2, 0x65)],
        },
        { ...shown("b", -1, 0x62), top_logprobs: [] },
      ],
      refusal: null,
    });
  });

  test("has its candidates in their order", () => {
    const { choices } = read(
      answer([candidate([part("b")], "MAX_TOKENS", { index: 1 }), candidate([part("a")], "STOP")]),
    ).body;
    expect(
      choices.map(({ index, message, finish_reason: finish }) => [index, message["content"], finish]),
    ).toEqual([
      [0, "a", "stop"],
      [1, "b", "length"],
    ]);
  });

  test("may come in pieces, as a list", () => {
    const pieces = [
      answer([candidate([part("hm", { thought: true })])], { usageMetadata: { promptTokenCount: 3 } }),
      answer([candidate([part("a")])]),
      answer([candidate([call("f", {})], "STOP")], {
        usageMetadata: { promptTokenCount: 3, candidatesTokenCount: 2, totalTokenCount: 5 },
      }),
    ];
    const { body, usage } = read(pieces);
    expect(body.choices[0]).toMatchObject({
      message: { content: "a", reasoning_content: "hm", tool_calls: [{ function: { name: "f" } }] },
      finish_reason: "tool_calls",
    });
    expect(usage).toMatchObject({ prompt: 3, completion: 2, total: 5 });
  });
});

describe("the end of an answer", () => {
  const blocks = [
    "SAFETY",
    "RECITATION",
    "LANGUAGE",
    "BLOCKLIST",
    "PROHIBITED_CONTENT",
    "SPII",
    "MODEL_ARMOR",
    "IMAGE_SAFETY",
  ];

  test.each<[string, string]>([
    ["STOP", "stop"],
    ["MAX_TOKENS", "length"],
    ...blocks.map((reason): [string, string] => [reason, "content_filter"]),
    ["OTHER", "content_filter"],
    ["MALFORMED_FUNCTION_CALL", "stop"],
    ["UNEXPECTED_TOOL_CALL", "stop"],
    ["SOMETHING_NEW", "stop"],
  ])("after words, %s is %s", (reason, finish) => {
    expect(said([part("a")], reason).finish_reason).toBe(finish);
  });

  test.each([
    ["STOP", "tool_calls"],
    ["UNEXPECTED_TOOL_CALL", "tool_calls"],
    ["MAX_TOKENS", "length"],
    ["SAFETY", "content_filter"],
  ])("after a call, %s is %s", (reason, finish) => {
    expect(said([call("f", {})], reason).finish_reason).toBe(finish);
  });

  test.each<[string, string, string | null]>([
    ...blocks.map((reason): [string, string, string] => [reason, "content_policy", "content_filter"]),
    ["OTHER", "server", "OTHER"],
    ["SOMETHING_NEW", "server", "SOMETHING_NEW"],
    ["MALFORMED_FUNCTION_CALL", "malformed", "MALFORMED_FUNCTION_CALL"],
  ])("without a word, %s is a failure of kind %s", (reason, kind, code) => {
    const body = answer([{ finishReason: reason, finishMessage: "why" }]);
    expect(failureOf(body)).toMatchObject({
      kind,
      code,
      status: null,
      message: `the model ended its answer with ${reason}, before it said anything (why)`,
    });
  });

  test.each(["STOP", "MAX_TOKENS"])("without a word, %s is an empty answer", (reason) => {
    expect(readOne(answer([{ finishReason: reason }])).message["content"]).toBe("");
  });

  test("of one candidate of several leaves the others their say", () => {
    const { choices } = read(
      answer([{ finishReason: "SAFETY", index: 0 }, candidate([part("a")], "STOP", { index: 1 })]),
    ).body;
    expect(choices.map(({ finish_reason: finish }) => finish)).toEqual(["content_filter", "stop"]);
  });

  test("is known of a refused prompt", () => {
    const body = { promptFeedback: { blockReason: "PROHIBITED_CONTENT", blockReasonMessage: "no" } };
    expect(failureOf(body)).toMatchObject({
      kind: "content_policy",
      code: "content_filter",
      message: "the prompt was blocked: PROHIBITED_CONTENT (no)",
    });
  });
});

describe("what is no answer of Gemini's", () => {
  test.each<[string, unknown, string]>([
    ["null", null, "malformed"],
    ["a text", "hi", "malformed"],
    ["an empty list", [], "malformed"],
    ["a list of texts", ["a"], "malformed"],
    ["no candidates", { usageMetadata: { promptTokenCount: 1 } }, "malformed"],
    ["candidates that are none", { candidates: "x" }, "malformed"],
    ["a candidate of nothing", { candidates: [{}] }, "malformed"],
    ["an error", { error: { code: 503, status: "UNAVAILABLE", message: "m" } }, "overloaded"],
    [
      "an error in a list",
      [{ error: { code: 429, status: "RESOURCE_EXHAUSTED", message: "m" } }],
      "rate_limited",
    ],
  ])("is %s", (_, body, kind) => {
    expect(failureOf(body)).toMatchObject({ kind, status: null });
  });
});

describe("tokens of Gemini's", () => {
  const usageOf = (usageMetadata: object) =>
    read(answer([candidate([part("a")], "STOP")], { usageMetadata }));

  test("count thoughts and what tools read as OpenAI does", () => {
    const { usage, body } = usageOf({
      promptTokenCount: 100,
      toolUsePromptTokenCount: 10,
      cachedContentTokenCount: 60,
      candidatesTokenCount: 5,
      thoughtsTokenCount: 20,
      totalTokenCount: 135,
    });
    expect(usage).toEqual({
      prompt: 110,
      completion: 25,
      total: 135,
      cached: 60,
      cacheWrite: null,
      reasoning: 20,
    });
    expect(body.usage).toEqual({
      prompt_tokens: 110,
      completion_tokens: 25,
      total_tokens: 135,
      prompt_tokens_details: { cached_tokens: 60 },
      completion_tokens_details: { reasoning_tokens: 20 },
    });
  });

  test.each<[object, object, unknown]>([
    [
      { promptTokenCount: 8, totalTokenCount: 8 },
      { prompt: 8, completion: 0, total: 8, reasoning: null },
      { prompt_tokens: 8, completion_tokens: 0, total_tokens: 8 },
    ],
    [
      { candidatesTokenCount: 5 },
      { prompt: null, completion: 5, total: null },
      { prompt_tokens: 0, completion_tokens: 5, total_tokens: 5 },
    ],
    [{ trafficType: "ON_DEMAND" }, { prompt: null, completion: null, total: null }, undefined],
    [{ promptTokenCount: -1, candidatesTokenCount: "5" }, { prompt: null, completion: null }, undefined],
  ])("of %j are known as far as they were told", (metadata, usage, shown) => {
    const told = usageOf(metadata);
    expect(told.usage).toMatchObject(usage);
    expect(told.body.usage).toEqual(shown);
  });
});
