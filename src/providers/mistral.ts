import { openAiCompatible } from "./compatible/adapter.ts";
import { type Adjust, type Differences, none } from "./compatible/differences.ts";
import { putTextInput } from "./compatible/input.ts";
import type { Losses } from "./losses.ts";
import { mistralMessages } from "./mistral/conversation.ts";

const unknown = "Mistral does not know it";

const adjust: Adjust = (body, { endpoint, model }, losses) => {
  if (endpoint === "embeddings") return putTextInput(body, model);
  putEffort(body, losses);
  const messages = body.get("messages");
  const thinks = model.startsWith("magistral") || body.get("reasoning_effort") === "high";
  if (Array.isArray(messages)) body.set("messages", mistralMessages(messages, thinks, losses));
  return null;
};

/** Models that can reason do it or leave it. https://docs.mistral.ai/capabilities/reasoning */
function putEffort(body: Map<string, unknown>, losses: Losses): void {
  const effort = body.get("reasoning_effort");
  if (typeof effort !== "string" || effort === "none" || effort === "high") return;
  const nearest = effort === "minimal" ? "none" : "high";
  body.set("reasoning_effort", nearest);
  losses.say("reasoning_effort", `reasoning_effort sent as ${nearest}: Mistral knows none and high alone`);
}

const differences: Differences = {
  ...none,
  endpoints: ["chat", "embeddings"],
  streamOptions: false,
  drops: {
    audio: unknown,
    function_call: "Mistral knows tool_choice only",
    functions: "Mistral knows tools only",
    logit_bias: unknown,
    logprobs: unknown,
    modalities: unknown,
    prompt_cache_retention: unknown,
    safety_identifier: unknown,
    service_tier: unknown,
    store: unknown,
    top_logprobs: unknown,
    user: unknown,
    verbosity: unknown,
    web_search_options: unknown,
  },
  neutral: {
    top_logprobs: 0,
    logit_bias: {},
    modalities: ["text"],
    verbosity: "medium",
    service_tier: "auto",
  },
  most: { temperature: 1.5 },
  renames: { max_completion_tokens: "max_tokens", seed: "random_seed", dimensions: "output_dimension" },
  values: { tool_choice: { required: "any" } },
  roles: { developer: "system" },
  messageDrops: {
    refusal: unknown,
    annotations: null,
    audio: unknown,
    function_call: "Mistral knows tool_calls only",
    reasoning_details: null,
    thinking_blocks: null,
    extra_content: null,
    // OpenAI's SDK hands it back with what it has read.
    parsed: null,
  },
  adjust,
};

const silent: Differences = {
  ...differences,
  drops: { ...differences.drops, reasoning_effort: "the model does not reason" },
  neutral: { ...differences.neutral, reasoning_effort: "none" },
};

/**
 * Mistral's platform. It answers 422 to any field that it does not know, and streams usage unasked.
 *
 * https://docs.mistral.ai/api
 */
export const mistral = openAiCompatible(differences, [
  { models: /^(?:codestral|ministral|pixtral|mistral-tiny|open-)/, differences: silent },
]);
