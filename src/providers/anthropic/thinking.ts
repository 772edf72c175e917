import { isRecord } from "../../core/record.ts";
import type { Params } from "../../domain/snapshot.ts";
import type { Fields } from "../fields.ts";
import type { Losses } from "../losses.ts";
import type { ModelTraits } from "./model.ts";
import { isForced, type Tooling } from "./tools.ts";
import type { Turn } from "./turns.ts";

/** Whether and how hard the model thinks. */
export interface Thinking {
  readonly isOn: boolean;
  /** The field `thinking`; null leaves it to the model. */
  readonly field: Fields | null;
  /** `output_config.effort`. */
  readonly effort: string | null;
}

/** Tokens of thought for each of OpenAI's efforts. */
const budgets: Readonly<Record<string, number>> = { low: 1_024, medium: 8_192, high: 24_576, xhigh: 32_768 };
/** The API takes no less. */
const leastBudget = 1_024;

const off: Thinking = { isOn: false, field: null, effort: null };

/**
 * Reads `reasoning_effort`, or Anthropic's own `thinking`, which wins. What the API would refuse together is not asked
 * for: a forced tool, a prefilled answer, and calls under way that were not thought of by Claude.
 *
 * https://docs.claude.com/en/docs/build-with-claude/extended-thinking
 */
export function thinkingOf(
  params: Params,
  traits: ModelTraits,
  maxTokens: number,
  conversation: { readonly turns: readonly Turn[]; readonly tooling: Tooling },
  losses: Losses,
): Thinking {
  const own = params["thinking"];
  const effort = params["reasoning_effort"];
  const param = isRecord(own) ? "thinking" : "reasoning_effort";
  const wanted = isRecord(own) ? asSaid(own) : asEffort(effort, traits, maxTokens, losses);
  if (!wanted.isOn) return wanted;
  const obstacle = obstacleIn(conversation.turns, conversation.tooling);
  if (obstacle === null) return wanted;
  losses.dropped(param, obstacle, true);
  return off;
}

const asSaid = (own: Fields): Thinking => ({
  isOn: own["type"] === "enabled" || own["type"] === "adaptive",
  field: own,
  effort: null,
});

function asEffort(effort: unknown, traits: ModelTraits, maxTokens: number, losses: Losses): Thinking {
  if (typeof effort !== "string") return off;
  if (traits.thinking === "none") {
    losses.dropped("reasoning_effort", "this model does not think", effort !== "none");
    return off;
  }
  if (effort === "none" || effort === "minimal") return { ...off, field: { type: "disabled" } };
  const budget = budgets[effort];
  if (budget === undefined) {
    losses.dropped("reasoning_effort", "it is none of none, minimal, low, medium, high, xhigh", true);
    return off;
  }
  if (traits.thinking === "adaptive") {
    const field = { type: "adaptive", ...(traits.hidesThinking ? { display: "summarized" } : {}) };
    return { isOn: true, field, effort: effort === "xhigh" ? (traits.xhigh ?? "high") : effort };
  }
  // Thoughts are paid out of max_tokens; a fifth is left for the answer.
  const affordable = Math.min(budget, Math.floor(maxTokens * 0.8));
  if (affordable >= leastBudget) {
    return { isOn: true, field: { type: "enabled", budget_tokens: affordable }, effort: null };
  }
  losses.dropped(
    "reasoning_effort",
    `with max_tokens ${maxTokens} there is no room for ${leastBudget} tokens of thought`,
    true,
  );
  return off;
}

function obstacleIn(turns: readonly Turn[], tooling: Tooling): string | null {
  if (isForced(tooling)) return "Anthropic does not think where a tool is forced";
  if (turns.at(-1)?.role === "assistant") return "Anthropic does not think where the answer is begun already";
  return isUnthought(turns)
    ? "the tool calls under way were made without thoughts that Claude has signed"
    : null;
}

/** Whether calls are being answered, in a run of turns that began without a thought. */
function isUnthought(turns: readonly Turn[]): boolean {
  const asked = turns.findLastIndex(
    ({ role, blocks }) => role === "user" && !blocks.some((block) => block["type"] === "tool_result"),
  );
  const first = turns.slice(asked + 1).find(({ role }) => role === "assistant");
  return first !== undefined && !isThought(first.blocks[0]);
}

/** Whether a block is one of thinking, readable or not. */
export const isThought = (block: Fields | undefined): boolean =>
  block?.["type"] === "thinking" || block?.["type"] === "redacted_thinking";
