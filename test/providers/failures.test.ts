import { describe, expect, test } from "bun:test";
import { adapterOf } from "../../src/providers/registry.ts";

const decode = (kind: "openai" | "mistral" | "qwen", status: number, body: unknown) =>
  adapterOf(kind)?.decodeError(status, typeof body === "string" ? body : JSON.stringify(body), new Headers());

const error = (fields: object) => ({ error: { message: "m", ...fields } });

describe("a provider's error", () => {
  test.each([
    // By code, type or words.
    [400, error({ code: "context_length_exceeded" }), "context_window"],
    [400, error({ message: "This model's maximum context length is 8192 tokens." }), "context_window"],
    [413, error({ message: "prompt is too long: 210000 tokens > 200000 maximum" }), "context_window"],
    [400, error({ type: "exceed_context_size_error" }), "context_window"],
    [
      400,
      error({ message: "Invalid 'user': string too long. Expected at most 64, it is too long" }),
      "bad_request",
    ],
    [
      429,
      error({ message: "Request too large for gpt-4 on tokens per min: reduce the length of the messages" }),
      "rate_limited",
    ],
    [429, error({ message: "The prompt is too long for your tokens per minute" }), "rate_limited"],
    [500, error({ message: "The model `x` was not found in the cache" }), "server"],
    [
      413,
      error({ code: "rate_limit_exceeded", message: "Request too large for model, TPM: Limit 6000" }),
      "rate_limited",
    ],
    [
      400,
      error({ code: "content_filter", innererror: { code: "ResponsibleAIPolicyViolation" } }),
      "content_policy",
    ],
    [400, error({ code: "data_inspection_failed" }), "content_policy"],
    [400, error({ code: "DataInspectionFailed" }), "content_policy"],
    [
      403,
      error({ message: "The model requires moderation; your input was flagged for violence" }),
      "content_policy",
    ],
    [429, error({ code: "insufficient_quota" }), "quota"],
    [429, error({ type: "exceeded_current_quota_error" }), "quota"],
    [402, error({ message: "Insufficient Balance" }), "quota"],
    [400, error({ code: "Arrearage" }), "quota"],
    [400, error({ message: "Your credit balance is too low to access the API" }), "quota"],
    [400, error({ code: "model_not_found" }), "not_found"],
    [403, error({ code: "model_not_found" }), "not_found"],
    [400, error({ message: "The model `x` does not exist" }), "not_found"],
    [400, error({ message: "x is not a valid model ID" }), "not_found"],
    [400, error({ code: "invalid_api_key" }), "auth"],
    [500, error({ message: "The engine is currently overloaded" }), "overloaded"],
    [429, error({ type: "engine_overloaded_error" }), "overloaded"],
    // By status alone.
    [400, error({}), "bad_request"],
    [401, error({}), "auth"],
    [403, error({}), "auth"],
    [402, "", "quota"],
    [404, "<html><title>Not Found</title></html>", "not_found"],
    [408, "", "timeout"],
    [409, error({}), "bad_request"],
    [413, error({}), "bad_request"],
    [422, { detail: [{ loc: ["body", "n"], msg: "no" }] }, "bad_request"],
    [429, "slow down", "rate_limited"],
    [500, "", "server"],
    [502, "<html>", "server"],
    [503, "", "overloaded"],
    [504, "", "timeout"],
    [529, "", "overloaded"],
    [204, "", "malformed"],
    [302, "", "malformed"],
    // A status in the body is no match for the real one.
    [500, error({ code: 404 }), "server"],
  ] as const)("of %d %j is %s", (status, body, kind) => {
    expect(decode("openai", status, body)).toMatchObject({ kind, status });
  });

  test("of DashScope says insufficient_quota when it means a rate limit", () => {
    expect(decode("qwen", 429, error({ code: "insufficient_quota" }))?.kind).toBe("rate_limited");
    expect(decode("mistral", 429, error({ code: "insufficient_quota" }))?.kind).toBe("quota");
  });

  test.each([
    ["Please try again in 20ms.", 20],
    ["Please try again in 1.2s.", 1_200],
    ["Please try again in 6m0.5s.", 360_500],
    ["Please try again in 1h2m3s", 3_723_000],
    ["Please retry after 7 seconds.", 7_000],
    ["Please retry after 1 second.", 1_000],
    ["Please try again later.", null],
    ["Try again in a while", null],
  ])("may say when to come back: %s", (message, retryAfterMs) => {
    expect(decode("openai", 429, error({ message }))?.retryAfterMs).toBe(retryAfterMs);
    expect(decode("openai", 400, error({ message }))?.retryAfterMs).toBeNull();
  });

  test("keeps the provider's words, code, type and param", () => {
    expect(decode("openai", 400, { error: { message: "bad", code: 17, type: "t", param: "n" } })).toEqual({
      kind: "bad_request",
      message: "bad",
      status: 400,
      code: "17",
      type: "t",
      param: "n",
      retryAfterMs: null,
      reached: true,
    });
    expect(decode("openai", 500, "")?.message).toBe("the provider answered 500 without saying why");
  });
});
