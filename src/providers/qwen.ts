import { openAiCompatible } from "./compatible/adapter.ts";
import { none } from "./compatible/differences.ts";

const ignored = "DashScope ignores it";

/**
 * Alibaba's DashScope in compatible mode. It ignores what it does not know, and its 429 `insufficient_quota` is a rate limit.
 *
 * https://www.alibabacloud.com/help/en/model-studio/qwen-api-via-openai-chat-completions
 */
export const qwen = openAiCompatible({
  ...none,
  drops: {
    function_call: "DashScope knows tool_choice only",
    functions: "DashScope knows tools only",
    logit_bias: ignored,
    prediction: ignored,
    verbosity: ignored,
    web_search_options: ignored,
  },
  renames: { max_completion_tokens: "max_tokens" },
  roles: { developer: "system" },
  meaning: { insufficient_quota: "rate_limited" },
});
