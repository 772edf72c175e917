import { describe, expect, test } from "bun:test";
import { Complaint } from "./strict/complaint.ts";
import { protocols, type StrictKind } from "./strict/protocols.ts";

/** Those with a protocol of their own. */
type Kind = Exclude<StrictKind, "request">;

/** What each protocol's read complains of; empty when it takes the request. */
function complaintOf(kind: Kind, { path, body, headers = {} }: Asking): string {
  const all = { "x-api-key": "k", "x-goog-api-key": "k", authorization: "Bearer k" };
  const usual = { ...all, "anthropic-version": "2023-06-01", "content-type": "application/json" };
  try {
    protocols[kind]().read({ path, headers: new Headers({ ...usual, ...headers }), body, at: 0 });
    return "";
  } catch (error) {
    if (error instanceof Complaint) return error.message;
    throw error;
  }
}

interface Asking {
  readonly path: string;
  readonly body: Record<string, unknown>;
  readonly headers?: Readonly<Record<string, string>>;
}

const paths = {
  openai: "/v1/chat/completions",
  mistral: "/v1/chat/completions",
  qwen: "/compatible-mode/v1/chat/completions",
  anthropic: "/v1/messages",
  gemini: "/v1beta/models/gemini-3-pro:generateContent",
} as const satisfies Record<Kind, string>;

const hi = { role: "user", content: "Hi" };
const call = (id: string) => ({ id, type: "function", function: { name: "look", arguments: "{}" } });
const calling = (id: string) => ({ role: "assistant", content: "", tool_calls: [call(id)] });
const result = (id: string) => ({ role: "tool", tool_call_id: id, content: "42" });
const use = (id: string) => ({ type: "tool_use", id, name: "look", input: {} });
const used = (...ids: readonly string[]) => ({ role: "assistant", content: ids.map(use) });
const given = (id: string) => ({ type: "tool_result", tool_use_id: id, content: "42" });
const says = (...content: readonly object[]) => ({ role: "user", content });
const text = (said: string) => ({ type: "text", text: said });
const contents = (...parts: readonly object[]) => [{ role: "user", parts }];
const functionCall = { functionCall: { name: "look", args: {} } };
const functionResponse = { functionResponse: { name: "look", response: { result: "42" } } };
const asks = { role: "user", parts: [{ text: "Hi" }] };
const tool = (parameters: object) => ({ tools: [{ functionDeclarations: [{ name: "look", parameters }] }] });
const thinking = { thinking: { type: "enabled", budget_tokens: 1024 }, max_tokens: 2000 };
const budget = (tokens: number) => ({ type: "enabled", budget_tokens: tokens });

/** A request that each takes. */
const good: Readonly<Record<Kind, Record<string, unknown>>> = {
  openai: { model: "gpt-4o", messages: [hi, calling("call_1"), result("call_1")] },
  mistral: { model: "mistral-large", messages: [hi, calling("abcdefgh1"), result("abcdefgh1")] },
  qwen: { model: "qwen-plus", messages: [hi, calling("call_1"), result("call_1")] },
  anthropic: {
    model: "claude-sonnet-4-5",
    max_tokens: 9,
    messages: [hi, used("a", "b"), says(given("b"), given("a"), text("!"))],
  },
  gemini: {
    contents: [
      asks,
      { role: "model", parts: [{ ...functionCall, thoughtSignature: "skip_thought_signature_validator" }] },
      { role: "user", parts: [functionResponse] },
    ],
  },
};

