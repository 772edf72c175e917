import { byKey, type Fields, failing, json, ok, operation, part, ref } from "./words.ts";

const messages = [{ role: "user", content: "Say hello." }];
const answer = {
  id: "chatcmpl-1",
  object: "chat.completion",
  created: 1_767_225_600,
  model: "gpt-4o",
  choices: [{ index: 0, message: { role: "assistant", content: "Hello." }, finish_reason: "stop" }],
  usage: { prompt_tokens: 9, completion_tokens: 2, total_tokens: 11 },
};

/** What an answer says of its way, in headers. */
const headers: Fields = Object.fromEntries(
  Object.entries({
    "x-request-id": "The client's own where it is a good one, else ours; it is in every log line.",
    "x-gateway-config": "`<generation>-<digest8>` of the configuration that served.",
    "x-gateway-provider": "Who answered.",
    "x-gateway-model": "The public model that answered.",
    "x-gateway-attempts": "After how many attempts.",
    "x-gateway-fallback": "The model asked for, where another one answered.",
    "x-gateway-warnings": "What was dropped or changed on the way.",
    "x-ratelimit-remaining-requests": "What is left of the tightest limit on requests.",
    "x-ratelimit-remaining-tokens": "The same for tokens.",
  }).map(([name, description]) => [name, { description, schema: { type: "string" } }]),
);

const anyFailure = failing(
  ...([
    "invalid_request",
    "invalid_api_key",
    "model_not_allowed",
    "model_not_found",
    "model_deprecated",
  ] as const),
  ...([
    "body_too_large",
    "rate_limit_exceeded",
    "upstream_error",
    "no_target_available",
    "upstream_timeout",
  ] as const),
);

const work = (
  summary: string,
  description: string,
  request: string,
  asked: object,
  answered: object,
): Fields => ({
  post: operation("OpenAI", summary, description, {
    ...byKey,
    requestBody: { required: true, ...json(ref(request), asked) },
    responses: {
      ...ok("The answer, or a stream of server-sent events.", ref("Answer"), answered, headers),
      ...anyFailure,
    },
  }),
});

const model = { id: "chat", object: "model", created: 1_767_225_600, owned_by: "switchyard" };

/** What applications call. */
export const clientPaths: Fields = {
  "/v1/chat/completions": work(
    "Chat",
    "OpenAI's chat completions, served by whichever target the configuration and the moment choose. An error before the first output fails over; after it the stream ends with an `error` event and without `[DONE]`.",
    "ChatRequest",
    { model: "chat", messages },
    answer,
  ),
  "/v1/completions": work(
    "Text completions",
    "Also for models whose provider knows chat alone.",
    "CompletionRequest",
    { model: "chat", prompt: "Once upon" },
    {
      ...answer,
      object: "text_completion",
      choices: [{ index: 0, text: " a time", finish_reason: "stop", logprobs: null }],
    },
  ),
  "/v1/embeddings": work(
    "Embeddings",
    "",
    "EmbeddingRequest",
    { model: "embed", input: "Hello" },
    {
      object: "list",
      model: "text-embedding-3-small",
      data: [{ object: "embedding", index: 0, embedding: [0.1, 0.2] }],
      usage: { prompt_tokens: 1, total_tokens: 1 },
    },
  ),
  "/v1/models": { get: listing("The names that the key may ask for.") },
  "/models": { get: listing("The same as `/v1/models`.") },
  "/v1/models/{id}": {
    get: operation("Models", "One model", "A name may hold slashes.", {
      ...byKey,
      parameters: [part("id", "A public name, an alias or `auto`.", "chat")],
      responses: {
        ...ok("The model.", ref("Model"), model),
        ...failing("invalid_api_key", "model_not_found"),
      },
    }),
  },
  "/v1/models/{id}/test": {
    post: operation("Models", "Test a model", "One small real request to each of its targets.", {
      ...byKey,
      parameters: [part("id", "A public name.", "chat")],
      requestBody: {
        required: false,
        ...json(
          {
            type: "object",
            properties: {
              test_message: { type: "string", maxLength: 1_000 },
              endpoint: { type: "string", enum: ["chat", "completions", "embeddings"] },
            },
          },
          { test_message: "Say hello." },
        ),
      },
      responses: {
        ...ok("How each target fared; 200 also when none answered.", ref("ModelTest"), {
          model: "chat",
          ok: true,
          targets: [{ provider: "openai", model: "gpt-4o", ok: true, latency_ms: 412, error: null }],
        }),
        ...failing(
          "invalid_request",
          "invalid_api_key",
          "model_not_allowed",
          "model_not_found",
          "rate_limit_exceeded",
        ),
      },
    }),
  },
};

function listing(description: string): Fields {
  return operation("Models", "List models", description, {
    ...byKey,
    responses: {
      ...ok("The models.", ref("Any"), { object: "list", data: [model] }),
      ...failing("invalid_api_key"),
    },
  });
}
