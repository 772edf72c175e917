import { describe, expect, test } from "bun:test";
import { errorBody, maxMessageLength, parseError, readError, streamError } from "../../src/openai/error.ts";

describe("reading a provider's error", () => {
  test.each([
    [
      "OpenAI's own",
      '{"error":{"message":"m","type":"t","param":"p","code":"c"}}',
      { message: "m", type: "t", param: "p", code: "c" },
    ],
    [
      "a numeric code, which may be a status",
      '{"error":{"message":"m","code":429}}',
      { message: "m", code: "429", status: 429 },
    ],
    ["a text", '{"error":"m"}', { message: "m" }],
    [
      "bare fields",
      '{"object":"error","message":"m","type":"BadRequestError","code":400}',
      { message: "m", type: "BadRequestError", code: "400", status: 400 },
    ],
    [
      "DashScope's",
      '{"code":"Throttling","message":"m","request_id":"r"}',
      { message: "m", code: "Throttling" },
    ],
    ["a detail", '{"detail":"m"}', { message: "m" }],
    [
      "a list of details",
      '{"detail":[{"type":"x","loc":["body","n"],"msg":"too big"},{"msg":"b"}]}',
      { message: "body.n: too big; b" },
    ],
    [
      "details inside the message",
      '{"message":{"detail":[{"loc":["body","user"],"msg":"no"}]},"type":"invalid_request_error"}',
      { message: "body.user: no", type: "invalid_request_error" },
    ],
    ["a list of errors", '{"errors":["a",{"message":"b"}]}', { message: "a; b" }],
    [
      "a list around it",
      '[{"error":{"message":"m","code":400,"status":"INVALID_ARGUMENT"}}]',
      { message: "m", code: "400", type: "INVALID_ARGUMENT", status: 400 },
    ],
    [
      "Azure's closer code",
      '{"error":{"message":"m","code":"content_filter","innererror":{"code":"ResponsibleAIPolicyViolation"}}}',
      { message: "m", code: "content_filter", innerCode: "ResponsibleAIPolicyViolation" },
    ],
    [
      "what the provider behind it said",
      '{"error":{"message":"Provider returned error","code":502,"metadata":{"raw":"boom"}}}',
      { message: "Provider returned error: boom", code: "502", status: 502 },
    ],
    [
      "a status apart",
      '{"error":{"message":"m","code":"tool_use_failed","status_code":400}}',
      { message: "m", code: "tool_use_failed", status: 400 },
    ],
    ["seconds to wait", '{"error":{"message":"m","retry_after":2.5}}', { message: "m", retryAfterMs: 2500 }],
    [
      "a page",
      "<html><head><title>502 Bad\n Gateway</title></head><body>x</body></html>",
      { message: "502 Bad Gateway" },
    ],
    ["a page without a title", "<h1>Sorry</h1><script>x()</script><p>Busy</p>", { message: "Sorry Busy" }],
    ["words", "upstream  connect\nerror", { message: "upstream connect error" }],
    ["JSON cut off", '{"error":{"message":"m', { message: '{"error":{"message":"m' }],
    ["nothing", "  ", { message: "" }],
    ["JSON that says nothing", "{}", { message: "" }],
    ["a number", "7", { message: "7" }],
  ])("of the shape: %s", (_name, text, said) => {
    expect(parseError(text)).toEqual({
      type: null,
      param: null,
      code: null,
      innerCode: null,
      status: null,
      retryAfterMs: null,
      ...said,
    });
  });

  test("keeps a thousand characters, whole ones", () => {
    const { message } = parseError("😀".repeat(2_000));
    expect(message.length).toBeLessThanOrEqual(maxMessageLength);
    expect(message.isWellFormed()).toBe(true);
    expect(message.endsWith("😀…")).toBe(true);
  });

  test.each([
    ["deeply nested words", () => `${'{"message":'.repeat(9_000)}"x"${"}".repeat(9_000)}`],
    ["lists of lists", () => "[".repeat(60_000) + "]".repeat(60_000)],
    ["an endless tag", () => "<".repeat(65_536)],
    ["endless scripts", () => "<script>".repeat(8_192)],
  ])("is quick to give up on %s", (_name, text) => {
    const started = performance.now();
    expect(typeof parseError(text()).message).toBe("string");
    expect(performance.now() - started).toBeLessThan(500);
  });

  test("takes a decoded value as well", () => {
    expect(readError({ error: { message: "m", code: null } })).toMatchObject({ message: "m", code: null });
    expect(readError(null).message).toBe("");
  });
});

describe("writing an error", () => {
  test("has OpenAI's four fields and no more", () => {
    const refusal = { status: 429, code: "c", type: "t", message: "m", param: null, rule: "secret rule" };
    expect(errorBody(refusal)).toEqual({ error: { message: "m", type: "t", code: "c", param: null } });
  });

  test.each([
    [
      { kind: "server", code: null, type: null },
      { code: "upstream_error", type: "api_error" },
    ],
    [
      { kind: "timeout", code: null, type: null },
      { code: "upstream_timeout", type: "api_error" },
    ],
    [
      { kind: "bad_request", code: "tool_use_failed", type: "invalid_request_error" },
      { code: "tool_use_failed", type: "invalid_request_error" },
    ],
  ])("in a stream, of %j", (failure, error) => {
    expect(streamError({ ...failure, message: "m", param: null })).toEqual({
      error: { message: "m", param: null, ...error },
    });
  });
});
