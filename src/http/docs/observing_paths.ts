import { byAdmin, byKey, type Fields, failing, ok, operation, query, ref } from "./words.ts";

const none = { p50: null, p95: null, p99: null };
const used = {
  requests: 1_200,
  errors: 3,
  refused: 12,
  cancelled: 5,
  fallbacks: 40,
  unpriced: 0,
  tokens: { prompt: 96_000, cached: 12_000, completion: 31_000, reasoning: null, total: 127_000 },
  cost_usd: 0.41,
};
const tally = {
  ...used,
  success_rate: 0.997,
  latency_ms: { p50: 820, p95: 2_400, p99: 4_100 },
  ttft_ms: none,
};
const budget = {
  per: "month",
  spent_usd: 0.41,
  of_usd: 50,
  from: "2027-01-01T00:00:00Z",
  until: "2027-02-01T00:00:00Z",
};
const text = { type: "string" };
const filters = [
  query("model", "Only this public model.", text, "chat"),
  query("provider", "Only what this provider answered.", text),
  query("key", "Only this key.", text),
  query("team", "Only this team.", text),
  query("user", "Only this end user, as it is stored: hashed.", text),
  query("target", "Only what this target answered.", text, "openai/gpt-4o"),
  query("generation", "Only this generation.", { type: "integer" }),
  query("arm", "Only this arm of a canary.", { type: "string", enum: ["stable", "canary"] }),
  query("outcome", "Only this outcome.", { type: "string", enum: ["ok", "error", "refused", "cancelled"] }),
];

/** How the gateway is doing. */
export const observingPaths: Fields = {
  "/health": { get: health("Is it serving?") },
  "/v1/health": { get: health("The same as `/health`.") },
  "/metrics": {
    get: operation(
      "Health and metrics",
      "Now, and so far",
      "JSON; Prometheus text for `Accept: text/plain` or `application/openmetrics-text`. Needs a key of role viewer or admin where the file has keys.",
      {
        ...byKey,
        responses: {
          ...ok("The figures.", ref("Any"), { totals: tally, last_minute: tally, providers: [] }),
          ...failing("invalid_api_key", "role_not_allowed"),
        },
      },
    ),
  },
  "/metrics/models": {
    get: operation("Health and metrics", "By model", "", {
      ...byKey,
      parameters: [query("hours", "How far back.", { type: "number", minimum: 1 }, 24)],
      responses: {
        ...ok("One tally for each public model.", ref("Any"), {
          from: "2027-01-30T12:00:00Z",
          to: "2027-01-31T12:00:00Z",
          models: [{ model: "chat", providers: ["openai"], last_used: "2027-01-31T11:59:58Z", ...tally }],
        }),
        ...failing("invalid_request", "invalid_api_key", "role_not_allowed"),
      },
    }),
  },
  "/metrics/trends": {
    get: operation(
      "Health and metrics",
      "Over time",
      "Points of equal width; empty ones are there, and the last one is the current, partial one.",
      {
        ...byKey,
        parameters: [
          query("hours", "How far back from now.", { type: "number", minimum: 1 }, 24),
          query("from", "RFC 3339; instead of `hours`.", { type: "string", format: "date-time" }),
          query("to", "RFC 3339; default now.", { type: "string", format: "date-time" }),
          query(
            "bucket",
            "The width of a point.",
            { type: "string", enum: ["minute", "hour", "day", "auto"] },
            "hour",
          ),
          query("tz", "An IANA time zone, for points of a day or an hour; default UTC.", text),
          query(
            "group_by",
            "model, provider, target, key, team, user, generation, arm, outcome or a label; after 1,000 values comes `other`.",
            text,
          ),
          ...filters,
        ],
        responses: {
          ...ok("The points; with `group_by` one series for each value.", ref("Any"), {
            from: "2027-01-30T13:00:00Z",
            to: "2027-01-31T12:30:00Z",
            bucket: "hour",
            points: [{ start: "2027-01-30T13:00:00Z", ...tally }],
          }),
          ...failing("invalid_request", "invalid_api_key", "role_not_allowed"),
        },
      },
    ),
  },
  "/admin/api/usage": {
    get: operation(
      "Admin",
      "Who used what",
      "Requests, tokens and cost by key, team, user, label or anything that trends can be grouped by, the dearest first; with the budgets of keys and teams, which count what is under way.",
      {
        ...byAdmin,
        parameters: [
          query("by", "key, team, user, model, provider, target or a label.", text, "key"),
          query(
            "period",
            "The one that runs, in UTC.",
            { type: "string", enum: ["day", "week", "month"] },
            "month",
          ),
          query("from", "RFC 3339; with `to` instead of `period`.", { type: "string", format: "date-time" }),
          query("to", "RFC 3339; default now.", { type: "string", format: "date-time" }),
          query("hours", "How far back from now, instead of `period`.", { type: "number" }),
          ...filters,
        ],
        responses: {
          ...ok("After 1,000 values comes `other`.", ref("Any"), {
            from: "2027-01-01T00:00:00Z",
            to: "2027-01-31T12:00:00Z",
            by: "key",
            total: used,
            usage: [{ group: "web-app", ...used, budgets: [budget] }],
          }),
          ...failing("invalid_request", "invalid_api_key", "role_not_allowed"),
        },
      },
    ),
  },
};

function health(summary: string): Fields {
  const example = {
    status: "ok",
    generation: 41,
    digest: "a1f3…",
    degraded: null,
    uptime_s: 86_400,
    in_flight: 3,
    providers: [{ provider: "openai", healthy: true, circuit: "closed", reason: null }],
  };
  return operation("Health and metrics", summary, "Open to everyone, and names no secret.", {
    responses: {
      ...ok("Serving.", ref("Health"), example),
      503: { description: "Not serving: shutting down." },
    },
  });
}