/** What each refuses: the fields that are wrong, and a word of what it says. */
const bad: readonly (readonly [Kind, object, string])[] = [
  ["openai", { thinking_blocks: [] }, "Unknown parameter: 'thinking_blocks'"],
  ["openai", { messages: [{ ...hi, cache_control: {} }] }, "Unknown parameter: 'messages[0].cache_control'"],
  [
    "openai",
    { messages: [hi, { ...calling("a"), reasoning_content: "" }, result("a")] },
    "reasoning_content",
  ],
  ["openai", { model: "gpt-5-mini", max_tokens: 5 }, "max_completion_tokens"],
  ["openai", { model: "o3", temperature: 0.5 }, "temperature"],
  ["openai", { messages: [hi, calling("a"), hi] }, "did not have response messages: a"],
  ["openai", { messages: [hi, result("a")] }, "preceeding message"],
  ["openai", { stream_options: { include_usage: true } }, "stream_options"],
  ["mistral", { seed: 1 }, "body.seed: Extra inputs are not permitted"],
  ["mistral", { messages: [{ ...hi, name: "ann" }] }, "body.messages.0.name"],
  ["mistral", { messages: [hi, calling("call_1"), result("call_1")] }, "a length of 9"],
  ["mistral", { messages: [hi, calling("abcdefgh1"), result("abcdefgh1"), hi] }, "Unexpected role 'user'"],
  ["mistral", { messages: [hi, calling("abcdefgh1"), result("abcdefgh2")] }, "Not the same number"],
  ["mistral", { messages: [hi, { role: "assistant", content: "Well" }] }, "Expected last role User or Tool"],
  ["mistral", { tool_choice: "any" }, "tools must be set"],
  ["qwen", { messages: [hi, calling("a")] }, "must be followed by tool messages"],
  ["qwen", { top_p: 0 }, "Range of top_p"],
  ["anthropic", { max_tokens: undefined }, "max_tokens: Field required"],
  ["anthropic", { max_tokens: 100_000 }, "maximum allowed number of output tokens"],
  ["anthropic", { seed: 1 }, "seed: Extra inputs are not permitted"],
  ["anthropic", { messages: [{ role: "assistant", content: "Hi" }, hi] }, "first message"],
  ["anthropic", { messages: [says({ ...text("Hi"), name: "ann" })] }, "Extra inputs are not permitted"],
  ["anthropic", { messages: [says(text(""))] }, "non-empty"],
  ["anthropic", { messages: [says(text(" \n"))] }, "non-whitespace"],
  ["anthropic", { messages: [hi, { role: "assistant", content: "Well, " }] }, "trailing whitespace"],
  ["anthropic", { messages: [hi, used("a", "b"), says(given("a"))] }, "immediately after: b"],
  ["anthropic", { messages: [hi, used("a"), says(text("!"), given("a"))] }, "immediately after: a"],
  ["anthropic", { messages: [hi, used("a"), says(given("a"), given("a"))] }, "single result"],
  ["anthropic", { messages: [says(given("a"))] }, "unexpected `tool_use_id`"],
  ["anthropic", { messages: [hi, used("a.b"), says(given("a.b"))] }, "should match pattern"],
  ["anthropic", { tool_choice: { type: "auto" } }, "while providing tools"],
  ["anthropic", { temperature: 1.5 }, "temperature"],
  ["anthropic", { temperature: 0.5, top_p: 0.5 }, "cannot both be specified"],
  ["anthropic", { model: "claude-opus-4-7", temperature: 0.5 }, "deprecated for this model"],
  ["anthropic", { ...thinking, thinking: budget(1000) }, "greater than or equal to 1024"],
  ["anthropic", { ...thinking, thinking: budget(2000) }, "greater than `thinking.budget_tokens`"],
  ["anthropic", { ...thinking, messages: [hi], temperature: 0.5 }, "may only be set to 1"],
  ["anthropic", { ...thinking, messages: [hi], top_p: 0.5 }, "`top_p`"],
  ["anthropic", { ...thinking, messages: [hi], top_k: 5 }, "`top_k`"],
  ["anthropic", thinking, "Expected `thinking` or `redacted_thinking`, but found `tool_use`"],
  [
    "anthropic",
    {
      messages: [
        hi,
        { role: "assistant", content: [{ type: "thinking", thinking: "Hm", signature: "x" }, use("a")] },
        says(given("a")),
      ],
    },
    "Invalid `signature`",
  ],
  ["anthropic", { stop_sequences: ["\n"] }, "non-whitespace"],
  [
    "anthropic",
    { output_config: { format: { type: "json_schema", schema: { type: "object" } } } },
    "additionalProperties",
  ],
  ["gemini", { contents: [] }, "contents is not specified"],
  ["gemini", { top_p: 1 }, "Unknown name"],
  ["gemini", { contents: [{ role: "assistant", parts: [{ text: "Hi" }] }] }, "Please use a valid role"],
  ["gemini", { contents: contents() }, "must not be empty"],
  ["gemini", { contents: contents({ thought: true }) }, "must have one initialized field"],
  ["gemini", { contents: contents({ text: "Hi", ...functionResponse }) }, "already set"],
  [
    "gemini",
    {
      contents: [
        asks,
        { role: "model", parts: [{ text: "Hi" }] },
        { role: "model", parts: [functionCall] },
        { role: "user", parts: [functionResponse] },
      ],
    },
    "function call turn comes immediately after",
  ],
  [
    "gemini",
    {
      contents: [
        asks,
        { role: "model", parts: [functionCall] },
        { role: "user", parts: [functionResponse, functionResponse] },
      ],
    },
    "number of function response parts",
  ],
  [
    "gemini",
    {
      contents: [asks, { role: "model", parts: [functionCall] }, { role: "user", parts: [functionResponse] }],
    },
    "missing a thought_signature",
  ],
  [
    "gemini",
    { contents: [asks, { role: "model", parts: [{ text: "Hi", thoughtSignature: "abcd" }] }, asks] },
    "not valid",
  ],
  ["gemini", { contents: contents({ functionResponse: { name: "look", response: "42" } }) }, "response"],
  [
    "gemini",
    tool({ type: "object", properties: {}, additionalProperties: false }),
    "Unknown name \"additionalProperties\" at 'tools[0].functionDeclarations[0].parameters'",
  ],
  [
    "gemini",
    tool({ type: "object", properties: { a: { type: "string", format: "uri" } } }),
    "only 'enum' and 'date-time'",
  ],
  ["gemini", tool({ type: "object", properties: { a: { type: ["string", "null"] } } }), "type"],
  ["gemini", tool({ type: "object", properties: {}, required: ["a"] }), "property is not defined"],
  ["gemini", tool({ type: "array" }), "items: missing field"],
  ["gemini", { generationConfig: { candidateCount: 9 } }, "candidateCount"],
  ["gemini", { generationConfig: { stopSequences: ["a", "b", "c", "d", "e", "f"] } }, "at most 5"],
  ["gemini", { generationConfig: { responseSchema: { type: "string" } } }, "response_mime_type"],
  ["gemini", { safetySettings: [{ category: "VIOLENCE", threshold: "OFF" }] }, "category"],
];

