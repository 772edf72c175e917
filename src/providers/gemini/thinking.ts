import { isRecord } from "../../core/record.ts";
import type { Fields } from "../fields.ts";
import type { Losses } from "../losses.ts";
import type { ModelTraits } from "./model.ts";

type Effort = "none" | "minimal" | "low" | "medium" | "high";

/** Efforts beyond `high`, which is the most that Gemini knows. */
const beyond: ReadonlySet<unknown> = new Set(["xhigh", "max"]);

/** Tokens to think with, as Google's own OpenAI-compatible endpoint has it. https://ai.google.dev/gemini-api/docs/openai#thinking */
const budgets: Readonly<Record<Effort, number>> = {
  none: 0,
  minimal: 1_024,
  low: 1_024,
  medium: 8_192,
  high: 24_576,
};

/** The least that a model can think which cannot leave it. */
const leastBudget = 128;

const levels: Readonly<Record<Effort, string>> = {
  none: "minimal",
  minimal: "minimal",
  low: "low",
  medium: "medium",
  high: "high",
};
const proLevels: Readonly<Record<Effort, string>> = { ...levels, none: "low", minimal: "low" };
/** The first of the series knew two levels. */
const firstProLevels: Readonly<Record<Effort, string>> = { ...proLevels, medium: "high" };

/**
 * How much to think and whether to tell, as a `thinkingConfig`; null where nothing is to be said. What the client says in
 * Gemini's own words counts. https://ai.google.dev/gemini-api/docs/thinking
 */
export function thinkingOf(asked: unknown, own: unknown, traits: ModelTraits, losses: Losses): Fields | null {
  if (!isRecord(own)) return effortOf(asked, traits, losses);
  // A level and a budget together are refused.
  const saysHowMuch = own["thinkingLevel"] !== undefined || own["thinkingBudget"] !== undefined;
  losses.dropped("reasoning_effort", "thinking_config says how much to think", saysHowMuch && asked);
  return saysHowMuch ? own : { ...effortOf(asked, traits, losses), ...own };
}

function effortOf(asked: unknown, traits: ModelTraits, losses: Losses): Fields | null {
  if (asked === null || asked === undefined) return null;
  const effort = beyond.has(asked) ? "high" : asked;
  if (traits.thinking === null || !isEffort(effort)) {
    const because = traits.thinking === null ? "this model cannot be told how much to think" : noSuchEffort;
    losses.dropped("reasoning_effort", because, asked !== "none");
    return null;
  }
  if (effort !== asked) losses.say("reasoning_effort", "reasoning_effort sent as high: Gemini knows no more");
  const amount =
    traits.thinking === "level"
      ? { thinkingLevel: levelOf(effort, traits, losses) }
      : { thinkingBudget: budgetOf(effort, traits, losses) };
  return effort === "none" ? amount : { ...amount, includeThoughts: true };
}

const noSuchEffort = "Gemini knows none, minimal, low, medium and high";

function budgetOf(effort: Effort, { isPro }: ModelTraits, losses: Losses): number {
  if (effort !== "none" || !isPro) return budgets[effort];
  losses.say("reasoning_effort", `reasoning_effort sent as ${leastBudget} tokens: this model always thinks`);
  return leastBudget;
}

function levelOf(effort: Effort, { isPro, version }: ModelTraits, losses: Losses): string {
  const known = !isPro ? levels : version === 3 ? firstProLevels : proLevels;
  const level = known[effort];
  if (level !== effort) {
    const because = effort === "none" ? "this model always thinks" : "this model knows no such level";
    losses.say("reasoning_effort", `reasoning_effort sent as ${level}: ${because}`);
  }
  return level;
}

const isEffort = (value: unknown): value is Effort =>
  typeof value === "string" && Object.hasOwn(budgets, value);
