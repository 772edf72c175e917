import { complain, must } from "../complaint.ts";
import type { Turn } from "./conversation.ts";
import type { MessagesRequest } from "./shape.ts";

/** Newer models sample one way or the other, the newest only their own. */
export function checkSampling({ model, temperature, top_p: topP, top_k: topK }: MessagesRequest): void {
  const version = versionOf(model);
  if (version >= 4.5)
    must(
      temperature === undefined || topP === undefined,
      "`temperature` and `top_p` cannot both be specified for this model. Please use only one.",
    );
  if (version < 4.7) return;
  must(temperature === undefined || temperature === 1, "`temperature` is deprecated for this model.");
  must(topP === undefined || topP >= 0.99, "`top_p` is deprecated for this model.");
  must(topK === undefined, "`top_k` is deprecated for this model.");
}

/** What thinking excludes, and the thought that the last assistant turn of a tool loop begins with. */
export function checkThinking(request: MessagesRequest, turns: readonly Turn[]): void {
  const {
    thinking,
    max_tokens: maxTokens,
    temperature,
    top_p: topP,
    top_k: topK,
    tool_choice: choice,
  } = request;
  const last = turns.findLastIndex(({ role }) => role === "assistant");
  if (thinking === undefined || thinking.type === "disabled") {
    const thought = isLoop(turns) && turns[last]?.content.some(({ type }) => type === "thinking");
    must(
      thought !== true,
      `messages.${last}.content.0: When thinking is disabled, an \`assistant\` message in the final position cannot contain \`thinking\`. To use thinking blocks, enable \`thinking\` in your request.`,
    );
    return;
  }
  must(
    temperature === undefined || temperature === 1,
    "`temperature` may only be set to 1 when thinking is enabled or in adaptive mode.",
  );
  must(
    topP === undefined || topP >= 0.95,
    "`top_p` must be greater than or equal to 0.95 or unset when thinking is enabled or in adaptive mode.",
  );
  must(topK === undefined, "`top_k` must be unset when thinking is enabled or in adaptive mode.");
  must(
    choice?.type !== "any" && choice?.type !== "tool",
    "Thinking may not be enabled when tool_choice forces tool use.",
  );
  if (thinking.type === "adaptive") return;
  must(thinking.budget_tokens < maxTokens, "`max_tokens` must be greater than `thinking.budget_tokens`.");
  if (last < turns.length - 1 && !isLoop(turns)) return;
  // All steps of a loop are one turn of the assistant, and only the first has to be thought of.
  const at = 1 + turns.findLastIndex(({ role, content }) => role === "user" && !isResults(content));
  const first = turns[at]?.content[0]?.type;
  if (first !== "thinking" && first !== "redacted_thinking")
    complain(
      `messages.${at}.content.0.type: Expected \`thinking\` or \`redacted_thinking\`, but found \`${first}\`. When \`thinking\` is enabled, a final \`assistant\` message must start with a thinking block (preceeding the lastmost set of \`tool_use\` and \`tool_result\` blocks).`,
    );
}

/** Whether tool results are what the model has to answer. */
const isLoop = (turns: readonly Turn[]): boolean => isResults(turns.at(-1)?.content ?? []);
const isResults = (content: Turn["content"]): boolean => content[0]?.type === "tool_result";

/** What a model can at all. */
export function checkModel(
  { model, max_tokens: maxTokens, thinking, output_config: output }: MessagesRequest,
  turns: readonly Turn[],
): void {
  const most = ceilingOf(model);
  must(
    maxTokens <= most,
    `max_tokens: ${maxTokens} > ${most}, which is the maximum allowed number of output tokens for ${model}`,
  );
  const version = versionOf(model);
  must(
    version >= 4.5 || (output?.effort ?? null) === null,
    "This model does not support the effort parameter.",
  );
  must(version >= 4.6 || thinking?.type !== "adaptive", "adaptive thinking is not supported on this model");
  must(
    version < 4.7 || thinking?.type !== "enabled",
    '"thinking.type.enabled" is not supported for this model. Use "thinking.type.adaptive" and "output_config.effort" to control thinking behavior.',
  );
  must(version >= 3.7 || thinking === undefined, `"${model}" does not support thinking.`);
  must(
    version < 4.6 || turns.at(-1)?.role === "user",
    "This model does not support assistant message prefill. The conversation must end with a user message.",
  );
}

/** 4.5 for `claude-sonnet-4-5-20250929`, 3.5 for `claude-3-5-haiku-20241022`, 4 for `claude-sonnet-4-20250514`. */
export function versionOf(model: string): number {
  const [, before, , major, minor] =
    /^claude-(?:(\d+(?:-\d)?)-)?([a-z]+)(?:-(\d+)(?:-(\d{1,2}))?(?!\d))?/.exec(model) ?? [];
  if (before !== undefined) return Number(before.replace("-", "."));
  return Number(`${major ?? 0}.${minor ?? 0}`);
}

function ceilingOf(model: string): number {
  const version = versionOf(model);
  if (version < 3.5) return 4_096;
  if (version < 3.7) return 8_192;
  if (version < 4.5 && model.includes("opus")) return 32_000;
  return version < 4.6 ? 64_000 : 128_000;
}
