import type { Fields } from "./words.ts";

const nullable = (type: string, description = ""): Fields => ({
  type,
  nullable: true,
  ...(description === "" ? {} : { description }),
});
const number: Fields = { type: "number" };
const string: Fields = { type: "string" };
const object = (properties: Fields, description = ""): Fields => ({
  type: "object",
  required: Object.keys(properties),
  properties,
  ...(description === "" ? {} : { description }),
});
const percentiles = object({ p50: nullable("number"), p95: nullable("number"), p99: nullable("number") });

/** What requests and answers are made of. OpenAI's own objects are OpenAI's to describe: unknown fields pass. */
export const schemas: Fields = {
  Error: object({
    error: object({
      message: { ...string, description: "What was found, and what would be right." },
      type: string,
      code: nullable("string"),
      param: nullable("string", "The field at fault."),
    }),
  }),
  ChatRequest: {
    ...object(
      { messages: { type: "array", items: { type: "object" } } },
      "OpenAI's request; fields that it does not have survive to providers that take them.",
    ),
    properties: {
      model: {
        ...string,
        description: "A public name of routes.yaml, an alias, or `auto`; without it `default_model`.",
      },
      messages: { type: "array", items: { type: "object" }, minItems: 1 },
      stream: { type: "boolean" },
      stream_options: { type: "object", properties: { include_usage: { type: "boolean" } } },
      max_tokens: { type: "integer", minimum: 1 },
      max_completion_tokens: { type: "integer", minimum: 1 },
      n: { type: "integer", minimum: 1, maximum: 128 },
      user: string,
      tools: { type: "array", items: { type: "object" } },
      response_format: { type: "object" },
    },
    additionalProperties: true,
  },
  CompletionRequest: {
    type: "object",
    properties: {
      model: string,
      prompt: {},
      stream: { type: "boolean" },
      max_tokens: { type: "integer", minimum: 0 },
    },
    additionalProperties: true,
  },
  EmbeddingRequest: {
    type: "object",
    required: ["input"],
    properties: {
      model: string,
      input: {},
      dimensions: { type: "integer" },
      encoding_format: { type: "string", enum: ["float", "base64"] },
    },
    additionalProperties: true,
  },
  Answer: { type: "object", description: "OpenAI's answer.", additionalProperties: true },
  Model: object({
    id: string,
    object: { type: "string", enum: ["model"] },
    created: { type: "integer" },
    owned_by: string,
  }),
  ModelTest: object({
    model: string,
    ok: { type: "boolean", description: "Whether any target answered." },
    targets: {
      type: "array",
      items: object({
        provider: string,
        model: string,
        ok: { type: "boolean" },
        latency_ms: nullable("number"),
        error: { type: "object", nullable: true },
      }),
    },
  }),
  Health: object({
    status: { type: "string", enum: ["ok", "degraded", "draining"] },
    generation: number,
    digest: string,
    degraded: nullable("string", "Why what serves is not what the source says."),
    uptime_s: number,
    in_flight: number,
    providers: { type: "array", items: { type: "object" } },
  }),
  Tally: object(
    {
      requests: number,
      errors: { ...number, description: "Served requests that failed." },
      refused: {
        ...number,
        description: "Our own 4xx, 429 and 503, and an upstream's 4xx that is the caller's fault.",
      },
      cancelled: number,
      fallbacks: number,
      unpriced: number,
      tokens: object({
        prompt: nullable("number"),
        cached: nullable("number"),
        completion: nullable("number"),
        reasoning: nullable("number"),
        total: nullable("number"),
      }),
      cost_usd: nullable("number", "The sum of what is known."),
      success_rate: nullable("number"),
      latency_ms: percentiles,
      ttft_ms: percentiles,
    },
    "What is unknown is null, never 0.",
  ),
  Done: object({ message: string, status: { type: "object" } }),
  Any: { type: "object", additionalProperties: true },
};
