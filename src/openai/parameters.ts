/** An endpoint that takes parameters; `answering` stands for chat and text completions alike. */
type Place = "chat" | "completions" | "embeddings";

const answering: readonly Place[] = ["chat", "completions"];
const chat: readonly Place[] = ["chat"];
const completions: readonly Place[] = ["completions"];
const embeddings: readonly Place[] = ["embeddings"];

const places = (where: readonly Place[], names: string): readonly (readonly [string, readonly Place[]])[] =>
  names.split(" ").map((name) => [name, where]);

/**
 * Where parameters have a meaning: OpenAI's own, and those of other servers that are in wide use. `max_completion_tokens` is
 * the bound of an answer by another name, so that text completions understand it too.
 */
const known: ReadonlyMap<string, readonly Place[]> = new Map([
  ...places(
    answering,
    "max_tokens max_completion_tokens temperature top_p n stop seed logit_bias presence_penalty frequency_penalty stream_options",
  ),
  ...places(answering, "top_k top_a min_p min_tokens repetition_penalty random_seed"),
  ...places(
    chat,
    "tools tool_choice parallel_tool_calls functions function_call response_format reasoning_effort verbosity modalities audio prediction top_logprobs store metadata service_tier safety_identifier prompt_cache_key prompt_cache_options prompt_cache_retention web_search_options",
  ),
  ...places(
    chat,
    "reasoning thinking thinking_budget enable_thinking enable_search safe_prompt prompt_mode chat_template_kwargs",
  ),
  ...places(completions, "best_of echo suffix"),
  ...places(embeddings, "dimensions encoding_format"),
]);

/**
 * Whether a parameter has a meaning at an endpoint. One that is known nowhere may have one anywhere.
 *
 * https://platform.openai.com/docs/api-reference
 */
export function hasMeaning(endpoint: Place, name: string, value: unknown): boolean {
  // Chat asks for log probabilities by a boolean, text completions by a number.
  if (name === "logprobs")
    return endpoint !== "embeddings" && typeof value === (endpoint === "chat" ? "boolean" : "number");
  return known.get(name)?.includes(endpoint) ?? true;
}
