import { byAdmin, type Fields, failing, json, ok, operation, query, ref } from "./words.ts";

const refusedToAnyone = failing("invalid_api_key", "role_not_allowed");

const look = (
  summary: string,
  description: string,
  example: object,
  parameters: readonly Fields[] = [],
): Fields => ({
  get: operation("Admin", summary, description, {
    ...byAdmin,
    ...(parameters.length === 0 ? {} : { parameters }),
    responses: { ...ok("As it is now.", ref("Any"), example), ...refusedToAnyone },
  }),
});

const act = (summary: string, description: string, asked: object, answered: object = done): Fields => ({
  post: operation("Admin", summary, description, {
    ...byAdmin,
    requestBody: { required: true, ...json(ref("Any"), asked) },
    responses: { ...ok("Done.", ref("Any"), answered), ...failing("invalid_request"), ...refusedToAnyone },
  }),
});

/** Long work: lines of JSON, the last of which is the result. */
const lines = (summary: string, description: string, asked: object, last: object): Fields => ({
  post: operation("Admin", summary, `${description} Told line by line; the last line is the result.`, {
    ...byAdmin,
    requestBody: { required: true, ...json(ref("Any"), asked) },
    responses: {
      200: {
        description: "How far the work is, then what came of it.",
        content: { "application/x-ndjson": { schema: ref("Any"), example: last } },
      },
      ...failing("invalid_request"),
      ...refusedToAnyone,
    },
  }),
});

const done = { message: "Generation 40 serves again; 41 is quarantined.", status: {} };

/** What people may see and do, and the hint of a forge; each is one operation. */
export const adminPaths: Fields = {
  "/hooks/git": {
    post: operation(
      "Admin",
      "Push webhook",
      "A hint to look at the repository now. Signed by the forge: `X-Hub-Signature-256` (GitHub, Gitea) or `X-Gitlab-Token`.",
      {
        requestBody: { required: true, ...json(ref("Any"), { ref: "refs/heads/main" }) },
        responses: {
          ...ok("Not given; the answer is 202.", ref("Any"), {}),
          202: { description: "Heard." },
          ...failing("invalid_api_key", "body_too_large"),
        },
      },
    ),
  },
  "/admin/api/config": look("The texts that serve", "The source files of the active generation.", {
    generation: 41,
    files: [],
  }),
  "/admin/api/schema": look(
    "The schemas of the files",
    "The JSON Schemas of the root file, of an included one and of the tests, for editors that complete and explain.",
    { root: { type: "object" }, included: { type: "object" }, tests: { type: "object" } },
  ),
  "/admin/api/explain": act(
    "Explain a decision",
    "One decision step by step, with the live state; nothing is sent and nothing is counted.",
    { model: "chat", tokens: 1_000 },
    {
      status: 200,
      provider: "openai",
      model: "chat",
      attempts: 1,
      steps: [{ text: "alias gpt-4 is chat", file: "routes.yaml", line: 72 }],
    },
  ),
  "/admin/api/routes": look(
    "The graph of routes",
    "Names, models, targets and fallbacks, with the condition of each provider, the circuit of each endpoint, and what people have disabled.",
    {
      generation: 41,
      aliases: [{ name: "gpt-4", to: "chat" }],
      models: [{ name: "chat", strategy: "priority", targets: [], fallbacks: { any: ["chat-eu"] } }],
      keys: ["web"],
      disabled: [{ kind: "target", name: "azure/gpt-4o", until: null, who: "boss", reason: "it lies" }],
      providers: [{ provider: "openai", healthy: true, circuit: "closed", reason: null, limits: [] }],
      endpoints: [{ provider: "openai", model: "gpt-4o", circuit: "closed", latency_ms: 212 }],
    },
  ),
  "/admin/api/limits": look(
    "What is left of every limit",
    "Each limit and budget of the file, what counts against it now, and when nothing will.",
    {
      limits: [
        { scope: "key", name: "web", limit: "rpm", unit: "requests", used: 12, of: 600, reset_ms: 41_000 },
      ],
    },
  ),
  "/admin/api/outages": look(
    "The matrix of outages",
    "Who answers for each model while one provider, or none, is down. Nobody is called.",
    {
      providers: ["openai", "azure"],
      cells: [
        {
          model: "chat",
          outage: "openai",
          answer: { provider: "azure", upstream: "gpt-4o", served: "chat", attempts: 2 },
          refusal: null,
        },
      ],
    },
    [query("model", "Only these models; may be given several times.", { type: "string" }, "chat")],
  ),
  "/admin/api/draft/check": lines(
    "Check an edit",
    "Diagnostics, the plan of the change, and how its tests go. Nothing is changed.",
    { files: [{ name: "routes.yaml", text: "version: 1\n" }], tests: null },
    { kind: "checked", diagnostics: [], plan: { has_changes: false }, tests: { passed: 4, failed: 0 } },
  ),
  "/admin/api/draft/replay": lines(
    "Replay traffic under an edit",
    "The recorded traffic of the time given, under what serves and under the edit. Nothing is changed.",
    { files: [{ name: "routes.yaml", text: "version: 1\n" }], since: "24h" },
    { kind: "replayed", report: { requests: 120_000, newly_refused: 0 }, gate: { kind: "passed" } },
  ),
  "/admin/api/checks": lines(
    "Check health",
    "One small real request to each endpoint of the models named, or of all that are listed. It may cost money.",
    { models: ["chat"] },
    { kind: "done", models: [{ model: "chat", verdict: "ok", targets: [] }] },
  ),
};
