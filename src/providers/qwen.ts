import { openAiCompatible } from "./compatible/adapter.ts";
import { type Adjust, type Differences, none } from "./compatible/differences.ts";
import { putTextInput } from "./compatible/input.ts";
import { withCompletions } from "./completions.ts";

const ignored = "DashScope ignores it";

const differences: Differences = {
  ...none,
  drops: {
    function_call: "DashScope knows tool_choice only",
    functions: "DashScope knows tools only",
    logit_bias: ignored,
    prediction: ignored,
    verbosity: ignored,
    web_search_options: ignored,
  },
  neutral: { logit_bias: {}, verbosity: "medium" },
  // Less than 2.
  most: { temperature: 1.99 },
  renames: { max_completion_tokens: "max_tokens" },
  roles: { developer: "system" },
  meaning: { insufficient_quota: "rate_limited" },
  adjust: (body, { endpoint, model }) => (endpoint === "embeddings" ? putTextInput(body, model) : null),
};

/** These think or do not, and the older ones think aloud in streams alone. An effort can only be all or nothing. */
const putThinking: Adjust = (body, { stream }, losses) => {
  const effort = body.get("reasoning_effort");
  if (typeof effort !== "string" || body.has("enable_thinking")) return null;
  body.delete("reasoning_effort");
  if (effort === "none" || stream) body.set("enable_thinking", effort !== "none");
  if (effort === "none") return null;
  losses.say(
    "reasoning_effort",
    stream
      ? "reasoning_effort sent as enable_thinking: DashScope knows no degrees of it"
      : "reasoning_effort dropped: the model thinks in streams alone",
  );
  return null;
};

/** The open models think unless told not to, and refuse what is no stream until they are. */
const putOpenThinking: Adjust = (body, request, losses) => {
  const refused = putThinking(body, request, losses);
  if (request.stream || body.get("enable_thinking") === false) return refused;
  if (body.get("enable_thinking") === true)
    losses.say("enable_thinking", "enable_thinking sent as false: the model thinks in streams alone");
  body.set("enable_thinking", false);
  return refused;
};

/**
 * Alibaba's DashScope in compatible mode. It ignores what it does not know, and its 429 `insufficient_quota` is a rate limit.
 *
 * https://www.alibabacloud.com/help/en/model-studio/qwen-api-via-openai-chat-completions
 */
export const qwen = withCompletions(
  openAiCompatible(differences, [
    { models: /^qwen3-\d+(?:\.\d+)?b(?:-a\d+b)?$/, differences: { ...differences, adjust: putOpenThinking } },
    { models: /^qwen-(?:plus|flash|turbo)\b/, differences: { ...differences, adjust: putThinking } },
  ]),
  // https://www.alibabacloud.com/help/en/model-studio/qwen-coder
  ({ model }) => model.includes("coder"),
);