describe("the strict providers", () => {
  test.each(Object.keys(good) as readonly Kind[])("%s takes what is right", (kind) => {
    expect(complaintOf(kind, { path: paths[kind], body: good[kind] })).toBe("");
  });

  test.each(bad)("%s refuses %j", (kind, wrong, says) => {
    expect(complaintOf(kind, { path: paths[kind], body: { ...good[kind], ...wrong } })).toContain(says);
  });

  test.each([
    ["openai", { authorization: "" }, "API key"],
    ["mistral", { authorization: "k" }, "Unauthorized"],
    ["anthropic", { "x-api-key": "" }, "x-api-key"],
    ["anthropic", { "anthropic-version": "" }, "anthropic-version"],
    ["gemini", { "x-goog-api-key": "" }, "unregistered callers"],
  ] as const)("%s refuses the headers %j", (kind, headers, says) => {
    expect(complaintOf(kind, { path: paths[kind], body: good[kind], headers })).toContain(says);
  });

  test("gemini refuses a key in the address, and a stream that is no SSE", () => {
    const base = "/v1beta/models/gemini-3-pro";
    expect(complaintOf("gemini", { path: `${base}:generateContent?key=k`, body: good.gemini })).toContain(
      "key",
    );
    const path = `${base}:streamGenerateContent`;
    expect(complaintOf("gemini", { path, body: good.gemini })).toContain("JSON array");
  });
});
