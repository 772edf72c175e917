import { openAiCompatible } from "./compatible/adapter.ts";
import { none } from "./compatible/differences.ts";

const unknown = "Mistral does not know it";

/**
 * Mistral's platform. It answers 422 to any field that it does not know, and streams usage unasked.
 *
 * https://docs.mistral.ai/api
 */
export const mistral = openAiCompatible({
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
  renames: { max_completion_tokens: "max_tokens", seed: "random_seed", dimensions: "output_dimension" },
  values: { tool_choice: { required: "any" } },
  roles: { developer: "system" },
  messageDrops: {
    refusal: unknown,
    annotations: null,
    audio: unknown,
    function_call: "Mistral knows tool_calls only",
    reasoning_content: null,
    reasoning: null,
  },
});
