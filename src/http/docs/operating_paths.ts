import { byAdmin, type Fields, failing, json, ok, operation, query, ref } from "./words.ts";

const refusedToAnyone = failing("invalid_api_key", "role_not_allowed");

const text = { type: "string" };
const rule = "key web rpm routes.yaml:31:15";
const attempt = {
  ...{ provider: "openai", upstream: "gpt-4o", served_model: "chat", outcome: "overloaded", status: 503 },
  ...{ start_ms: 0.4, duration_ms: 212, ttft_ms: null, retry_after_ms: null, cost_usd: null },
  tokens: { prompt: null, completion: null, total: null },
};

/** What is wrong, and what people do about it. */
export const operatingPaths: Fields = {
  "/admin/api/errors": {
    get: operation(
      "Admin",
      "The latest errors",
      "Failed and refused requests, the newest first, each with its attempts; and how many there are by rule and by provider. It looks at no more than 100 000 requests at once: `looked_back_to` says how far that was, and `next` is the `before` that goes on from there.",
      {
        ...byAdmin,
        parameters: [
          query("hours", "How far back; or from and to.", { type: "number", minimum: 0 }, 24),
          query("from", "Since this time.", { type: "string", format: "date-time" }),
          query("to", "Until this time.", { type: "string", format: "date-time" }),
          query("model", "Only this public model, or a name that is none.", text, "chat"),
          query("provider", "Only where an attempt at this provider failed.", text),
          query("key", "Only this key.", text),
          query("code", "Only this code.", text, "rate_limit_exceeded"),
          query("rule", "Only rules that begin so.", text),
          query("generation", "Only this generation.", { type: "integer" }),
          query("outcome", "Only this outcome.", { type: "string", enum: ["error", "refused"] }),
          query("limit", "At most so many.", { type: "integer", minimum: 1, maximum: 200 }, 50),
          query("before", "Only what came before: a time, or what `next` said.", text),
        ],
        responses: {
          ...ok("As it is now.", ref("Any"), {
            ...{ from: "2027-01-30T12:00:00.000Z", to: "2027-01-31T12:00:00.000Z" },
            ...{ looked_back_to: "2027-01-30T12:00:00.000Z", complete: true, found: 12 },
            by_rule: [{ code: "rate_limit_exceeded", rule, requests: 9 }],
            by_provider: [{ provider: "openai", requests: 3 }],
            errors: [
              {
                ...{ request_id: "req-0b8e", at: "2027-01-31T11:59:58.120Z", outcome: "error", status: 502 },
                ...{ code: "upstream_error", rule: null, asked: "gpt-4", model: "chat", key: "web" },
                ...{ generation: 41, duration_ms: 214, attempts: [attempt] },
              },
            ],
            next: null,
          }),
          ...failing("invalid_request", "internal_error"),
          ...refusedToAnyone,
        },
      },
    ),
  },
  "/admin/api/reset": {
    post: operation(
      "Admin",
      "Reset a limit or a circuit",
      "`kind: limit` forgets what counts against one limit or budget, named as `/admin/api/limits` names it; `kind: circuit` closes the circuit of a provider's `model`. Requests under way go on, and what they take is not counted any more. `concurrency` is what is under way, and cannot be reset. Recorded with who and why.",
      {
        ...byAdmin,
        requestBody: {
          required: true,
          ...json(ref("Any"), {
            ...{ kind: "limit", scope: "key", name: "web", limit: "tpm" },
            reason: "a runaway job was stopped",
          }),
        },
        responses: {
          ...ok("Done.", ref("Any"), { message: "The tokens per minute of key web count from zero again." }),
          ...failing("invalid_request", "refused_by_state"),
          ...refusedToAnyone,
        },
      },
    ),
  },
};
