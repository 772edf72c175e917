import { describe, expect, test } from "bun:test";
import { adapterOf } from "../../../src/providers/registry.ts";

const decode = (status: number, body: unknown) =>
  adapterOf("gemini")?.decodeError(
    status,
    typeof body === "string" ? body : JSON.stringify(body),
    new Headers(),
  );

const error = (code: number, status: string, message = "m", details: readonly object[] = []) => ({
  error: { code, status, message, details },
});
const reason = (name: string) => [{ "@type": "type.googleapis.com/google.rpc.ErrorInfo", reason: name }];

describe("an error of Google's", () => {
  test.each<[number, unknown, string]>([
    [400, error(400, "INVALID_ARGUMENT"), "bad_request"],
    [
      400,
      error(400, "FAILED_PRECONDITION", "User location is not supported for the API use."),
      "bad_request",
    ],
    [400, error(400, "INVALID_ARGUMENT", "API key not valid.", reason("API_KEY_INVALID")), "auth"],
    [
      400,
      error(400, "INVALID_ARGUMENT", "API key expired. Please renew the API key.", reason("API_KEY_INVALID")),
      "auth",
    ],
    [401, error(401, "UNAUTHENTICATED"), "auth"],
    [403, error(403, "PERMISSION_DENIED", "m", reason("SERVICE_DISABLED")), "auth"],
    [403, error(403, "PERMISSION_DENIED", "m", reason("BILLING_DISABLED")), "quota"],
    [404, error(404, "NOT_FOUND", "models/x is not found for API version v1beta"), "not_found"],
    [429, error(429, "RESOURCE_EXHAUSTED"), "rate_limited"],
    [
      429,
      error(
        429,
        "RESOURCE_EXHAUSTED",
        "You exceeded your current quota, please check your plan and billing details.",
      ),
      "rate_limited",
    ],
    [429, error(429, "RESOURCE_EXHAUSTED", "Your prepayment credits are depleted."), "quota"],
    [499, error(499, "CANCELLED"), "server"],
    [500, error(500, "INTERNAL"), "server"],
    [503, error(503, "UNAVAILABLE", "The model is overloaded. Please try again later."), "overloaded"],
    [504, error(504, "DEADLINE_EXCEEDED"), "timeout"],
    // A request that is too long, in the words of several years.
    [
      400,
      error(
        400,
        "INVALID_ARGUMENT",
        "The input token count (1250074) exceeds the maximum number of tokens allowed (1048576).",
      ),
      "context_window",
    ],
    [
      400,
      error(
        400,
        "INVALID_ARGUMENT",
        "Unable to submit request because the input token count is 40000 but the model only supports up to 32768.",
      ),
      "context_window",
    ],
    // Someone else's file says nothing against the key.
    [
      403,
      error(
        403,
        "PERMISSION_DENIED",
        "You do not have permission to access the File abc or it may not exist.",
      ),
      "bad_request",
    ],
    [403, error(403, "PERMISSION_DENIED", "CachedContent not found (or permission denied)"), "bad_request"],
    // As it comes from streams, from proxies, and cut off.
    [429, [error(429, "RESOURCE_EXHAUSTED")], "rate_limited"],
    [502, "<html><title>502 Bad Gateway</title></html>", "server"],
    [503, '{"error": {"code": 503, "mess', "overloaded"],
    [429, "", "rate_limited"],
    [500, "null", "server"],
  ])("of %d %j is %s", (status, body, kind) => {
    expect(decode(status, body)).toMatchObject({ kind, status });
  });

  test("keeps Google's words, code and status", () => {
    expect(decode(400, error(400, "INVALID_ARGUMENT", "bad"))).toEqual({
      kind: "bad_request",
      message: "bad",
      status: 400,
      code: "400",
      type: "INVALID_ARGUMENT",
      param: null,
      retryAfterMs: null,
      reached: true,
    });
    const quotas = "Quota exceeded.\n* Quota exceeded for metric: a\n* Quota exceeded for metric: b";
    expect(decode(429, error(429, "RESOURCE_EXHAUSTED", quotas))?.message).toBe(quotas);
  });

  test.each<[string, number | null]>([
    ["48s", 48_000],
    ["48.939935699s", 48_940],
    ["0.25s", 250],
    ["0s", 0],
    ["48", null],
    ["soon", null],
  ])("says in its details when to come back: %s", (retryDelay, retryAfterMs) => {
    const info = { "@type": "type.googleapis.com/google.rpc.RetryInfo", retryDelay };
    const details = [...reason("RATE_LIMIT_EXCEEDED"), info];
    expect(decode(429, error(429, "RESOURCE_EXHAUSTED", "m", details))?.retryAfterMs).toBe(retryAfterMs);
    expect(decode(503, error(503, "UNAVAILABLE", "m", [info]))?.retryAfterMs).toBe(retryAfterMs);
    expect(decode(400, error(400, "INVALID_ARGUMENT", "m", [info]))?.retryAfterMs).toBeNull();
  });

  test("says in its words when to come back, where its details do not", () => {
    expect(decode(429, error(429, "RESOURCE_EXHAUSTED", "Please retry in 48.5s."))?.retryAfterMs).toBe(
      48_500,
    );
  });
});
